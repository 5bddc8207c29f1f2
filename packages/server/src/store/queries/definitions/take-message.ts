import type { SignedMessage } from "../../../core/task/webhook-signature.ts";
import type { Database, Step } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";

/** So many that nobody need remember any more go with one that comes: more than come, and few enough for one write. */
const MOST_FORGOTTEN = 100;

/** For the write of the job that comes of it. The first step fails where the message was taken before. */
export function takeMessage({ build }: Database, message: SignedMessage): Step[] {
  const { webhook, id, at, keptUntil } = message;
  const take = build
    .insertInto("webhook_message")
    .values({ webhook, id: toColumn(id), kept_until: keptUntil })
    .onConflict((conflict) => conflict.columns(["webhook", "id"]).doNothing())
    .compile();
  const forget = build
    .deleteFrom("webhook_message")
    .where((is) =>
      is(
        is.refTuple("webhook", "id"),
        "in",
        is
          .selectFrom("webhook_message")
          .select(["webhook", "id"])
          .where("kept_until", "<", at)
          .orderBy("kept_until")
          .limit(MOST_FORGOTTEN)
          .$asTuple("webhook", "id"),
      ),
    )
    .compile();
  return [{ query: take, exactly: 1 }, { query: forget }];
}
