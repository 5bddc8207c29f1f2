import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resolver } from "../packages/server/src/engines/local/resolver/resolver.ts";
import { writeQuestion } from "../packages/server/src/lib/dns/message.ts";
import { writeQuestionOf } from "../packages/server/src/lib/dns/write-records.ts";
import { answerTo, playNameServer } from "../packages/server/test/resolver/play-name-server.ts";
import { type Bench, inTurns } from "./bench.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

const NAME = "granted.org";
const few = [NAME];
const many = [
  ...Array.from({ length: 999 }, (_, n) => (n % 2 === 0 ? `*.n${n}.example.org` : `n${n}.example.org`)),
  NAME,
];
/** Fewer than a job may ask at once. */
const QUESTIONS = 300;

/** What the domains of a profile add to a look-up by a job, from the question to the answer: of a name that is kept, and of one that is not. */
export async function measureLookUps({ rounds, scale }: Bench): Promise<Row[]> {
  return [await lookUpRow({ rounds, scale }, 60), await lookUpRow({ rounds, scale }, 0)];
}

async function lookUpRow({ rounds, scale }: Pick<Bench, "rounds" | "scale">, ttl: number): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "berth-bench-"));
  await using others = await playNameServer((one) => [
    answerTo(one, { records: [{ name: one.name, type: "A", data: "1.1.1.1", ttl }] }),
  ]);
  writeFileSync(join(folder, "resolv.conf"), `nameserver ${others.address}\n`);
  await using resolver = await openResolver(folder, others.port);
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const measure = (domains: readonly string[]) => async (): Promise<number> => {
    const [address, digest] = ["127.0.0.1", String(domains.length)];
    const rules = { domains, named: [], resolvers: [] };
    await resolver.admit({
      address,
      link: "none",
      hasV6: true,
      digest,
      rules,
      lookups: join(folder, "lookups"),
    });
    return await usPerQuestion(socket, resolver.port, Math.ceil(QUESTIONS * scale));
  };
  const found = await inTurns(rounds, { floor: measure(few), berth: measure(many) });
  socket.close();
  rmSync(folder, { recursive: true });
  return {
    what: `What 1,000 domains add to a look-up, ${ttl > 0 ? "answered from what is kept" : "asked of another server"}`,
    unit: "us",
    berth: median(found.berth) - median(found.floor),
    floor: null,
    goal: { kind: "value", atMost: 1000 },
  };
}

/** Without a kernel behind it, which opens in the same time however many domains there are. */
function openResolver(folder: string, hostServersPort: number): Promise<Resolver> {
  return Resolver.open({
    address: "127.0.0.1",
    port: 0,
    sets: { program: "none", table: "none" },
    threadFile: new URL("../packages/server/test/resolver/recording-thread.ts", import.meta.url),
    resolvConf: join(folder, "resolv.conf"),
    hostServersPort,
    onProblem: () => undefined,
  });
}

async function usPerQuestion(socket: Socket, port: number, count: number): Promise<number> {
  const asked = {
    question: writeQuestionOf({ name: NAME, type: "A" }),
    additionals: [],
    leavesUnchecked: false,
  };
  const question = writeQuestion(7, asked);
  const took: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const began = performance.now();
    socket.send(question, port, "127.0.0.1");
    await once(socket, "message");
    took.push((performance.now() - began) * 1000);
  }
  return median(took);
}
