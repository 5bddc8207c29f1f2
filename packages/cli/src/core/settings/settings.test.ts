import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { credentialsFolder } from "./credentials.ts";
import { grpcTarget, readSettings } from "./settings.ts";

let home: Awaited<ReturnType<typeof mkdtempDisposable>>;

beforeEach(async () => {
  home = await mkdtempDisposable(join(tmpdir(), "berth-settings-"));
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

function env(more: Record<string, string> = {}): Record<string, string> {
  return { HOME: home.path, BERTH_DATA_DIR: join(home.path, "data"), ...more };
}

function write(path: string, text: string, mode = 0o600): void {
  const file = join(home.path, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

function configure(values: unknown, mode?: number): void {
  write(".config/berth/config.json", JSON.stringify(values), mode);
}

const remote = "https://berth.example";

it("talks to this machine without any settings", () => {
  expect(readSettings(env())).toMatchObject({ url: "http://127.0.0.1:7400", token: null });
});

it("trusts the authority of the flag, then of BERTH_CA, then of the file, if that means the same server", () => {
  configure({ url: remote, token: "t", ca: "/kept.crt" });
  expect(readSettings(env()).ca).toBe("/kept.crt");
  expect(readSettings(env(), { url: "https://other.example" }).ca).toBeNull();
  const told = env({ BERTH_CA: "/told.crt" });
  expect(readSettings(told).ca).toBe("/told.crt");
  expect(readSettings(told, { ca: "/given.crt" }).ca).toBe("/given.crt");
});

it("knows the authority of this machine's own server, and of no other", () => {
  expect(readSettings(env(), { url: "https://localhost:7400" }).ownCa).toBe(
    join(home.path, "data/pki/ca.crt"),
  );
  expect(readSettings(env(), { url: remote }).ownCa).toBeNull();
});

it("prefers the flag to the environment, the environment to the file", () => {
  configure({ url: remote, token: "file" });
  expect(readSettings(env())).toMatchObject({ url: remote, token: "file" });
  const both = env({ BERTH_URL: "https://other.example", BERTH_TOKEN: "env" });
  expect(readSettings(both)).toMatchObject({ url: "https://other.example", token: "env" });
  expect(readSettings(both, { url: "https://third.example" }).url).toBe("https://third.example");
  expect(readSettings(env({ BERTH_URL: "", BERTH_TOKEN: "" }))).toMatchObject({ url: remote, token: "file" });
});

it("honours XDG_CONFIG_HOME", () => {
  write("xdg/berth/config.json", JSON.stringify({ token: "there" }));
  expect(readSettings(env({ XDG_CONFIG_HOME: join(home.path, "xdg") })).token).toBe("there");
});

it.each(["https://evil.example", "https://berth.example:8443", "http://berth.example"])(
  "keeps the file's token from %s",
  (url) => {
    configure({ url: remote, token: "file" });
    expect(readSettings(env(), { url }).token).toBeNull();
  },
);

it.each([
  ["http://127.0.0.1:7400", "admin"],
  ["http://localhost:9000", "admin"],
  ["http://[::1]:9000", "admin"],
  ["http://127.0.0.1.evil.example", null],
  ["http://10.0.0.1:7400", null],
])("shows the admin token of this machine to %s: %s", (url, token) => {
  write("data/admin-token", "admin\n");
  expect(readSettings(env(), { url }).token).toBe(token);
});

it.each([0o644, 0o604, 0o602])("refuses a token that others may read or change (mode %o)", (mode) => {
  configure({ token: "secret" }, mode);
  expect(() => readSettings(env())).toThrow(/^Cannot use the token in .*: run chmod 600$/);
});

it("takes a file without a token that others may read, and one with a token for the group", () => {
  configure({ url: remote }, 0o644);
  expect(readSettings(env()).url).toBe(remote);
  configure({ url: remote, token: "t" }, 0o640);
  expect(readSettings(env()).token).toBe("t");
});

it("names all that is wrong with the file, and never what is in it", () => {
  configure({ tokn: "secret", url: 7 });
  expect(() => readSettings(env())).toThrow(/"tokn" is unknown.*; "url" must be a text/);
  write(".config/berth/config.json", '{"token": "secret"');
  expect(() => readSettings(env())).toThrow(/^Cannot read ".*": it is not JSON$/);
  write(".config/berth/config.json", '["secret"]');
  expect(() => readSettings(env())).toThrow(/must be a JSON object/);
});

it("speaks gRPC to this host where there is a certificate and nothing that leads to REST", () => {
  const target = (more?: Record<string, string>, url?: string) => grpcTarget(env(more), { url });
  expect(target()).toBeNull();
  for (const name of ["ca.crt", "client.crt", "client.key"]) write(`.berth/creds/${name}`, "x");
  expect(target()).toBe("localhost");
  expect(target({}, "http://10.0.0.1:7400")).toBeNull();
  expect(target({ BERTH_URL: "http://10.0.0.1:7400" })).toBeNull();
  expect(target({ BERTH_TOKEN: "berth_x" })).toBeNull();
  expect(target({ BERTH_GRPC: "far:1" })).toBe("far:1");
  configure({ grpc: "near:2" });
  expect(target()).toBe("near:2");
});

it("never takes the token that lies on this host where credentials were given", () => {
  write("data/admin-token", "local");
  expect(grpcTarget(env(), {})).toBeNull();
  write(".berth/creds/client.crt", "");
  expect(grpcTarget(env(), {})).toBe("localhost");
  // Also where they cannot be read: the sentence that says so is better than being somebody else.
  expect(grpcTarget(env({ HOME: "/nonexistent", BERTH_CLIENT_CRED_LOCATION: "/typing-error" }), {})).toBe(
    "localhost",
  );
  expect(grpcTarget(env({ BERTH_TOKEN: "given" }), {})).toBeNull();
});

it("finds certificates where the original design had them, unless there are newer ones", () => {
  expect(credentialsFolder(env())).toEqual({ path: join(home.path, ".berth/creds"), note: null });
  write(".cu-thor/creds/client.crt", "");
  expect(credentialsFolder(env())).toEqual({
    path: join(home.path, ".cu-thor/creds"),
    note: expect.stringContaining("their place is now") as string,
  });
  expect(grpcTarget(env(), {})).toBe("localhost");
  write(".berth/creds/client.crt", "");
  expect(credentialsFolder(env()).path).toBe(join(home.path, ".berth/creds"));
});
