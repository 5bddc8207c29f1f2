import { once } from "node:events";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { getSystemErrorName } from "node:util";
import { abortable, deadlineSignal, joinSignals } from "../../../lib/signals.ts";
import { EngineError } from "../../engine.ts";
import { connectLine } from "../spawner/shim-lines.ts";
import { OfferedSocket } from "./offered-socket.ts";
import { tellShim } from "./tell-shim.ts";
import type { Workload } from "./workload.ts";

/** As many the shim passes on at a time for one job. */
const MOST_OF_ONE = 64;
/** So long the shim and the job may take to answer, which takes them a fraction of a millisecond. */
const ANSWER_MS = 10_000;
const CONNECTED = 0;

/**
 * Connections to ports of jobs. The shim enters the network namespace of the job and passes on what comes to a socket on
 * which this process listens for it, in the folder of the job: no network lies between, and none that the job has is used.
 */
export class PortWays implements Disposable {
  readonly #open = new Map<string, number>();
  readonly #all = new Set<Socket>();
  #last = 0;

  async connect(job: Workload, port: number, signal: AbortSignal): Promise<Duplex> {
    const open = this.#open.get(job.id) ?? 0;
    if (open >= MOST_OF_ONE)
      throw failed({ job, port, why: `${MOST_OF_ONE} connections to it are open`, retryable: true });
    this.#open.set(job.id, open + 1);
    try {
      const socket = await this.#reach(job, { port, signal });
      this.#all.add(socket);
      return socket.once("close", () => this.#leave(job, socket));
    } catch (error) {
      this.#leave(job);
      throw error;
    }
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    for (const socket of this.#all) socket.destroy();
  }

  #leave({ id }: Workload, socket?: Socket): void {
    if (socket) this.#all.delete(socket);
    const left = (this.#open.get(id) ?? 1) - 1;
    if (left > 0) this.#open.set(id, left);
    else this.#open.delete(id);
  }

  async #reach(job: Workload, { port, signal }: { port: number; signal: AbortSignal }): Promise<Socket> {
    if (job.attachment === null || job.attachment.isGone || !job.folder.hasStarted())
      throw failed({ job, port, why: "it does not run" });
    const late = failed({ job, port, why: "there is no answer", retryable: true });
    using deadline = deadlineSignal(ANSWER_MS, late);
    using joined = joinSignals(signal, deadline.signal);
    // Never the same twice, also not by a server before this one.
    const number = Math.max(this.#last + 1, Date.now());
    this.#last = number;
    using offered = new OfferedSocket(job.folder.path, `connect-${number}`);
    await offered.listening;
    tell(job, { port, line: connectLine(number, port) });
    const gone = job.attachment.gone.then(() => null);
    const socket = await abortable(Promise.race([offered.taken, gone]), joined.signal);
    const answer = socket && (await abortable(firstByte(socket), joined.signal));
    if (socket === null || answer === null) throw failed({ job, port, why: "it has ended" });
    if (answer !== CONNECTED)
      throw failed({
        job,
        port,
        why: `nothing listens there (${getSystemErrorName(-answer)})`,
        retryable: true,
      });
    offered.keep(socket);
    return socket;
  }
}

/** null where there is none. */
async function firstByte(socket: Socket): Promise<number | null> {
  if (socket.readableLength === 0) await Promise.race([once(socket, "readable"), once(socket, "close")]);
  const byte = socket.read(1) as Buffer | null;
  return byte?.readUInt8() ?? null;
}

function tell(job: Workload, { port, line }: { port: number; line: string }): void {
  try {
    tellShim(job, line);
  } catch (cause) {
    throw failed({ job, port, why: "it has ended", cause });
  }
}

function failed({
  job,
  port,
  why,
  retryable = false,
  cause,
}: {
  job: Workload;
  port: number;
  why: string;
  retryable?: boolean;
  cause?: unknown;
}): EngineError {
  const message = `Cannot connect to port ${port} of job "${job.id}": ${why}`;
  return new EngineError(message, { blame: "job", retryable, cause });
}
