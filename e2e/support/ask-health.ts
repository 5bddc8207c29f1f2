import { readFileSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/**
 * Asks `/healthz` of the server at the given address every 10 ms until its standard input ends, and beside it a server of
 * its own that does nothing: what that one takes is the host's. Says `asking` once both have answered, from when on it counts:
 * before that both ends run code for the first time. With each line that it reads it prints what it saw of both since the
 * one before, in milliseconds; of the server with the given process id also how long its event loop was at work from
 * question to answer, by the kernel's clock of that thread; and how much more of a CPU a given work takes here than where
 * the bounds were set. That clock stands still while the host gives the thread no CPU, but for what a host that is itself a
 * guest is not told of: a processor that was taken away for half a second looks like half a second of work.
 */
const [, , url = "", pid = ""] = process.argv;

export interface AskedOfOne {
  asked: number;
  /** Of them those whose answer was heard as it came. */
  heard: number;
  slowestMs: number;
  /** How long the server's loop was at work from question to answer, at most, and when that was asked. */
  mostWorkMs: number;
  mostWorkAt: string;
}

/** Since the last time that this was told. */
export interface AskedOfBoth {
  health: AskedOfOne;
  /** A server that does nothing. */
  floor: AskedOfOne;
  /** Of all processors together, taken away by whoever this host is a guest of, as far as it is told. */
  stolenMs: number;
  /** So much more of a CPU the same work mostly takes here than where the bounds were set. */
  slower: number;
}

interface Answer {
  at: string;
  ms: number;
  /** null where the host held this process up: what the server worked until the answer was heard is not what it waited for. */
  workMs: number | null;
}

const EVERY_MS = 10;
/** Later than this the process was held up. */
const LATE_MS = 20;
/** What the gauge's work took of a CPU where the bounds were set. */
const WORK_MS = 20;

/** Whether this process came round in time. */
class Ticks {
  #at = performance.now();
  /** How often it did not. */
  #late = 0;

  tick(): void {
    if (this.#isLate()) this.#late += 1;
    this.#at = performance.now();
  }

  get late(): number {
    return this.#late + (this.#isLate() ? 1 : 0);
  }

  #isLate(): boolean {
    return performance.now() - this.#at > EVERY_MS + LATE_MS;
  }
}

const ticks = new Ticks();

/** How long the answers took, whenever they came. */
class Asker {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: URL;
  readonly #work: () => number;
  #answers: Answer[] = [];
  readonly #open = new Set<Promise<void>>();

  /** `work` says how long the loop of that server has been at work so far, in milliseconds. */
  constructor(url: URL, work: () => number) {
    this.#url = url;
    this.#work = work;
  }

  ask(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open.add(promise);
    void promise.then(() => this.#open.delete(promise));
    const at = new Date().toISOString();
    const started = performance.now();
    const worked = this.#work();
    const late = ticks.late;
    const request = get(this.#url, { agent: this.#agent }, (answer) => {
      answer.resume();
      answer.on("end", () => {
        const workMs = ticks.late === late ? this.#work() - worked : null;
        this.#answers.push({ at, ms: performance.now() - started, workMs });
      });
    });
    request.on("error", () => undefined).on("close", resolve);
  }

  /** Once all that was asked has been answered. */
  async answered(): Promise<void> {
    await Promise.all(this.#open);
  }

  /** What was seen since the last call of this. */
  take(): AskedOfOne {
    const answers = this.#answers;
    this.#answers = [];
    const heard = answers.flatMap(({ at, workMs }) => (workMs === null ? [] : [{ at, workMs }]));
    const most = heard.toSorted((a, b) => b.workMs - a.workMs)[0];
    return {
      asked: answers.length,
      heard: heard.length,
      slowestMs: Math.round(Math.max(0, ...answers.map(({ ms }) => ms))),
      mostWorkMs: Math.round(most?.workMs ?? 0),
      mostWorkAt: most?.at ?? "",
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** What the main thread of a process has had of a CPU since it began. */
function workOf(process: string): number {
  const [nanoseconds] = readFileSync(`/proc/${process}/task/${process}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}

/** Hears of an answer when it comes, not when the server is done with the next piece of work; where it may. */
function comeFirst(): void {
  try {
    setPriority(-20);
  } catch {
    // Then what the server does until this one has its turn is counted too.
  }
}

/** The same work again and again, by what it takes of a CPU. */
class Gauge {
  readonly #work = JSON.stringify(Array.from({ length: 4000 }, (_, index) => ({ name: `n${index}`, index })));
  readonly #took: number[] = [];

  look(): void {
    const before = process.threadCpuUsage();
    // Long enough for the clock of the CPU, which goes by 4 ms.
    for (let count = 0; count < 40; count += 1) JSON.parse(this.#work);
    const { user, system } = process.threadCpuUsage(before);
    this.#took.push((user + system) / 1000);
  }

  get slower(): number {
    const took = this.#took.toSorted((a, b) => a - b);
    const mostly = took[Math.floor(took.length / 2)] ?? 0;
    return Math.max(1, Math.round((10 * mostly) / WORK_MS) / 10);
  }
}

/** What all processors of this host were away, in ticks of 10 ms, as it knows. */
function stolenTicks(): number {
  return Number(readFileSync("/proc/stat", "utf8").split("\n", 1)[0]?.split(/ +/)[8] ?? 0);
}

async function watch(): Promise<void> {
  comeFirst();
  const bare = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => bare.once("message", resolve));
  const health = new Asker(new URL("/healthz", url), () => workOf(pid));
  const floor = new Asker(new URL(`http://127.0.0.1:${port}/`), () => 0);
  const both = [health, floor];
  const askBoth = (): void => both.forEach((asker) => asker.ask());
  const bothAnswered = (): Promise<unknown> => Promise.all(both.map((asker) => asker.answered()));
  askBoth();
  await bothAnswered();
  both.forEach((asker) => asker.take());
  const gauge = new Gauge();
  let stolen = stolenTicks();
  console.log("asking");
  const timers = [
    setInterval(() => {
      ticks.tick();
      askBoth();
    }, EVERY_MS),
    setInterval(() => gauge.look(), 1000),
  ];
  for await (const _line of createInterface({ input: process.stdin })) {
    await bothAnswered();
    const now = stolenTicks();
    const seen: AskedOfBoth = {
      health: health.take(),
      floor: floor.take(),
      stolenMs: (now - stolen) * 10,
      slower: gauge.slower,
    };
    stolen = now;
    console.log(JSON.stringify(seen));
  }
  for (const timer of timers) clearInterval(timer);
  for (const asker of both) asker.close();
  await bare.terminate();
}

function serve(): void {
  const server = createServer((_request, answer) => answer.end("{}"));
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

if (isMainThread) await watch();
else serve();
