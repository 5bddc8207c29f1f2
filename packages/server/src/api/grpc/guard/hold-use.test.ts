import { join } from "node:path";
import { expect, it } from "vitest";
import { builtInAccess } from "../../../../test/support/built-in-access.ts";
import { sampleCaller } from "../../../../test/support/sample-caller.ts";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { Locks } from "../../../auth/locks.ts";
import { Groups } from "../../../auth/login/groups.ts";
import { HeldRights } from "../../../auth/policy/held-rights.ts";
import { Revocations } from "../../../pki/revoke.ts";
import { systemClock } from "../../../lib/clock.ts";
import { openSqliteStore } from "../../../store/sqlite/open.ts";
import { checkLock, holdUse } from "./hold-use.ts";

const ann = { name: "ann", roles: ["developer"] };
const lockedOut = {
  code: "CERTIFICATE_REFUSED",
  message: 'Cannot accept the certificate of "ann": "ann" is locked',
  // A new certificate would not help, which is what else is told of one that is refused.
  fix: "Ask an administrator to unlock it: `berth cert unlock ann`",
};

it("tells who is locked how to come in again", () => {
  const locks = new Locks(["ann"]);
  expect(() => checkLock(locks, ann)).toThrow(expect.objectContaining(lockedOut));
  expect(() => checkLock(locks, { ...ann, name: "an" })).not.toThrow();
});

it("tells it, too, whose call ends as the lock comes, and nobody whose call is over", async () => {
  await using folder = tempFolder();
  await using store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  const revocations = await Revocations.open({ registry: store.certificates, clock: systemClock });
  const locks = new Locks();
  const rights = new HeldRights(builtInAccess, new Groups());
  const notAfter = Date.now() + 60_000;
  const certificate = { cn: "ann", serial: "ab01", issuerName: "Berth", notBefore: 0, notAfter };
  const ends: unknown[] = [];
  holdUse({ locks, revocations, rights }, { certificate, caller: sampleCaller({ principal: ann }) }, (why) =>
    ends.push(why),
  );
  const over = holdUse(
    { locks, revocations, rights },
    { certificate, caller: sampleCaller({ principal: ann }) },
    () => ends.push("over"),
  );
  over();
  locks.set("ann", true);
  expect(ends).toEqual([expect.objectContaining(lockedOut)]);
});
