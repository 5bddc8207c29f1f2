import { plainSurroundings } from "../../core/stages/surroundings.ts";
import type { Limits } from "../../core/limits.ts";
import { type Engine, EngineError, type Exit, type Launch } from "../../engines/engine.ts";
import type { Clock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import { deadlineSignal, joinSignals } from "../../lib/signals.ts";

export interface ProbeOptions {
  /** What a job has that names none. */
  limits: Limits;
  clock: Clock;
  signal: AbortSignal;
}

/** A host that takes longer for nothing is of no use to anybody. */
const longestMs = 30_000;

/**
 * Runs a job that does nothing, from its start to its end, as the engine runs any other; resolves when it has ended as
 * it should. It is in no list and has no output: only the engine knows of it. Throws ProbeFailed.
 */
export async function probeEngine(engine: Engine, { limits, clock, signal }: ProbeOptions): Promise<void> {
  const id = newId();
  const handle = engine.handleFor(id);
  using deadline = deadlineSignal(longestMs, new ProbeFailed(`it took longer than ${longestMs} ms`), clock);
  using joined = joinSignals(signal, deadline.signal);
  const failure = await runProbe(engine, { id, handle, limits, signal: joined.signal }).catch(
    (error: unknown) => error ?? new Error("thrown without an error"),
  );
  // Also of one that never ran: nobody else knows of it before the next start.
  const left = await engine.destroy(handle).catch((error: unknown) => error);
  signal.throwIfAborted();
  if (failure !== null) throw failedBy(failure, id);
  if (left !== undefined) throw new ProbeFailed("what it used cannot be removed", { cause: left });
}

const nowhere: Launch["output"] = {
  stdout: "/dev/null",
  stderr: "/dev/null",
  index: "/dev/null",
  limitBytes: null,
  overflow: "discard",
};

/** null when it ran as it should. */
async function runProbe(
  engine: Engine,
  { id, handle, limits, signal }: { id: string; handle: string; limits: Limits; signal: AbortSignal },
): Promise<null> {
  await engine.start(
    {
      id,
      handle,
      command: "true",
      args: [],
      env: {},
      workdir: "/work",
      files: [],
      stdin: null,
      secrets: null,
      work: { kind: "own" },
      limits,
      ...plainSurroundings,
      output: nowhere,
    },
    signal,
  );
  judge(await engine.wait(handle, signal));
  return null;
}

/** The engine could not run a job; the message says why, in words that everybody may read. */
export class ProbeFailed extends Error {
  override readonly name = "ProbeFailed";
}

function judge({ code, signal, verdict }: Exit): void {
  if (code === 0 && verdict === null) return;
  const end = signal === null ? `with code ${code}` : `by ${signal}`;
  const why =
    verdict === null ? end : "reason" in verdict ? `${end}: ${verdict.reason}` : `as ${verdict.kind}`;
  throw new ProbeFailed(`it ended ${why}`);
}

/** Whatever else came up may say more than everybody needs to know. */
function failedBy(error: unknown, id: string): ProbeFailed {
  if (error instanceof ProbeFailed) return error;
  const why =
    error instanceof EngineError
      ? error.message.replaceAll(` job "${id}"`, " it")
      : "an unexpected fault, see the server's log";
  return new ProbeFailed(why, { cause: error });
}
