const inSupport = [
  "arm-crash-point",
  "audit-shipper",
  "audit-writer",
  "commits-on-full-disk",
  "engine-host",
  "fake-subject",
  "local-subject",
  "lock-holder",
  "postgres-on-full-disk",
  "rebound-names",
  "stages-server",
  "store-on-full-disk",
  "store-writer",
  "warm-subject",
];

/**
 * What tests start in processes of their own, and the modules that these are told to load, from the root of the repository. They are
 * bundled with the server, as two copies of its code would know nothing of each other; `packages/server/test/support/launcher.ts`
 * finds them.
 */
export const testPrograms: readonly string[] = [
  ...inSupport.map((name) => `packages/server/test/support/${name}.ts`),
  "packages/server/test/networks/engine-driver.ts",
  "packages/server/test/networks/networks-driver.ts",
  "e2e/support/dispose-on-full-disk.ts",
  "e2e/support/host-life.ts",
];
