import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.ts";
import { patiently } from "./packages/server/test/support/patience.ts";
import { keptCheckout, keptCode } from "./scripts/tests/keep-code.ts";
import { LongestFirst } from "./scripts/tests/longest-first.ts";
import { secondTriesAllowed } from "./scripts/tests/second-tries.ts";

const source = "berth-source";
const conditions = [source, "module", "node", "development|production"];
const minute = 60_000;

/** A guard against hanging, not a measure of speed: every test may meet a host that has much else to do. */
const patience = { testTimeout: patiently(5 * minute), hookTimeout: patiently(5 * minute) };

/** Each boots a host of its own, which takes one processor and many minutes: it begins first, beside all others. */
const onGuests = ["e2e/engine-local-v2.test.ts", "e2e/host-restart.test.ts"];

/** They ask how soon a server answers. */
const alone = ["e2e/greedy-callers.test.ts", "e2e/largest-specs.test.ts"];

/** Before the tests that start servers as programs; the unit tests start none, and wait for no bundle. */
const globalSetup = "scripts/tests/keep-code.ts";

/** It counts how often its process is woken, and so has one to itself. */
const countsWakes = "packages/server/src/telemetry/loop-watch.test.ts";

/**
 * To load a server takes longer than most of these files do: several share one process. What kills, measures or changes its own
 * process is not here, and nothing that a guest runs (scripts/tests/guest-tests.ts): there one process is to have all of it.
 */
const tests = "packages/server/test";
const ofDoors =
  "api-*,rest-tls,before-doors,stream-ends,caller-arrives,write-groups,unrecorded-writes,generated-client,readiness,launcher,openapi-of-tasks";
const ofRights =
  "quotas*,grants-of-{goods,images},no-escalation,token-scopes,rights-cuts,lock-cuts,audit,fair-share";
const ofNouns =
  "task*,upload*,runner*,schedule*,webhook*,secrets-{api,mounted,output},networks-*,job-life,two-engines";
const ofStores = "store,store-{claims,copy,finding,long-history,on-postgres,survival},postgres-*,data-folder";
const ofJobs =
  "clone{,-*},engine-{fake,unable},executor-*,output-idioms,native-index,unpack-archives,inspect-server,abuse-{files,input,output,pids}";
const ofSandboxes =
  "full-run-folder,ids-of-jobs,kept-files,pid-1,recorded-isolation,priority,same-sandbox,secrets,shim,start-faults,stop-age,stuck-*";
const ofPidOne = "connect,ends,hand-over,kills,network,output,safety,sanitized,view";
const ofNetworks =
  "beside,closed,first-instruction,forged,forged-classes,jobs,lab-kernel,leftovers,names,neighbours,networks,range,sever";
const together = [
  "packages/{cli,sdk}/test/**/*.test.ts",
  `${tests}/{grpc,kriten,login,resolver}/**/*.test.ts`,
  `${tests}/{${ofDoors},${ofRights},${ofNouns},${ofStores},${ofJobs}}.test.ts`,
  `${tests}/local/{${ofSandboxes}}.test.ts`,
  `${tests}/native/{${ofPidOne}}.test.ts`,
  `${tests}/networks/{${ofNetworks}}.test.ts`,
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [source] } },
  test: {
    pool: "forks",
    execArgv: [`--conditions=${source}`],
    // Of the programs that tests start.
    env: { NODE_COMPILE_CACHE: keptCode, BERTH_TEST_CHECKOUT: keptCheckout },
    // Most tests wait more than they work, for jobs and their ends; two more are the guests, which begin first.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    retry: secondTriesAllowed() > 0 ? 1 : 0,
    expect: { poll: { timeout: patiently(minute), interval: 10 } },
    passWithNoTests: true,
    reporters: ["default", new SummaryReporter()],
    coverage: { provider: "v8", include: ["packages/*/src/**"] },
    // All at once but those that want the host for themselves: a group starts when the one before it has ended.
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: [...configDefaults.exclude, countsWakes],
          // Several in one process: most would take longer to load what they test, each for itself, than to test it.
          isolate: false,
          ...patience,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          globalSetup,
          include: ["packages/*/test/**/*.test.ts", countsWakes],
          exclude: [...configDefaults.exclude, ...together],
          ...patience,
        },
      },
      {
        extends: true,
        test: { name: "integration-together", globalSetup, include: together, isolate: false, ...patience },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          globalSetup,
          include: ["e2e/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...onGuests, ...alone],
          ...patience,
        },
      },
      {
        extends: true,
        // What fails in a guest has its second try there.
        test: { name: "e2e-guests", globalSetup, include: onGuests, retry: 0, ...patience },
      },
      {
        extends: true,
        test: {
          name: "e2e-alone",
          globalSetup,
          sequence: { groupOrder: 1 },
          include: alone,
          fileParallelism: false,
          ...patience,
        },
      },
    ],
  },
});
