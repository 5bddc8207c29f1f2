/**
 * A process with a network and a resolver of its own, in which names turn from public to closed between two look-ups. It sends
 * callbacks and leads git by such names, and prints as JSON what came of it. Arguments: an empty folder. To be run in private
 * namespaces of network and mounts.
 */
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { attempt } from "../../src/deliveries/attempt.ts";
import { reachOf } from "../../src/outbound/reach.ts";
import type { Seen } from "../../src/sources/door/door.ts";
import { openDoor } from "../../src/sources/door/open-door.ts";

const [folder = ""] = process.argv.slice(2);
const OPEN = "8.8.8.8";
const CLOSED = "127.0.0.1";
const PORT = 8080;

execFileSync("/usr/sbin/ip", ["link", "set", "lo", "up"]);
execFileSync("/usr/sbin/ip", ["address", "add", `${OPEN}/32`, "dev", "lo"]);
writeFileSync(join(folder, "resolv.conf"), `nameserver ${CLOSED}\noptions timeout:1 attempts:1\n`);
execFileSync("mount", ["--bind", join(folder, "resolv.conf"), "/etc/resolv.conf"]);

/** What each look-up of an IPv4 address is answered, in turn. */
let answers: string[][] = [];
let asked = 0;
const names = createSocket("udp4");
names.on("message", (query, { port, address }) => {
  const isIPv4 = query.readUInt16BE(query.indexOf(0, 12) + 1) === 1;
  const found = isIPv4 ? (answers[asked] ?? []) : [];
  if (isIPv4) asked += 1;
  names.send(answerTo(query, found), port, address);
});
names.bind(53, CLOSED);
await once(names, "listening");

/** To the query's one question: these addresses, for no time. */
function answerTo(query: Buffer, addresses: readonly string[]): Buffer {
  const head = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, addresses.length, 0, 0, 0, 0]);
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const records = addresses.map((text) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...text.split(".").map(Number)]),
  );
  return Buffer.concat([head, question, ...records]);
}

/** Who was connected to, open and closed alike. */
const came: string[] = [];
const servers = [OPEN, CLOSED].map((host) => {
  const server = createServer((_, response) => void response.end("well"));
  server.on("connection", () => void came.push(host));
  return server.listen(PORT, host);
});
for (const server of servers) if (!server.listening) await once(server, "listening");

const values = new Map([["key", Buffer.from(Buffer.alloc(32, 7).toString("base64"))]]);
const secrets = { pin: (name: string) => Promise.resolve({ name, version: "1", values }) };

async function callBack(): Promise<unknown> {
  const delivery = { id: "d", url: `http://receiver.example:${PORT}/`, secret: "hook" };
  const { signal } = new AbortController();
  const reach = reachOf([], "BERTH_CALLBACKS_ALLOW");
  const parts = { message: "{}", secrets, reach, now: Date.now, timeoutMs: 10_000, signal };
  const { kind, address } = await attempt(delivery, parts);
  return { kind, address };
}

async function leadGit(): Promise<unknown> {
  const host = "git.example";
  const seen: Seen[] = [];
  const door = { id: "1", folder, name: "door", host, port: PORT, rules: null, allowed: [], mostBytes: 1000 };
  using _ = await openDoor(door, (one) => void seen.push(one));
  const socket = connect(join(folder, "door"));
  const words = [5, 1, 0, 3, host.length, ...Buffer.from(host), PORT >> 8, PORT & 255];
  socket.write(Buffer.from([5, 1, 0, ...words]));
  let said = Buffer.alloc(0);
  for await (const block of socket) {
    said = Buffer.concat([said, block as Buffer]);
    if (said.length >= 12) break;
  }
  return { code: said[3], reason: seen[0]?.reason ?? null };
}

const report: Record<string, unknown> = {};
for (const [what, act] of Object.entries({ callBack, leadGit })) {
  answers = [[OPEN], [CLOSED], [CLOSED, OPEN]];
  asked = 0;
  came.length = 0;
  const told = [await act(), await act(), await act()];
  report[what] = { told, came: [...came], asked };
}
console.log(JSON.stringify(report));
names.close();
for (const server of servers) {
  server.closeAllConnections();
  server.close();
}
