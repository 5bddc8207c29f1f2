import { readFileSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { setPriority } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/**
 * Asks `/healthz` of the server at the given address every 10 ms until its standard input ends, and beside it a server of
 * its own that does nothing: what that one takes is the host's. Says `asking` once both have answered, from when on it counts:
 * before that both ends run code for the first time. Prints what it saw of both, in milliseconds; of the server
 * with the given process id also how long its event loop was at work from question to answer, by the kernel's clock of that
 * thread, which stands still while the host gives it no CPU; and how much more of a CPU the same work takes at its slowest,
 * of twenty times, than at its quickest: others are at its caches.
 */
const [, , url = "", pid = ""] = process.argv;

interface Answer {
  ms: number;
  /** null where the host held this process up: what the server worked until the answer was heard is not what it waited for. */
  workMs: number | null;
}

const EVERY_MS = 10;
/** Later than this the process was held up. */
const LATE_MS = 20;

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
  readonly #answers: Answer[] = [];

  /** `work` says how long the loop of that server has been at work so far, in milliseconds. */
  constructor(url: URL, work: () => number) {
    this.#url = url;
    this.#work = work;
  }

  /** Asks once, and forgets how long it took. */
  async meet(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const request = get(this.#url, { agent: this.#agent }, (answer) => answer.resume().on("end", resolve));
      request.on("error", reject);
    });
  }

  ask(): void {
    const started = performance.now();
    const worked = this.#work();
    const late = ticks.late;
    const request = get(this.#url, { agent: this.#agent }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        this.#answers.push({
          ms: performance.now() - started,
          workMs: ticks.late === late ? this.#work() - worked : null,
        }),
      );
    });
    request.on("error", () => undefined);
  }

  /** Of a hundred one took longer than `ofHundredMs`. */
  end(): Record<"asked" | "heard" | "ofHundredMs" | "slowestMs" | "ofHundredWorkMs" | "mostWorkMs", number> {
    this.#agent.destroy();
    const ms = this.#answers.map((answer) => Math.round(answer.ms)).toSorted((a, b) => a - b);
    const heard = this.#answers.flatMap(({ workMs }) => (workMs === null ? [] : [Math.round(workMs)]));
    const workMs = heard.toSorted((a, b) => a - b);
    const ofHundred = Math.floor(ms.length * 0.99);
    return {
      asked: ms.length,
      heard: heard.length,
      ofHundredMs: ms[ofHundred] ?? 0,
      slowestMs: ms.at(-1) ?? 0,
      ofHundredWorkMs: workMs[Math.floor(heard.length * 0.99)] ?? 0,
      mostWorkMs: workMs.at(-1) ?? 0,
    };
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
    this.#took.push(user + system);
  }

  end(): number {
    const took = this.#took.toSorted((a, b) => a - b);
    const at = (part: number): number => took[Math.floor(took.length * part)] ?? 1;
    return Math.round((at(0.95) / at(0.05)) * 10) / 10;
  }
}

async function watch(): Promise<void> {
  comeFirst();
  const bare = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => bare.once("message", resolve));
  const health = new Asker(new URL("/healthz", url), () => workOf(pid));
  const floor = new Asker(new URL(`http://127.0.0.1:${port}/`), () => 0);
  await Promise.all([health.meet(), floor.meet()]);
  console.log("asking");
  const timer = setInterval(() => {
    ticks.tick();
    health.ask();
    floor.ask();
  }, EVERY_MS);
  const gauge = new Gauge();
  const looks = setInterval(() => gauge.look(), 2000);
  process.stdin.resume().on("end", () => {
    clearInterval(timer);
    clearInterval(looks);
    console.log(JSON.stringify({ health: health.end(), floor: floor.end(), slower: gauge.end() }));
    void bare.terminate();
  });
}

function serve(): void {
  const server = createServer((_request, answer) => answer.end("{}"));
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

if (isMainThread) await watch();
else serve();
