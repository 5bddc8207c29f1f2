import { setImmediate as nextTurn } from "node:timers/promises";
import type { AuditEntry } from "../../../core/audit/record.ts";
import type { AuditedStore } from "../../store.ts";
import type { Database, Step, Written } from "../database.ts";

/** One write, by the store that it is given, of which it asks exactly one; what it resolves with is what that said. */
export type WritePart<Said> = (audited: (entry: AuditEntry) => AuditedStore) => Promise<Said>;

/** What each of them said; or which one could not be, and what that said: then nothing was written. */
export type WrittenTogether<Said> = { said: Said[] } | { failed: number; said: Said };

/** Parts of which the statements are made in one turn of the event loop: there may be thousands. */
const MOST_IN_TURN = 50;

/**
 * Writes several things in one transaction, all or nothing: each part goes as far as its write, and the steps of all of them
 * are sent as one when the last has come so far.
 */
export async function writeTogether<Said>(
  db: Database,
  {
    parts,
    auditedOf,
  }: { parts: readonly WritePart<Said>[]; auditedOf: (db: Database, entry: AuditEntry) => AuditedStore },
): Promise<WrittenTogether<Said>> {
  if (parts.length === 0) return { said: [] };
  const arrivals = parts.map(() => Promise.withResolvers<readonly Step[]>());
  const answers = parts.map(() => Promise.withResolvers<Written>());
  // Nobody hears of a part that never came to its write, nor yet of one that fails while others begin.
  for (const { promise } of [...arrivals, ...answers]) promise.catch(() => undefined);
  const begun = (part: WritePart<Said>, n: number): Promise<Said> => {
    let hasWritten = false;
    const write: Database["write"] = async (steps) => {
      // What tries again would find what it found before.
      if (hasWritten) throw new Error("A part of a write asks for another one");
      hasWritten = true;
      arrivals[n]?.resolve(steps);
      return await (answers[n]?.promise ?? Promise.reject(new Error("A write has no such part")));
    };
    const said = part((entry) => auditedOf({ ...db, write }, entry));
    // One that fails before its write lets none of them wait for it.
    said.catch((error: unknown) => arrivals[n]?.reject(error));
    return said;
  };
  const underWay: Promise<Said>[] = [];
  try {
    for (const [n, part] of parts.entries()) {
      underWay.push(begun(part, n));
      if (n % MOST_IN_TURN === MOST_IN_TURN - 1) await nextTurn();
    }
    const steps = await Promise.all(arrivals.map(({ promise }) => promise));
    const written = await db.write(steps.flat());
    if (!written.done) return await failedAt(written.failedStep, { steps, answers, underWay });
    answer(written.rows, { steps, answers });
    return { said: await Promise.all(underWay) };
  } catch (error) {
    for (const { reject } of answers) reject(error);
    await Promise.allSettled(underWay);
    throw error;
  }
}

type Answers = readonly PromiseWithResolvers<Written>[];

function answer(
  rows: Record<string, unknown>[][],
  { steps, answers }: { steps: readonly (readonly Step[])[]; answers: Answers },
): void {
  let at = 0;
  for (const [n, { resolve }] of answers.entries()) {
    const count = steps[n]?.length ?? 0;
    resolve({ done: true, rows: rows.slice(at, at + count) });
    at += count;
  }
}

async function failedAt<Said>(
  step: number,
  {
    steps,
    answers,
    underWay,
  }: { steps: readonly (readonly Step[])[]; answers: Answers; underWay: readonly Promise<Said>[] },
): Promise<WrittenTogether<Said>> {
  let before = 0;
  const failed = steps.findIndex(({ length }) => {
    before += length;
    return step < before;
  });
  const first = before - (steps[failed]?.length ?? 0);
  for (const [n, { resolve, reject }] of answers.entries()) {
    if (n === failed) resolve({ done: false, failedStep: step - first });
    else reject(new Error("Another part of the same write could not be"));
  }
  const settled = await Promise.allSettled(underWay);
  const said = settled[failed];
  if (said?.status === "fulfilled") return { failed, said: said.value };
  throw said?.reason;
}
