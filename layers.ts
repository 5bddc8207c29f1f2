/**
 * Who may import what: each entry is a folder or a file below a package's `src`, with what it may import
 * of the same package and of our other packages (`@berth/…`). The longest entry that matches a file rules it;
 * files of one entry may import each other. Read top to bottom: edges first, pure code last.
 */
export type Layers = Readonly<Record<string, readonly string[]>>;

const protocol: Layers = {
  "": [],
  // The messages of gRPC: only who speaks it loads them, by their own entries of the package.
  gen: [],
};

/** What who speaks gRPC loads as well. */
const grpc = [
  "@berth/protocol/executor",
  "@berth/protocol/grpc-errors",
  "@berth/protocol/grpc-health",
  "@berth/protocol/grpc-reflection",
  "@berth/protocol/grpc-service",
  "@berth/protocol/grpc-status",
];

/** What a client loads at run time: the parts of the contract that come without the schemas. */
const contract = [
  "@berth/protocol",
  "@berth/protocol/errors",
  "@berth/protocol/limits",
  "@berth/protocol/outcome",
  "@berth/protocol/output-frames",
  "@berth/protocol/routes",
  "@berth/protocol/sources",
  "@berth/protocol/states",
  "@berth/protocol/system-refusals",
  "@berth/protocol/units",
];

const sdk: Layers = {
  "index.ts": ["*", ...contract],
  "client.ts": ["resources", "rest", "transport", ...contract],
  rest: ["resources", "transport", ...contract],
  grpc: ["resources", "transport", ...contract, ...grpc],
  // Loaded when a folder or a file is sent, and in Node alone.
  folder: ["resources", ...contract],
  resources: ["transport", ...contract],
  transport: contract,
};

const cli: Layers = {
  "main.ts": ["run-cli.ts", "core"],
  "run-cli.ts": ["commands", "core", ...contract],
  commands: ["core", "@berth/sdk", "@berth/sdk/folder", ...contract],
  core: ["@berth/sdk", "@berth/sdk/node", "@berth/sdk/grpc", ...contract],
};

/** What all of the local engine may import: never another engine, never a setting. */
const engineBasis = ["engines/engine.ts", "core", "lib", "@berth/protocol"];

/** The local engine by its rooms, each below the one before: a job stands on places, these on the host. */
const localEngine: Layers = {
  "engines/local": [
    "engines/local/jobs",
    "engines/local/spawner",
    "engines/local/networks",
    "engines/local/resolver",
    "engines/local/workshop",
    "engines/local/work",
    "engines/local/bundle",
    "engines/local/host",
    "engines/local/groups",
    "engines/local/disk",
    "engines/local/local-engine-options.ts",
    ...engineBasis,
  ],
  "engines/local/jobs": [
    "engines/local/spawner",
    "engines/local/networks",
    "engines/local/resolver",
    "engines/local/work",
    "engines/local/bundle",
    "engines/local/host",
    "engines/local/groups",
    "engines/local/disk",
    ...engineBasis,
  ],
  "engines/local/spawner": [
    "engines/local/networks",
    "engines/local/work",
    "engines/local/bundle",
    "engines/local/host",
    "engines/local/groups",
    "engines/local/disk",
    ...engineBasis,
  ],
  // What jobs reach. Knows links and addresses, and nothing of who they are for.
  "engines/local/resolver": ["engines/local/networks", "engines/local/host", ...engineBasis],
  "engines/local/networks": ["engines/local/host", ...engineBasis],
  "engines/local/workshop": ["engines/local/work", "engines/local/bundle", ...engineBasis],
  "engines/local/work": ["engines/local/bundle", ...engineBasis],
  "engines/local/bundle": ["engines/local/host", ...engineBasis],
  "engines/local/host": ["engines/local/groups", "engines/local/local-engine-options.ts", ...engineBasis],
  "engines/local/groups": ["engines/local/local-engine-options.ts", ...engineBasis],
  "engines/local/disk": engineBasis,
  "engines/local/local-engine-options.ts": engineBasis,
};

/** What all of the server may import. */
const basis = ["core", "lib", "@berth/protocol"];

