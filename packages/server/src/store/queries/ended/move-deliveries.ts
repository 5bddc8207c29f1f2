import { sql } from "kysely";
import type { DeliveryStore } from "../../../core/job/delivery/delivery-store.ts";
import type { Database, Step } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";

/** What is said of an attempt that was under way when its server went away. */
const UNKNOWN = "nobody knows what came of it: the server went away meanwhile";

/** As in the index of those that are. */
const isPending = sql<boolean>`state = 'pending'`;

type Moves = Pick<DeliveryStore, "claim" | "settle" | "resend" | "setBack" | "takeUp">;

export function moveDeliveries(db: Database): Moves {
  return { ...attempts(db), ...putOff(db) };
}

function attempts(db: Database): Pick<Moves, "claim" | "settle"> {
  const { build } = db;
  const done = async (steps: readonly Step[]): Promise<boolean> => (await db.write(steps)).done;
  return {
    claim({ id, attempt: n }, { at, until }) {
      const take = build
        .updateTable("delivery")
        .set({ attempts: n, tries: sql`tries + 1`, next_at: until, put_off_at: at })
        .where("id", "=", id)
        .where("state", "=", "pending")
        .where("attempts", "=", n - 1)
        .compile();
      const close = build
        .updateTable("delivery_attempt")
        .set({ why: UNKNOWN })
        .where("delivery_id", "=", id)
        .where("n", "<", n)
        .where("ended_at", "is", null)
        .where("why", "is", null)
        .compile();
      const row = { delivery_id: id, n, at, ended_at: null, address: null, status: null, why: null };
      const note = build.insertInto("delivery_attempt").values(row).compile();
      return done([{ query: take, exactly: 1 }, { query: close }, { query: note }]);
    },
    settle({ id, attempt: n }, { endedAt, address, status, why }, settled) {
      const nextAt = settled.state === "pending" ? settled.nextAt : null;
      const move = build
        .updateTable("delivery")
        .set({
          state: settled.state,
          next_at: nextAt,
          put_off_at: nextAt === null ? null : endedAt,
          done_at: settled.state === "pending" ? null : endedAt,
        })
        .where("id", "=", id)
        .where("state", "=", "pending")
        .where("attempts", "=", n)
        .compile();
      const note = build
        .updateTable("delivery_attempt")
        .set({ ended_at: endedAt, address, status, why: why === null ? null : toColumn(why) })
        .where("delivery_id", "=", id)
        .where("n", "=", n)
        .compile();
      return done([{ query: move, exactly: 1 }, { query: note }]);
    },
  };
}

function putOff(db: Database): Pick<Moves, "resend" | "setBack" | "takeUp"> {
  const { build } = db;
  return {
    async resend(id, { attempts, at }) {
      const query = build
        .updateTable("delivery")
        .set({ state: "pending", tries: 0, next_at: at, put_off_at: at, done_at: null })
        .where("id", "=", id)
        .where("attempts", "=", attempts)
        // What is due, or under way, comes by itself.
        .where((is) => is.or([is("state", "!=", "pending"), is("next_at", ">", at)]))
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async takeUp({ now, until }) {
      const query = build
        .updateTable("delivery")
        .set({ next_at: now, put_off_at: now })
        .where(isPending)
        .where("next_at", ">", now)
        .where("next_at", "<=", until)
        .where((is) =>
          is.exists(
            is
              .selectFrom("delivery_attempt")
              .select("n")
              .whereRef("delivery_attempt.delivery_id", "=", "delivery.id")
              .whereRef("delivery_attempt.n", "=", "delivery.attempts")
              .where("delivery_attempt.ended_at", "is", null),
          ),
        )
        .compile();
      await db.write([{ query }]);
    },
    async setBack(now) {
      const query = build
        .updateTable("delivery")
        .set({ next_at: now, put_off_at: now })
        .where("state", "=", "pending")
        .where("put_off_at", ">", now)
        .compile();
      await db.write([{ query }]);
    },
  };
}
