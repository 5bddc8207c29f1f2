/**
 * Test files that take more than some seconds on two cores, and how many about. They begin first; a number that has
 * grown old costs idle cores at the end of a run, and nothing else.
 */
export const slowFiles: Readonly<Record<string, number>> = {
  "e2e/engine-local-v2.test.ts": 600,
  "e2e/survival.test.ts": 250,
  "e2e/host-restart.test.ts": 200,
  "e2e/guides.test.ts": 200,
  "e2e/survival-postgres.test.ts": 70,
  "e2e/output-while-away.test.ts": 65,
  "packages/server/test/engine-local.test.ts": 60,
  "packages/server/test/engine-local-warm.test.ts": 60,
  "packages/server/test/store-postgres.test.ts": 60,
  "packages/server/test/output-at-the-end.test.ts": 50,
  "packages/server/test/abuse-disk.test.ts": 50,
  "packages/server/test/abuse-processes.test.ts": 45,
  "e2e/command-door.test.ts": 45,
  "packages/server/test/local/isolation.test.ts": 40,
  "e2e/full-disk.test.ts": 40,
  "e2e/stages-survival.test.ts": 35,
  "packages/server/test/networks/survival.test.ts": 35,
  "packages/server/test/limits-effect.test.ts": 30,
  "packages/server/test/login/browser.test.ts": 30,
  "e2e/archives-survival.test.ts": 30,
  "e2e/schedules-survival.test.ts": 30,
  "packages/server/test/store-copy.test.ts": 30,
  "e2e/networks.test.ts": 25,
  "packages/server/test/audit-shipping.test.ts": 25,
  "packages/server/test/local/survival.test.ts": 20,
  "packages/server/test/readiness.test.ts": 20,
  "packages/server/test/local/full-run-folder.test.ts": 20,
  "packages/server/test/executor.test.ts": 20,
  "e2e/command-door-tls.test.ts": 20,
  "e2e/two-servers.test.ts": 20,
  "packages/server/test/networks/networks.test.ts": 20,
  "packages/server/test/native/messages.test.ts": 20,
  "packages/server/test/api-documents.test.ts": 20,
  "packages/cli/test/real-server.test.ts": 20,
  "packages/server/test/grpc/executor-ends.test.ts": 20,
  "packages/server/test/local/warm-keeper.test.ts": 15,
  "packages/server/test/native/ends.test.ts": 15,
  "packages/server/test/engine-fake.test.ts": 15,
  "packages/server/src/reconciler/sweeps/retention.test.ts": 15,
  "packages/server/src/reconciler/recovery.test.ts": 15,
  "packages/server/test/grpc/executor-calls.test.ts": 15,
  "packages/cli/test/certificates.test.ts": 15,
  "packages/server/test/no-escalation.test.ts": 15,
  "scripts/install-host.test.ts": 12,
  "packages/server/src/reconciler/reconciler.test.ts": 10,
};

export function secondsOf(path: string): number {
  const known = Object.entries(slowFiles).find(([file]) => path.endsWith(`/${file}`));
  return known?.[1] ?? 0;
}
