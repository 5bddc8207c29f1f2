import { sql } from "kysely";
import type { Attempt, Delivery } from "../../../core/job/delivery/delivery.ts";
import type { DeliveryStore } from "../../../core/job/delivery/delivery-store.ts";
import type { Database } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import type { DeliveryAttemptTable, DeliveryTable } from "./delivery-tables.ts";
import { moveDeliveries } from "./move-deliveries.ts";

/** So many attempts of one are shown. */
const SHOWN = 50;
/** Goes by the indexes of those that are, which are used where this stands in the text of the query as in theirs. */
const isPending = sql<boolean>`state = 'pending'`;

export function deliveryQueries(db: Database): DeliveryStore {
  return { ...readDeliveries(db), ...moveDeliveries(db) };
}

type Reads = Pick<DeliveryStore, "ofJob" | "dueLanes" | "due" | "firstAfter" | "pending">;

function readDeliveries(db: Database): Reads {
  const { build } = db;
  return {
    ofJob: (jobId) => deliveriesOfJob(db, jobId),
    async dueLanes(now, { after, most }) {
      const behind = after === null ? sql`` : sql`and lane > ${toColumn(after)}`;
      const first = (more: typeof behind) =>
        sql`(select lane from delivery where ${isPending} ${more} order by lane, next_at, id limit 1)`;
      // From one lane to the next, whatever is due between.
      const lanes = sql<{ lane: string }>`
        with recursive one(lane) as (
          select ${first(behind)}
          union all
          select ${first(sql`and lane > one.lane`)} from one where one.lane is not null
        )
        select lane from one where lane is not null and exists (
          select 1 from delivery where ${isPending} and lane = one.lane and next_at <= ${now}
        ) limit ${most}`;
      return (await db.read(lanes.compile(build))).map(({ lane }) => fromColumn(lane));
    },
    async due(now, { lane, most }) {
      const query = build
        .selectFrom("delivery")
        .selectAll()
        .where(isPending)
        .where("lane", "=", toColumn(lane))
        .where("next_at", "<=", now)
        .orderBy("next_at")
        .orderBy("id")
        .limit(most);
      return (await db.read(query.compile())).map(deliveryOf);
    },
    async firstAfter(now) {
      const query = build
        .selectFrom("delivery")
        .select("next_at")
        .where(isPending)
        .where("next_at", ">", now)
        .orderBy("next_at")
        .limit(1);
      const [first] = await db.read(query.compile());
      return first?.next_at ?? null;
    },
    async pending() {
      const query = build
        .selectFrom("delivery")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where(isPending);
      return Number((await db.read(query.compile()))[0]?.count ?? 0);
    },
  };
}

/** In one look: what came of an attempt and what became of its delivery are stored together, and shown together. */
async function deliveriesOfJob(
  db: Database,
  jobId: string,
): Promise<{ delivery: Delivery; attempts: Attempt[] }[]> {
  const query = db.build
    .selectFrom("delivery")
    .leftJoin("delivery_attempt", (join) =>
      join
        .onRef("delivery_attempt.delivery_id", "=", "delivery.id")
        .on("delivery_attempt.n", ">", sql<number>`delivery.attempts - ${SHOWN}`),
    )
    .selectAll("delivery")
    .select(["n", "at", "ended_at", "address", "status", "why"])
    .where("delivery.job_id", "=", jobId)
    .orderBy("delivery.id")
    .orderBy("delivery_attempt.n");
  const found = new Map<string, { delivery: Delivery; attempts: Attempt[] }>();
  for (const { n, at, ...row } of await db.read(query.compile())) {
    const one = found.get(row.id) ?? { delivery: deliveryOf(row), attempts: [] };
    found.set(row.id, one);
    if (n !== null && at !== null) one.attempts.push(attemptOf({ ...row, n, at }));
  }
  return [...found.values()];
}

function deliveryOf(row: DeliveryTable): Delivery {
  return {
    id: row.id,
    jobId: row.job_id,
    lane: fromColumn(row.lane),
    url: fromColumn(row.url),
    secret: fromColumn(row.secret),
    state: row.state,
    nextAt: row.next_at,
    attempts: row.attempts,
    tries: row.tries,
    createdAt: row.created_at,
    doneAt: row.done_at,
  };
}

function attemptOf(row: Omit<DeliveryAttemptTable, "delivery_id">): Attempt {
  const { n, at, ended_at: endedAt, address, status, why } = row;
  return { n, at, endedAt, address, status, why: why === null ? null : fromColumn(why) };
}
