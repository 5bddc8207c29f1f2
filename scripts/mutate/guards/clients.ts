import type { Guard } from "./guard.ts";

/** What scripts and programs are told, and what is shipped. */
export const clients: readonly Guard[] = [
  {
    guard: "the SDK asks a busy server again",
    file: "packages/sdk/src/transport/retry.ts",
    take: " || status === 429",
    test: "packages/sdk/test/busy-server.test.ts",
  },
  {
    guard: "the command line has a code of its own for what is forbidden",
    file: "packages/cli/src/core/exit-codes.ts",
    take: " || status === 403",
    test: "packages/cli/test/server-errors.test.ts",
  },
  {
    guard: "the command line has a code of its own for a server that is full",
    file: "packages/cli/src/core/exit-codes.ts",
    take: " || status === 429",
    test: "packages/cli/test/server-errors.test.ts",
  },
  {
    guard: "the bundled server has its threads",
    file: "scripts/bundle/bundle-server-parts.ts",
    take: ", ...threadsBelow(source)",
    test: "packages/server/test/bundle.test.ts",
  },
  {
    guard: "the bundled server leaves out what reads files of its own",
    file: "scripts/bundle/bundle-server-parts.ts",
    take: "external: LEFT_OUT,",
    leave: 'external: LEFT_OUT.filter((name) => !name.startsWith("@fastify/")),',
    test: "packages/server/test/bundle.test.ts",
  },
];
