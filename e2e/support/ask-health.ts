import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/**
 * Asks `/healthz` of the server at the given address every 10 ms until its standard input ends, and beside it a server of
 * its own that does nothing: what that one takes is the host's. Prints what it saw of both, in milliseconds, and how much
 * more of a CPU the same work takes at its slowest, of twenty times, than at its quickest: others are at its caches.
 */
const [, , url = ""] = process.argv;

/** How long the answers took, whenever they came. */
class Asker {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: URL;
  readonly #took: number[] = [];

  constructor(url: URL) {
    this.#url = url;
  }

  ask(): void {
    const started = performance.now();
    const request = get(this.#url, { agent: this.#agent }, (answer) => {
      answer.resume();
      answer.on("end", () => this.#took.push(Math.round(performance.now() - started)));
    });
    request.on("error", () => undefined);
  }

  /** Of a hundred one took longer than the first. */
  end(): { asked: number; ofHundredMs: number; slowestMs: number } {
    this.#agent.destroy();
    const took = this.#took.toSorted((a, b) => a - b);
    const ofHundredMs = took[Math.floor(took.length * 0.99)] ?? 0;
    return { asked: took.length, ofHundredMs, slowestMs: took.at(-1) ?? 0 };
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
  const bare = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => bare.once("message", resolve));
  const health = new Asker(new URL("/healthz", url));
  const floor = new Asker(new URL(`http://127.0.0.1:${port}/`));
  const timer = setInterval(() => {
    health.ask();
    floor.ask();
  }, 10);
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
