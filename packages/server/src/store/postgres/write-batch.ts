import type { Client } from "pg";
import type { Step } from "../queries/database.ts";
import { isDone, type Outcome, type Settled, sortOut } from "./batch-outcome.ts";
import type { Block, ChainHead, Seal } from "../../core/audit/chain.ts";
import { OpenBlock } from "../../core/audit/open-block.ts";
import { blockColumns, blockValues } from "../queries/audit/block-row.ts";
import { concernsDatabase, isConnectionLoss } from "./postgres-failure.ts";
import { statementName } from "./statement-name.ts";

/** The server has the database no more in its hands, another one has: nothing of the batch is stored. */
export class TakenOver extends Error {
  override readonly name = "TakenOver";
}

/** The connection was lost while the commit was under way: only the database knows whether the batch is stored. */
export class CommitUnknown extends Error {
  override readonly name = "CommitUnknown";
  readonly outcomes: readonly Outcome[];

  constructor(outcomes: readonly Outcome[], cause: unknown) {
    super("The connection was lost in the commit", { cause });
    this.outcomes = outcomes;
  }
}

export interface Batch {
  writes: readonly (readonly Step[])[];
  /** Stored with the batch, so that a lost commit can be looked up. */
  token: string;
  instance: string;
  /** What audit records are sealed with, and the end of the chain; null where it has not begun. */
  seal: Seal;
  head: ChainHead | null;
}

export interface Stored {
  outcomes: readonly Outcome[];
  /** What was sealed with it; null where it had no audit record. */
  block: Block | null;
}

/**
 * Many writes in one transaction: all statements leave at once, then the commit. Writes that do not hold are undone by
 * a second try, in which each of them has a savepoint of its own. Throws when the transaction as a whole failed; nothing
 * of it is stored then, but for CommitUnknown.
 */
export async function writeBatch(client: Client, batch: Batch): Promise<Stored> {
  const block = new OpenBlock(batch.seal, batch.head);
  const first = await inTransaction(client, () => together(client, { ...batch, block }, []));
  if (first.every(isDone)) return inTransaction(client, () => commit(client, first, block));
  await client.query("ROLLBACK");
  const [only] = first;
  // A lone write that does not hold: it is known already why.
  if (first.length === 1 && only !== undefined) return { outcomes: [only], block: null };
  // After an error nothing is known of the writes behind it.
  if (!first.some((outcome) => outcome instanceof Error)) {
    const again = new OpenBlock(batch.seal, batch.head);
    const second = await inTransaction(client, () => together(client, { ...batch, block: again }, first));
    if (second.every((outcome, at) => isDone(outcome) === isDone(first[at])))
      return inTransaction(client, () => commit(client, second, again));
    await client.query("ROLLBACK");
  }
  return inTransaction(client, () => oneByOne(client, batch));
}

async function inTransaction<Value>(client: Client, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommitUnknown) && !isConnectionLoss(error)) await client.query("ROLLBACK");
    throw error;
  }
}

/** In one go. What did not hold in an earlier try is undone. */
async function together(
  client: Client,
  { block, ...batch }: Batch & { block: OpenBlock },
  earlier: readonly Outcome[],
): Promise<readonly Outcome[]> {
  const begun = begin(client, batch);
  const sent = batch.writes.map((steps, at) => {
    const isUndone = earlier[at] !== undefined && !isDone(earlier[at]);
    const completed = complete(steps, block, at);
    return isUndone ? sendUndone(client, completed) : send(client, completed);
  });
  checkClaim(await begun);
  const settled = await Promise.all(sent);
  const fatal = settled.flat().find((one) => one.status === "rejected" && concernsDatabase(one.reason));
  if (fatal?.status === "rejected") throw fatal.reason;
  return sortOut(batch.writes, settled);
}

/** With what the block alone knows of its records. */
function complete(steps: readonly Step[], block: OpenBlock, write: number): readonly Step[] {
  return steps.map((step) => {
    const { sql, parameters } = step.query;
    return step.audit === true
      ? { ...step, query: { sql, parameters: block.take(parameters, write) } }
      : step;
  });
}

async function oneByOne(client: Client, batch: Batch): Promise<Stored> {
  const block = new OpenBlock(batch.seal, batch.head);
  checkClaim(await begin(client, batch));
  const outcomes: Outcome[] = [];
  for (const [write, steps] of batch.writes.entries()) {
    await client.query("SAVEPOINT one");
    const [outcome] = sortOut([steps], [await send(client, complete(steps, block, write))]);
    if (outcome === undefined) throw new Error("Cannot write: there is no answer");
    if (outcome instanceof Error && concernsDatabase(outcome)) throw outcome;
    if (!isDone(outcome)) await client.query("ROLLBACK TO SAVEPOINT one");
    await client.query("RELEASE SAVEPOINT one");
    outcomes.push(outcome);
  }
  return commit(client, outcomes, block);
}

function begin(client: Client, { token, instance }: Batch): Promise<Settled[]> {
  const text = "UPDATE berth_server SET batch = $1 WHERE id = 1 AND holder = $2";
  return Promise.allSettled([
    client.query("BEGIN ISOLATION LEVEL READ COMMITTED"),
    client.query({ name: "claim", text, values: [token, instance] }),
  ]);
}

function checkClaim(settled: readonly Settled[]): void {
  for (const one of settled) if (one.status === "rejected") throw one.reason;
  const claimed = settled[1];
  if (claimed?.status === "fulfilled" && claimed.value.rowCount !== 1) throw new TakenOver();
}

function send(client: Client, steps: readonly Step[]): Promise<Settled[]> {
  return Promise.allSettled(
    steps.map(({ query: { sql, parameters } }) =>
      client.query<Record<string, unknown>>({ ...statementName(sql), text: sql, values: [...parameters] }),
    ),
  );
}

async function sendUndone(client: Client, steps: readonly Step[]): Promise<Settled[]> {
  const around = [client.query("SAVEPOINT one")];
  const sent = send(client, steps);
  around.push(client.query("ROLLBACK TO SAVEPOINT one"), client.query("RELEASE SAVEPOINT one"));
  const failed = (await Promise.allSettled(around)).find((one) => one.status === "rejected");
  const settled = await sent;
  if (failed !== undefined) throw failed.reason;
  return settled;
}

const INSERT_BLOCK = {
  name: "audit-block",
  text: `INSERT INTO audit_block (${blockColumns.join()}) VALUES (${blockColumns.map((_, at) => `$${at + 1}`).join()})`,
};

/** The block leaves with the commit: one way there and back for both. */
async function commit(client: Client, outcomes: readonly Outcome[], open: OpenBlock): Promise<Stored> {
  const block = open.close((write) => isDone(outcomes[write]));
  try {
    const sealing = block === null ? null : client.query({ ...INSERT_BLOCK, values: blockValues(block) });
    const [sealed, committed] = await Promise.allSettled([sealing, client.query("COMMIT")]);
    if (committed.status === "rejected") throw committed.reason;
    if (sealed.status === "rejected") throw sealed.reason;
    if (committed.value.command !== "COMMIT") throw new Error("Cannot write: the transaction was undone");
    return { outcomes, block };
  } catch (error) {
    throw isConnectionLoss(error) ? new CommitUnknown(outcomes, error) : error;
  }
}
