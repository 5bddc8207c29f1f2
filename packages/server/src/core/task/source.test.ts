import type { RunnerSpec } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { knownHostsFile, sourceOf } from "./source.ts";

const url = "https://git.example.org/a.git";
const token = { token: { secret: "git" } };
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB";
const sshKey = { sshKey: { secret: "deploy" }, knownHosts: `host.example ${key}` };

describe("where a runner's code comes from", () => {
  it("is nowhere where it names no repository", () => {
    expect(sourceOf({ network: "internet" })).toEqual({ source: null });
  });

  it("is branch main, for half a minute, to 1 GiB, where it says no more", () => {
    expect(sourceOf({ url })).toEqual({
      source: {
        url,
        ref: "main",
        credentials: null,
        shown: null,
        ca: null,
        network: null,
        mostBytes: 2 ** 30,
        refreshMs: 30_000,
        submodules: false,
        commit: null,
      },
    });
  });

  it("is what it says", () => {
    const spec: RunnerSpec = {
      url,
      ref: "v1",
      subdir: "a/b",
      network: "office",
      ca: "x",
      refresh: "0s",
      sourceLimit: "10MiB",
      submodules: true,
      credentials: { token: { secret: "git", key: "word" }, username: "bot" },
    };
    expect(sourceOf(spec)).toEqual({
      source: {
        url,
        ref: "v1",
        credentials: { kind: "token", secret: "git", key: "word", user: "bot" },
        shown: null,
        ca: "x",
        network: "office",
        mostBytes: 10 * 2 ** 20,
        refreshMs: 0,
        submodules: true,
        commit: null,
      },
    });
  });

  it("is shown a token as user git, or an ssh key to the hosts that are known, by the keys that secrets mostly have", () => {
    const credentialsOf = (spec: RunnerSpec) => {
      const read = sourceOf(spec);
      return "source" in read ? read.source?.credentials : read.problems;
    };
    expect(credentialsOf({ url, credentials: token })).toEqual({
      kind: "token",
      secret: "git",
      key: "token",
      user: "git",
    });
    expect(credentialsOf({ url: "ssh://git@host.example/a.git", credentials: sshKey })).toEqual({
      kind: "ssh",
      secret: "deploy",
      key: "key",
      knownHosts: `host.example ${key}`,
    });
  });

  it("is fetched as the public is where its jobs reach nothing", () => {
    expect(sourceOf({ url, network: "none" })).toMatchObject({ source: { network: null } });
  });

  it.each<[RunnerSpec, string]>([
    [{ ref: "main" }, "spec.ref must not be given without `url`"],
    [{ credentials: token }, "spec.credentials must not be given without `url`"],
    [{ ca: "x" }, "spec.ca must not be given without `url`"],
    [{ url: "http://git.example.org/a.git", ca: "x" }, "spec.ca must not be given: `url` is"],
    [{ url: "git@host:a", credentials: sshKey, ca: "x" }, "spec.ca must not be given: `url` is"],
    [{ url: "file:///etc" }, "spec.url must be like"],
    [{ url, ref: "--upload-pack=x" }, "spec.ref must be a branch"],
    [{ url, subdir: "../x" }, "spec.subdir must be a relative path"],
    [{ url, subdir: "/x" }, "spec.subdir must be a relative path"],
    [{ url, credentials: sshKey }, "spec.credentials must be a `token`"],
    [{ url: "git@host:a" }, "spec.credentials must be an `sshKey`"],
    [{ url: "git@host:a", credentials: token }, "spec.credentials must be an `sshKey`"],
    [
      { url: "git@host:a", credentials: { ...sshKey, knownHosts: "host" } },
      "spec.credentials.knownHosts must be lines",
    ],
    [
      { url: "git@host:a", credentials: { ...sshKey, knownHosts: "# nothing" } },
      "spec.credentials.knownHosts must be lines",
    ],
  ])("cannot be %j", (spec, why) => {
    const read = sourceOf(spec);
    const problems = "problems" in read ? read.problems : [];
    expect(problems.map(({ field, message }) => `${field} ${message}`)).toEqual([
      expect.stringContaining(why) as string,
    ]);
  });

  it("tells all that is wrong at once", () => {
    const read = sourceOf({ url: "ext::sh", ref: "-x", subdir: ".." });
    expect("problems" in read && read.problems.map(({ field }) => field)).toEqual([
      "spec.url",
      "spec.ref",
      "spec.subdir",
    ]);
  });
});

it("writes the file by which ssh knows a host, for keys alone too", () => {
  const at = { host: "host.example", port: 2222 };
  expect(knownHostsFile(`# of the host\r\n${key}\n`, at)).toBe(`[host.example]:2222 ${key}\n`);
  expect(knownHostsFile(key, { ...at, port: 22 })).toBe(`host.example ${key}\n`);
  expect(knownHostsFile(`other,10.0.0.1  ${key}`, at)).toBe(`other,10.0.0.1 ${key}\n`);
});
