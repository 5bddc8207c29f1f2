import { randomUUID } from "node:crypto";
import { StopCommandReply_StopStatus as StopStatus } from "@berth/protocol/executor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandDoor, openCommandDoor } from "../packages/server/test/support/command-door.ts";
import type { ExecutorClient } from "../packages/server/test/support/executor-client.ts";
import { pids, readProc } from "../packages/server/test/support/leftovers.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: 3 tests of stopping over gRPC, because ${missing}`);

let door: CommandDoor;
let client: ExecutorClient;

async function open(): Promise<void> {
  door = await openCommandDoor({ env: { BERTH_STOP_GRACE: "2s" } });
  client = await door.client("client1");
}

/**
 * A command with a child, and a grandchild in a session of its own, both deaf to TERM. `$1` marks all of them on the
 * host; `onTerm` is what the command itself does.
 */
const family = (onTerm: string): string => `
deaf='trap "" TERM; while :; do sleep 1000; done'
sh -c "$deaf" "$1-child" &
(setsid sh -c "$deaf" "$1-grandchild" &) &
trap '${onTerm}' TERM
echo ready
while :; do sleep 1000 & wait; done`;

/** The processes of this host that carry the mark; what is dead and not yet waited for has no arguments. */
function marked(mark: string): string[] {
  return pids()
    .map((pid) => readProc(pid, "cmdline").replaceAll("\0", " "))
    .filter((line) => line.includes(mark));
}

describe.skipIf(missing !== null)("StopExecution on the local engine", () => {
  beforeAll(open);
  afterAll(() => door[Symbol.asyncDispose]());

  it.each([
    [
      "STOPPED when its TERM handler takes a second",
      "sleep 1; echo done; exit 3",
      StopStatus.STOPPED,
      3,
      "ready\ndone\n",
    ],
    ["KILLED after the grace when it ignores TERM", "", StopStatus.KILLED, 137, "ready\n"],
  ])(
    "C4: answers %s, with children and grandchildren gone",
    async (_what, onTerm, status, exitCode, output) => {
      const mark = `mark-${randomUUID()}`;
      const args = ["-c", family(onTerm), "sh", mark];
      const { executionId } = await client.call("executeCommand", { command: "sh", args });
      const id = executionId?.value ?? "";
      const isWhole = (): boolean =>
        [`${mark}-child`, `${mark}-grandchild`].every((one) => marked(one).length > 0);
      await until(isWhole, { what: "the whole family" });
      await until(async () => (await door.server.api.output(id)) === "ready\n", { what: "the trap" });

      const reply = await client.call("stopExecution", { executionId: { value: id } });
      // Looked at before anything else can happen: the answer means that the tree is gone.
      const left = marked(mark);
      expect(left).toEqual([]);
      expect(reply).toMatchObject({ status, exitCode, state: "canceled", cause: { code: "stopped" } });
      expect(await door.server.api.output(id)).toBe(output);
      await door.bench.untilCleanedUp(id);
    },
  );

  it("C4: is KILLED for everybody who waits, however many asked", async () => {
    const args = ["-c", family(""), "sh", `mark-${randomUUID()}`];
    const { executionId } = await client.call("executeCommand", { command: "sh", args });
    const id = executionId?.value ?? "";
    await until(async () => (await door.server.api.output(id)) === "ready\n", { what: "the trap" });
    const stop = (graceMs: number) => client.call("stopExecution", { executionId: { value: id }, graceMs });
    const replies = await Promise.all([60_000, 60_000, 100, 30_000].map(stop));
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => StopStatus.KILLED));
    await door.bench.untilCleanedUp(id);
  });
});
