/** A room of pure rules: its files are changed in every small way there is, and its own tests must notice. */
export interface Room {
  name: string;
  /** What is changed. */
  files: readonly string[];
  /** What must notice: quick tests, as each runs again for each change that it touches. */
  tests: readonly string[];
  /** Code that runs before any test, as when a store is opened: a change of it needs all tests. Tried unless said. */
  beforeTests?: "left out";
}

const server = "packages/server/src";

/** Left out: tables of texts and routes, which the generated references hold, and what only a real process shows. */
export const rooms: readonly Room[] = [
  {
    name: "lib",
    files: [
      `${server}/lib/{,text/}*.ts`,
      `!${server}/lib/{crash-point,exit-watchdog,manual-clock,return-memory}.ts`,
      `!${server}/lib/**/*.test.ts`,
    ],
    tests: [`${server}/lib/**/*.test.ts`],
  },
  {
    name: "core",
    files: [`${server}/core/**/*.ts`, `!${server}/core/**/*.test.ts`],
    tests: [`${server}/core/**/*.test.ts`],
  },
  {
    name: "auth",
    files: [`${server}/auth/*.ts`, `!${server}/auth/*.test.ts`],
    tests: [`${server}/auth/**/*.test.ts`],
  },
  {
    name: "protocol",
    files: [
      "packages/protocol/src/{states,units,signals,outcome,output-frames}.ts",
      "packages/protocol/src/schemas/job-spec.ts",
    ],
    tests: ["packages/protocol/src/**/*.test.ts"],
  },
  {
    name: "sdk",
    files: ["packages/sdk/src/transport/*.ts", "!packages/sdk/src/transport/*.test.ts"],
    // Those of sdk/test speak with servers that go away for seconds: too slow for a thousand changes.
    tests: ["packages/sdk/src/transport/*.test.ts"],
  },
  {
    name: "store",
    files: [`${server}/store/queries/**/*.ts`, `!${server}/store/queries/**/*.test.ts`],
    tests: ["packages/server/test/store.test.ts", `${server}/store/**/*.test.ts`],
    beforeTests: "left out",
  },
  {
    name: "pki",
    // What makes keys takes seconds a test, and is left to the tests of the real door.
    files: [`${server}/pki/{names,csr,revoke}.ts`, `${server}/pki/files/registry-state.ts`],
    tests: [`${server}/pki/{names,csr,revoke}.test.ts`, `${server}/pki/files/*.test.ts`],
  },
];