const server: Layers = {
  // What is done on the server's host: the server itself, and what must be done while it is down.
  commands: [
    "server.ts",
    "standby.ts",
    "config",
    "pki",
    "audit",
    "store/data-dir-lock.ts",
    "store/open-store.ts",
    "store/store.ts",
    "store/copy",
    ...basis,
  ],
  "index.ts": ["server.ts", "api/executor", "config"],
  // The composition roots, the only files that know concrete parts: one opens what runs jobs, the other the doors to it.
  "server.ts": ["*"],
  "control-plane.ts": ["*"],
  // What there is of a server while another one has the database.
  "standby.ts": [
    "server.ts",
    "config",
    "pki",
    "api/http",
    "store/data-dir-lock.ts",
    "store/open-store.ts",
    ...basis,
  ],

  // Keys, certificates, and which certificates are refused: knows nothing of jobs.
  pki: ["store/certificate-store.ts", "core", "lib", "@berth/protocol"],

  "api/grpc": ["operations", "logs/log-store.ts", "auth", "pki", "telemetry", ...basis, ...grpc],
  // The door for programs that run jobs in their own process: it opens what is behind it as well.
  "api/executor": ["control-plane.ts", "engines/local", "operations", "auth", "config", ...basis],
  "api/http": ["operations", "auth", "telemetry", "core", "lib", "@berth/protocol"],
  // The one place that puts the REST door together.
  "api/http/server.ts": ["api/http", "api/kriten", "operations", "auth", "telemetry", ...basis],
  // Older clients' words for the same operations: they come by the REST door.
  "api/kriten": ["api/http", "operations", "auth", "telemetry", ...basis],

  operations: [
    "audit/audit.ts",
    "auth/access.ts",
    "auth/locks.ts",
    "auth/login",
    "auth/passwords",
    "auth/providers/oidc/code-logins.ts",
    "auth/providers/oidc/device-logins.ts",
    "auth/roles.ts",
    "auth/shown-tokens.ts",
    "auth/tokens.ts",
    "pki",
    "secrets/job-secrets.ts",
    "secrets/secrets.ts",
    "sources/sources.ts",
    "artifacts/artifact-store.ts",
    "engines/engine.ts",
    "logs/log-store.ts",
    "store/audit-store.ts",
    "store/store.ts",
    "store/account-store.ts",
    "store/session-store.ts",
    "store/certificate-store.ts",
    "store/database-report.ts",
    "store/secret-store.ts",
    "telemetry/events.ts",
    "uploads/upload-files.ts",
    "uploads/uploads.ts",
    ...basis,
  ],
  reconciler: [
    "secrets/job-secrets.ts",
    "audit/audit.ts",
    "artifacts/artifact-store.ts",
    "engines/engine.ts",
    "logs/log-store.ts",
    "logs/masks",
    "logs/result.ts",
    "sources/sources.ts",
    "sources/door",
    "store/store.ts",
    "uploads/uploads.ts",
    "telemetry",
    ...basis,
  ],

  // What makes records is a port: who records them, and how they are kept, is beside it.
  "audit/audit.ts": ["core"],
  audit: ["audit/audit.ts", "outbound", "store/audit-store.ts", "store/audit-trail.ts", ...basis],

  "auth/access.ts": ["core", "lib", "@berth/protocol"],
  "auth/locks.ts": ["auth/access.ts", "core", "lib", "@berth/protocol"],
  "auth/tokens.ts": ["store/store.ts", "lib", "@berth/protocol"],
  "auth/shown-tokens.ts": ["auth/shown-credentials.ts", "auth/tokens.ts", "store/store.ts", ...basis],
  "auth/roles.ts": ["core", "lib", "@berth/protocol"],
  "auth/identity.ts": ["core", "lib", "@berth/protocol"],
  "auth/shown-credentials.ts": ["auth/tokens.ts", "core", "lib", "@berth/protocol"],
  "auth/login": [
    "audit/audit.ts",
    "auth/access.ts",
    "auth/locks.ts",
    "auth/passwords",
    "auth/providers",
    "auth/shown-credentials.ts",
    "auth/tokens.ts",
    "store/account-store.ts",
    "store/session-store.ts",
    "store/store.ts",
    ...basis,
  ],
  // Who is who by name and password; what account that is, is said in auth/login.
  "auth/passwords": ["core", "lib", "@berth/protocol"],
  "auth/providers": [
    "auth/identity.ts",
    "auth/passwords",
    "auth/tokens.ts",
    "outbound",
    "store/account-store.ts",
    ...basis,
  ],
  auth: [
    "audit/audit.ts",
    "auth/access.ts",
    "auth/locks.ts",
    "auth/login",
    "auth/shown-credentials.ts",
    "auth/roles.ts",
    "auth/shown-tokens.ts",
    "auth/tokens.ts",
    "auth/identity.ts",
    "store/store.ts",
    ...basis,
  ],

  "engines/engine.ts": ["core", "lib", "@berth/protocol"],
  ...localEngine,
  "engines/fake": ["engines/engine.ts", "core", "lib", "@berth/protocol"],
  "engines/registry.ts": ["engines/engine.ts", "engines/local", "engines/fake", "config", ...basis],

  // Where the code of tasks comes from: the trees that are kept, and the door by which they are fetched.
  "sources/sources.ts": ["core"],
  "sources/files": ["sources/sources.ts", "store/store.ts", ...basis],
  "sources/door": ["outbound", ...basis],

  // Envelopes and master keys: knows nothing of jobs.
  secrets: ["store/secret-store.ts", "logs/masks", "core", "lib", "@berth/protocol"],

  "store/account-store.ts": ["core"],
  "store/session-store.ts": [],
  "store/certificate-store.ts": [],
  "store/audit-store.ts": ["core"],
  "store/audit-trail.ts": ["core"],
  "store/database-report.ts": [],
  "store/secret-store.ts": [],
  "store/store.ts": [
    "store/account-store.ts",
    "store/session-store.ts",
    "store/audit-store.ts",
    "store/certificate-store.ts",
    "store/database-report.ts",
    "store/secret-store.ts",
    ...basis,
  ],
  "store/data-dir-lock.ts": ["core", "lib", "@berth/protocol"],
  "store/disk-reserve.ts": ["lib"],
  "store/migrations": [],
  "store/queries": [
    "store/store.ts",
    "store/audit-store.ts",
    "store/account-store.ts",
    "store/session-store.ts",
    "store/certificate-store.ts",
    "store/secret-store.ts",
    ...basis,
  ],
  "store/copy": ["store/sqlite", "store/postgres", "store/queries", "core", "lib", "@berth/protocol"],
  "store/open-store.ts": ["store/store.ts", "store/audit-trail.ts", "store/sqlite", "store/postgres", "core"],
  "store/postgres": [
    "store/audit-trail.ts",
    "store/store.ts",
    "store/database-report.ts",
    "store/queries",
    "store/migrations",
    ...basis,
  ],
  "store/sqlite": [
    "store/audit-trail.ts",
    "store/store.ts",
    "store/database-report.ts",
    "store/queries",
    "store/migrations",
    ...basis,
  ],

  "artifacts/artifact-store.ts": ["core", "lib", "@berth/protocol"],
  "artifacts/files": ["artifacts/artifact-store.ts", "core", "lib", "@berth/protocol"],

  "uploads/upload-files.ts": [],
  "uploads/uploads.ts": ["uploads/upload-files.ts", "store/store.ts", "lib", "@berth/protocol"],
  "uploads/files": ["uploads/upload-files.ts", "core", "lib", "@berth/protocol"],

  "logs/log-store.ts": ["logs/masks", "core", "lib", "@berth/protocol"],
  "logs/masks": ["lib", "@berth/protocol"],
  "logs/files": ["logs/log-store.ts", "logs/masks", "core", "lib", "@berth/protocol"],
  logs: ["logs/log-store.ts", "logs/files", "core", "lib", "@berth/protocol"],

  // What is sent when jobs end.
  deliveries: ["audit/audit.ts", "outbound", "secrets/secrets.ts", "store/store.ts", ...basis],

  // The one way out: where it may lead, and nothing of what is sent.
  outbound: ["core", "lib", "@berth/protocol"],

  telemetry: ["core", "lib", "@berth/protocol"],
  config: ["core", "lib", "@berth/protocol"],
  core: ["lib", "@berth/protocol"],
  lib: [],
};

export const layers: Readonly<Record<string, Layers>> = {
  "packages/cli/src": cli,
  "packages/server/src": server,
  "packages/sdk/src": sdk,
  "packages/protocol/src": protocol,
};

/** Code that does no input or output: only these modules from outside may be imported there. */
export const pure: Readonly<Record<string, readonly string[]>> = {
  "packages/server/src/core": ["node:crypto", "zod"],
  "packages/protocol/src/gen": [
    "@bufbuild/protobuf",
    "@bufbuild/protobuf/codegenv2",
    "@bufbuild/protobuf/wkt",
  ],
  "packages/protocol/src/grpc-service.ts": ["@bufbuild/protobuf"],
  "packages/protocol/src": ["zod"],
};
