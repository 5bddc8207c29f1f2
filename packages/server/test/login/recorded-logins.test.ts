import { expect, it } from "vitest";
import { openLogin } from "../../src/auth/login/open-login.ts";
import type { Provider, ProvenIdentity } from "../../src/auth/providers/provider.ts";
import type { AuditEntry } from "../../src/core/audit/record.ts";
import { AuditBench } from "../support/audit-bench.ts";
import { everyRecord, serverAudit } from "../support/sample-audit.ts";

it("a login records what it changes of itself: a new account, groups, and a session that makes room", async () => {
  await using bench = await AuditBench.open("sqlite");
  const { store } = bench;
  let proven: ProvenIdentity = { subject: "7f", name: "ann", display: null, groups: ["Lab", "all"] };
  const corp: Provider = {
    name: "corp",
    verify: () => Promise.resolve(proven),
  };
  const locks = { check: () => undefined };
  await using login = await openLogin({ store, audit: serverAudit, locks, now: Date.now, providers: [corp] });
  const from = { provider: "corp", address: null, agent: null };
  const logIn = () => login.signIn.byPassword({ ...from, name: "ann", password: "any" });
  const recorded = async (): Promise<AuditEntry[]> => {
    const { items } = await store.audit.list({ ...everyRecord, limit: 100 });
    const entries = items.map(({ text }) => JSON.parse(text) as AuditEntry);
    return entries.filter(({ resource }) => resource !== "audit").toReversed();
  };
  const { account, session } = await logIn();
  const ann = { resource: "users", name: "ann", account: "server" };
  const made = { ...ann, verb: "create", about: { provider: "corp", subject: "7f" } };
  const groups = (before: string[], after: string[]) => ({
    ...ann,
    verb: "update",
    about: { provider: "corp" },
    changes: [{ field: "groups", before, after }],
  });
  expect(await recorded()).toMatchObject([made, groups([], ["all", "lab"])]);
  // What the trail calls the server itself, or who has shown nothing, is nobody's name.
  for (const name of ["server", "Anonymous"]) {
    proven = { ...proven, subject: name, name };
    await expect(logIn()).rejects.toMatchObject({ code: "IDENTITY_NOT_LINKED" });
  }
  proven = { ...proven, subject: "7f", name: "ann" };
  // What does not change leaves nothing.
  await logIn();
  expect(await recorded()).toHaveLength(2);
  proven = { ...proven, groups: ["all"] };
  await logIn();
  expect((await recorded()).slice(2)).toMatchObject([groups(["all", "lab"], ["all"])]);
  for (let sessions = 3; sessions < 51; sessions += 1) await login.signIn.begin(account, from);
  expect((await recorded()).slice(3)).toMatchObject([
    { verb: "delete", resource: "sessions", name: session.id, about: { user: "ann", why: "more sessions" } },
  ]);
});
