import type { Job, JobEvent } from "@berth/protocol";
import { isTerminal } from "@berth/protocol/states";
import { follow } from "../../transport/follow.ts";
import type { JobWire } from "./job-wire.ts";

/** Which events to read. */
export interface EventOptions {
  /** Events after this one. Default: from the first. */
  afterSeq?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A job's events until the terminal one, each once, over as many connections as it takes. */
export function readEvents(
  owner: { wire: JobWire; id: string; get(): Promise<Job> },
  options: EventOptions,
): AsyncGenerator<JobEvent, void> {
  const { wire, id } = owner;
  let seq = options.afterSeq ?? null;
  let ended = false;
  let broughtAny = false;
  let hadEnded = false;

  async function* fresh(events: AsyncIterable<JobEvent>): AsyncGenerator<JobEvent, void> {
    broughtAny = false;
    for await (const event of events) {
      if (seq !== null && event.seq <= seq) continue;
      seq = event.seq;
      broughtAny = true;
      ended = event.type !== "extended" && isTerminal(event.type);
      yield event;
    }
  }

  /** Who has seen the terminal event before is sent none: an answer that begins after the end and brings nothing says so. */
  async function isOver(): Promise<boolean> {
    if (ended || (hadEnded && !broughtAny)) return true;
    hadEnded = !broughtAny && isTerminal((await owner.get()).state);
    return false;
  }

  const open = async (signal: AbortSignal): Promise<AsyncIterable<JobEvent>> =>
    fresh(await wire.openEvents(id, { afterSeq: seq, signal }));
  return follow(
    { url: wire.url, open, isOver },
    { patienceMs: wire.patience.followMs, connection: wire.connection, signal: options.signal },
  );
}
