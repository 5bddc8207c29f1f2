import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLookups } from "../../src/engines/local/resolver/lookups.ts";
import {
  type AdmittedJob,
  Resolver,
  type ResolverOptions,
} from "../../src/engines/local/resolver/resolver.ts";
import { RCODE } from "../../src/lib/dns/message.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { answerTo, playNameServer } from "./play-name-server.ts";
import { queryOf, read } from "./resolver-bench.ts";

async function open(folder: string, options: Partial<ResolverOptions> = {}) {
  const problems: string[] = [];
  const resolver = await Resolver.open({
    address: "127.0.0.1",
    port: 0,
    sets: { program: "/bin/false", table: "none" },
    threadFile: new URL("recording-thread.ts", import.meta.url),
    // Nobody is there to be asked, and everybody who asks is told so at once.
    resolvConf: join(folder, "resolv.conf"),
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  const job: AdmittedJob = {
    address: "127.0.0.1",
    link: "b7-1",
    hasV6: true,
    digest: "one",
    lookups: join(folder, "lookups"),
    rules: { domains: ["granted.org"], named: [], resolvers: [] },
  };
  return { resolver, problems, job };
}

/** Asks from one socket until it is answered, as the stub of a C library does. */
async function ask(port: number, name: string, from = "127.0.0.1"): Promise<number | undefined> {
  const socket = createSocket("udp4");
  socket.bind(0, from);
  try {
    const answer = once(socket, "message") as Promise<[Buffer]>;
    let told: Buffer | null = null;
    void answer.then(([bytes]) => (told = bytes));
    await until(
      () => {
        if (told === null) socket.send(queryOf(name), port, "127.0.0.1");
        return told !== null;
      },
      { what: "an answer" },
    );
    return read(told).rcode;
  } finally {
    socket.close();
  }
}

describe("the resolver's thread", () => {
  it("answers the jobs that are admitted, by their rules, and notes what they asked in their files", async () => {
    await using folder = tempFolder();
    const { resolver, job } = await open(folder.path);
    await resolver.admit(job);
    expect(await ask(resolver.port, "other.org")).toBe(RCODE.refused);
    expect(await ask(resolver.port, "granted.org")).toBe(RCODE.failed);
    await resolver.admit({ ...job, digest: "two", rules: { ...job.rules, domains: ["other.org"] } });
    expect(await ask(resolver.port, "granted.org")).toBe(RCODE.refused);
    await resolver.flush(job.address);
    const noted = readLookups(readFileSync(job.lookups, "utf8"));
    await resolver[Symbol.asyncDispose]();
    expect(noted.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["other.org", "not-granted"],
      ["granted.org", "failed"],
      ["granted.org", "not-granted"],
    ]);
  });

  it("answers nobody who was not admitted, and nobody any more who is dismissed", async () => {
    await using folder = tempFolder();
    const { resolver, job } = await open(folder.path);
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.2");
    await once(socket, "listening");
    let answers = 0;
    socket.on("message", () => (answers += 1));
    // What one asks after another is answered after the other.
    const asksBefore = async (from: string): Promise<void> => {
      await new Promise((sent) => socket.send(queryOf("granted.org"), resolver.port, "127.0.0.1", sent));
      await ask(resolver.port, "granted.org", from);
    };
    await resolver.admit(job);
    await asksBefore("127.0.0.1");
    await resolver.admit({ ...job, address: "127.0.0.2" });
    await ask(resolver.port, "granted.org", "127.0.0.1");
    await resolver.dismiss("127.0.0.2");
    await resolver.admit({ ...job, address: "127.0.0.3" });
    await asksBefore("127.0.0.3");
    expect(answers).toBe(0);
    socket.close();
    await resolver[Symbol.asyncDispose]();
  });

  it("opens before it answers, by whoever does that", async () => {
    await using folder = tempFolder();
    await using others = await playNameServer((one) => [
      answerTo(one, { records: [{ name: one.name, type: "A", data: "1.1.1.1" }] }),
    ]);
    writeFileSync(join(folder.path, "resolv.conf"), `nameserver ${others.address}\n`);
    const { resolver, job, problems } = await open(folder.path, { hostServersPort: others.port });
    await resolver.admit({ ...job, link: "no-table" });
    expect(await ask(resolver.port, "granted.org")).toBe(RCODE.failed);
    const goOn = join(folder.path, "go-on");
    await resolver.admit({ ...job, link: goOn });
    let told: number | undefined;
    const answer = ask(resolver.port, "granted.org").then((rcode) => (told = rcode));
    const opening = `opening 1.1.1.1 for ${goOn}, 90000 ms`;
    await until(() => problems.includes(opening), { what: "the opening" });
    // An admission goes the same way as the answer would: had there been one, it would have come before this.
    await resolver.admit({ ...job, address: "127.0.0.9" });
    expect(told).toBeUndefined();
    writeFileSync(goOn, "");
    await answer;
    expect(told).toBe(RCODE.fine);
    await resolver[Symbol.asyncDispose]();
  });

  it("hears who was admitted before it hears what that one asks, and says that something was asked", async () => {
    await using folder = tempFolder();
    const threadFile = new URL("late-thread.ts", import.meta.url);
    const { resolver, job } = await open(folder.path, { threadFile });
    const socket = createSocket("udp4");
    socket.bind(0, job.address);
    const answer = once(socket, "message") as Promise<[Buffer]>;
    await resolver.admit(job);
    expect(resolver.mayHaveAsked(job.address)).toBe(false);
    // Once: nobody asks again for a job that was not known yet.
    socket.send(queryOf("other.org"), resolver.port, "127.0.0.1");
    expect(read((await answer)[0]).rcode).toBe(RCODE.refused);
    expect(resolver.mayHaveAsked(job.address)).toBe(true);
    socket.close();
    await resolver[Symbol.asyncDispose]();
  });

  it("does not know of a job that an earlier server has started whether it has asked", async () => {
    await using folder = tempFolder();
    const { resolver, job } = await open(folder.path);
    expect(resolver.mayHaveAsked(job.address)).toBe(true);
    await resolver.admit({ ...job, isTakenUp: true });
    expect(resolver.mayHaveAsked(job.address)).toBe(true);
    await resolver[Symbol.asyncDispose]();
  });

  it("says that it cannot listen", async () => {
    await using folder = tempFolder();
    await expect(open(folder.path, { address: "192.0.2.1" })).rejects.toThrow(/EADDRNOTAVAIL/);
    const { resolver } = await open(folder.path);
    await expect(open(folder.path, { port: resolver.port })).rejects.toThrow(/EADDRINUSE/);
    await resolver[Symbol.asyncDispose]();
  });

  it("goes on answering those who were admitted after it has died, and whoever came meanwhile", async () => {
    await using folder = tempFolder();
    const threadFile = new URL("mortal-thread.ts", import.meta.url);
    const { resolver, job, problems } = await open(folder.path, { threadFile });
    await resolver.admit(job);
    await ask(resolver.port, "other.org");
    // What was not written by then is lost with it.
    await resolver.flush(job.address);
    writeFileSync(join(folder.path, "die"), "");
    await until(() => problems.length > 0, { what: "the end of the thread" });
    await resolver.admit({ ...job, address: "127.0.0.9", digest: "two" });
    expect(problems).toEqual([
      "The thread that answers jobs which ask for names is started again: Error: dying as told",
    ]);
    expect(await ask(resolver.port, "granted.org")).toBe(RCODE.failed);
    await resolver[Symbol.asyncDispose]();
    const noted = readLookups(readFileSync(job.lookups, "utf8"));
    expect(noted.map(({ name }) => name)).toEqual(["other.org", "granted.org"]);
  });
});
