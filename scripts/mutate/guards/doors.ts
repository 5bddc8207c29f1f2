import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const header = (name: string, value: string): Guard => ({
  guard: `browsers are told ${name}`,
  file: `${server}/api/http/security-headers.ts`,
  take: `  "${name}": "${value}",\n`,
  test: "packages/server/test/api-headers.test.ts",
});

/** What leaves the server by its doors. */
export const doors: readonly Guard[] = [
  header("x-frame-options", "DENY"),
  header("cross-origin-resource-policy", "same-origin"),
  header("referrer-policy", "no-referrer"),
  {
    guard: "gRPC says of a fault within that there was one, and no more",
    file: `${server}/api/grpc/status.ts`,
    take: `new BerthError("INTERNAL", "Cannot answer: the server failed")`,
    leave: `new BerthError("INTERNAL", String(error))`,
    test: "packages/server/test/grpc/hidden-faults.test.ts",
  },
  {
    guard: "a job's evidence holds no raw fault",
    file: `${server}/reconciler/end/gather.ts`,
    take: "problems.push(`Cannot ${what}: the server failed`);",
    leave: "problems.push(`Cannot ${what}: ${String(error)}`);",
    test: `${server}/reconciler/hidden-faults.test.ts`,
  },
];
