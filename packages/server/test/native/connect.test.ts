import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { patiently } from "../support/patience.ts";
import { until } from "../support/until.ts";
import { NativePlace } from "./native-place.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: ways to a port of a job, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose]());

const PORT = 8000;
const ECONNREFUSED = 111;

/** Sends back what comes, to any number of clients at once. Arguments: where it listens, and whether it keeps what others close. */
const echo = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6); $| = 1; $SIG{CHLD} = 'IGNORE';
my $six = $ARGV[0] =~ /:/; my $family = $six ? AF_INET6 : AF_INET; my $own = inet_pton($family, $ARGV[0]);
socket(my $socket, $family, SOCK_STREAM, 0) or die; setsockopt($socket, 41, 26, 1) if $six;
bind($socket, $six ? pack_sockaddr_in6(${PORT}, $own) : pack_sockaddr_in(${PORT}, $own)) or die "bind: $!";
listen($socket, 128); print "up\n";
while (1) { accept(my $other, $socket) or next; next if fork; while (sysread $other, my $part, 65536) {
  my $at = 0; while ($at < length $part) { $at += syswrite($other, $part, length($part) - $at, $at) or exit } } sleep 1000 if $ARGV[1]; exit }
`;

async function listening(address = "127.0.0.1", ...more: string[]): Promise<NativePlace> {
  if (!host) throw new Error("skipped");
  const place = new NativePlace(host);
  place.send("warm\n");
  await place.hears("r");
  place.give({ argv: ["/usr/bin/perl", "-e", echo, address, ...more] });
  await place.shows("up");
  return place;
}

let asked = 0;
const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** Sends the line that asks for a way to that port, and listens as the server does. */
async function send(place: NativePlace, port = PORT): Promise<Server> {
  asked += 1;
  const number = asked;
  const server = createServer({ allowHalfOpen: true });
  servers.push(server.listen(join(place.folder, `connect-${number}`)));
  await once(server, "listening");
  place.send(`connect\t${number}\t${port}\n`);
  return server;
}

/** The way that is made then. What comes first is its answer. */
async function ask(place: NativePlace, port = PORT): Promise<Socket> {
  const [socket] = (await once(await send(place, port), "connection", {
    signal: AbortSignal.timeout(patiently(60_000)),
  })) as [Socket];
  return socket.on("error", () => undefined);
}

async function answerOf(socket: Socket): Promise<number> {
  await until(() => socket.readableLength > 0, { what: "an answer" });
  return (socket.read(1) as Buffer).readUInt8();
}

function processesIn(network: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => namespaceOf(pid, "net") === network);
}

/** null where it is gone. */
function namespaceOf(pid: number, kind: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return null;
  }
}

/** The processes that pass on: they are in the network of that job, and not in its sandbox. */
function waysOf({ pid: init }: NativePlace): number[] {
  const [network, sandbox] = [namespaceOf(init, "net"), namespaceOf(init, "pid")];
  if (network === null) throw new Error("the job has ended");
  return processesIn(network).filter((pid) => ![sandbox, null].includes(namespaceOf(pid, "pid")));
}

describe.skipIf(host === null)("a way to a port of a job", { timeout: patiently(120_000) }, () => {
  it.each(["127.0.0.1", "::1"])(
    "passes on all that comes, both ways, and each end by itself: %s",
    async (address) => {
      const place = await listening(address);
      const socket = await ask(place);
      expect(await answerOf(socket)).toBe(0);
      const sent = randomBytes(5_000_011);
      const back = buffer(socket);
      socket.end(sent);
      expect(Buffer.compare(await back, sent)).toBe(0);
      await until(() => waysOf(place).length === 0, { what: "the end of who passed it on" });
      await place.clear();
    },
  );

  it("is refused where nobody listens, and the job goes on", async () => {
    const place = await listening();
    const socket = await ask(place, PORT + 1);
    expect(await answerOf(socket)).toBe(ECONNREFUSED);
    expect((await buffer(socket)).length).toBe(0);
    expect(await answerOf(await ask(place))).toBe(0);
    await place.clear();
  });

  it("ends with the job, and holds nothing of it", async () => {
    const place = await listening();
    const socket = await ask(place);
    expect(await answerOf(socket)).toBe(0);
    const network = readlinkSync(`/proc/${place.pid}/ns/net`);
    // The server does not let go of it.
    const isEnded = once(socket.resume(), "end");
    await place.clear();
    await isEnded;
    await until(() => processesIn(network).length === 0, { what: "the end of who passed it on" });
    socket.destroy();
  });

  it("ends when the server lets go, also while the job keeps its end", async () => {
    const place = await listening("127.0.0.1", "keeps");
    const sockets = await Promise.all(Array.from({ length: 5 }, () => ask(place)));
    for (const socket of sockets) expect(await answerOf(socket)).toBe(0);
    expect(waysOf(place)).toHaveLength(5);
    for (const socket of sockets) socket.destroy();
    await until(() => waysOf(place).length === 0, { what: "the end of all who passed on" });
    await place.clear();
  });

  it("is one of 64 at a time, and there is another when one has ended", async () => {
    const place = await listening();
    const sockets: Socket[] = [];
    for (let n = 0; n < 64; n += 1) sockets.push(await ask(place));
    for (const socket of sockets) expect(await answerOf(socket)).toBe(0);
    const tooMuch: Socket[] = [];
    (await send(place)).on("connection", (socket) => tooMuch.push(socket));
    sockets.pop()?.destroy();
    // Of the next that is answered: the one before was read, and not heeded.
    await until(() => waysOf(place).length === 63, { what: "one that has ended" });
    const next = await ask(place);
    expect(await answerOf(next)).toBe(0);
    sockets.push(next);
    expect([tooMuch.length, waysOf(place).length]).toEqual([0, 64]);
    for (const socket of sockets) socket.destroy();
    await place.clear();
  });

  it.each([
    "connect\t\t80\n",
    "connect\t1\t0\n",
    "connect\t1\t65536\n",
    "connect\t1\n",
    "connect\t1\t80x\n",
    "connect\t-1\t80\n",
  ])("is not begun by a line that is none: %j", async (line) => {
    const place = await listening();
    place.send(line);
    expect(await answerOf(await ask(place))).toBe(0);
    expect(waysOf(place)).toHaveLength(1);
    await place.clear();
  });

  it("is none to a place that has no job yet, which then gets its job all the same", async () => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    place.send("warm\n");
    await place.hears("r");
    place.send(`connect\t1\t${PORT}\n`);
    place.give({ argv: ["/bin/sh", "-c", "exit 4"] });
    expect((await place.ended()).init).toMatchObject({ kind: "exited", code: 4 });
  });
});
