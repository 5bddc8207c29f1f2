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
    guard: "who is locked is refused whatever door the call came by",
    file: `${server}/auth/locks.ts`,
    take: "if (this.isLocked(principal)) throw refused(principal);",
    test: "packages/server/test/lock-cuts.test.ts",
    title: "out of every route|whose calls it refuses",
  },
  {
    guard: "a lock ends what is open",
    file: `${server}/auth/locks.ts`,
    take: "if (this.isLocked(principal)) controller.abort(refused(principal));",
    test: "packages/server/test/lock-cuts.test.ts",
    title: "within two seconds",
  },
  {
    guard: "an operation asks whether this caller may, with the object at hand",
    file: `${server}/auth/policy/policy-access.ts`,
    take: "if (!isAllowed(caller, permission, target)) throw",
    leave: "if (!isAllowed(caller, permission)) throw",
    test: `${server}/auth/policy/policy-access.test.ts`,
  },
  {
    guard: "a database of PostgreSQL belongs to one server",
    file: `${server}/store/postgres/owner/ownership.ts`,
    take: "if (rows[0]?.taken === true) return;",
    leave: "if (rows[0] !== undefined) return;",
    test: "packages/server/test/store-postgres.test.ts",
    title: "a second one is refused by the name of the first",
  },
  {
    guard: "a server whose database another one has claimed writes nothing",
    file: `${server}/store/postgres/write-batch.ts`,
    take: "WHERE id = 1 AND holder = $2",
    leave: "WHERE id = 1 AND ($2 = $2)",
    test: "packages/server/test/store-postgres.test.ts",
    title: "writes nothing once another holds the claim",
  },
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
  {
    guard: "the text of a piece of output is made when it is its turn",
    file: `${server}/api/http/routes/output.ts`,
    take: `yield () => sseEvent({ id, event: "output", json: encodeChunk(chunk) });`,
    leave: `const text = sseEvent({ id, event: "output", json: encodeChunk(chunk) });\n    yield () => text;`,
    test: "e2e/greedy-callers.test.ts",
    title: "600 readers",
  },
  {
    guard: "a long body is read by a thread",
    file: `${server}/api/http/input/large-body.ts`,
    take: "if (bytes > LARGE_BYTES) return true;",
    test: "packages/server/test/large-requests.test.ts",
    title: "REST .* where it is long",
  },
  {
    guard: "a body of many parts is read by a thread",
    file: `${server}/api/http/input/large-body.ts`,
    take: "if (parts > MANY_PARTS) return true;",
    test: "packages/server/test/large-requests.test.ts",
    title: "REST .* of many parts",
  },
  {
    guard: "a long message is read by a thread",
    file: `${server}/api/grpc/large/large-request.ts`,
    take: "bytes.length > LARGE_BYTES || ",
    test: "packages/server/test/large-requests.test.ts",
    title: "gRPC .* where it is long",
  },
  {
    guard: "a message of many fields is read by a thread",
    file: `${server}/api/grpc/large/large-request.ts`,
    take: " || hasMoreFields(ExecuteRequestSchema, bytes, MANY_FIELDS)",
    test: "packages/server/test/large-requests.test.ts",
    title: "gRPC .* of many parts",
  },
  {
    guard: "the calls of one read are made in turns",
    file: `${server}/api/grpc/connection/streams-in-turns.ts`,
    take: "void arrivals.pass(nameOf(stream.session)).then(() => {",
    leave: "void Promise.resolve().then(() => {",
    test: `${server}/api/grpc/connection/streams-in-turns.test.ts`,
    title: "makes a few calls",
  },
  {
    guard: "no call is made of a stream that is closed",
    file: `${server}/api/grpc/connection/streams-in-turns.ts`,
    take: "if (!stream.closed) handle",
    leave: "handle",
    test: `${server}/api/grpc/connection/streams-in-turns.test.ts`,
    title: "client went before",
  },
];
