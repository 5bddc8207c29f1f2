/*
 * One example of each shape of the contract, shown in the OpenAPI document. What a request shows can be sent as it is.
 */

const id = "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7";

export const jobSpecExample = {
  command: "sh",
  args: ["-c", "cat greeting.txt; echo done >&2"],
  name: "greeting",
  labels: { team: "docs" },
  files: { "greeting.txt": "Hello from a file\n" },
  timeouts: { run: "1m" },
};

export const causeExample = { code: "exit", message: "Exited with code 0", evidence: { exitCode: 0 } };

export const usageExample = { cpuMs: 6.2, wallMs: 31, peakMemoryBytes: 2_416_640, outputBytes: 23 };

export const isolationExample = {
  level: "strong",
  items: [
    { name: "user-namespace", applied: true, detail: "own" },
    { name: "memory-limit", applied: true, detail: "512 MiB (the server's default)" },
  ],
};

export const jobSpecViewExample = { ...jobSpecExample, files: { "greeting.txt": { size: 18 } } };

export const stageExample = {
  id,
  kind: "command",
  state: "succeeded",
  cause: causeExample,
  startedAt: "2026-01-31T12:00:00.012Z",
  endedAt: "2026-01-31T12:00:00.043Z",
  exitCode: 0,
  usage: usageExample,
  isolation: isolationExample,
};

export const jobExample = {
  id,
  name: "greeting",
  labels: { team: "docs" },
  state: "succeeded",
  cause: causeExample,
  exitCode: 0,
  signal: null,
  createdAt: "2026-01-31T12:00:00.000Z",
  startedAt: "2026-01-31T12:00:00.012Z",
  endedAt: "2026-01-31T12:00:00.043Z",
  deadlineAt: null,
  usage: usageExample,
  isolation: isolationExample,
  engine: "local",
  network: "none",
  owner: "ann",
  spec: jobSpecViewExample,
  result: null,
};

export const jobListExample = { items: [jobExample], next: null };

const event = { jobId: id, at: "2026-01-31T12:00:00.012Z", cause: null, exitCode: null, deadlineAt: null };

export const stateEventExample = {
  ...event,
  seq: 3,
  type: "running",
  deadlineAt: "2026-01-31T12:01:00.012Z",
};
export const extendedEventExample = {
  ...event,
  seq: 4,
  type: "extended",
  deadlineAt: "2026-01-31T12:11:00.012Z",
};
export const endEventExample = { ...event, seq: 5, type: "succeeded", cause: causeExample, exitCode: 0 };

export const outputChunkExample = {
  stream: "stdout",
  offset: 0,
  at: "2026-01-31T12:00:00.031Z",
  data: "SGVsbG8gZnJvbSBhIGZpbGUK",
};

export const artifactExample = {
  path: "charts/sales.svg",
  size: 10_240,
  modifiedAt: "2026-01-31T12:00:00.040Z",
};

export const artifactListExample = {
  items: [artifactExample],
  skipped: [{ path: "charts/latest", reason: "It is a symbolic link" }],
};

export const uploadExample = {
  sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
  state: "receiving",
  offset: 1_048_576,
  length: 4_194_304,
  owner: "ann",
  createdAt: "2026-01-31T12:00:00.000Z",
  usedAt: "2026-01-31T12:00:00.031Z",
};

export const uploadListExample = { items: [uploadExample], next: null };

export const engineExample = {
  name: "local",
  default: true,
  capabilities: {
    splitStreams: true,
    cpuLimit: true,
    memoryLimit: true,
    memoryHigh: true,
    ioLimits: true,
    pidsLimit: true,
    diskLimit: true,
    roots: ["host-toolchain"],
    mounts: false,
    overlays: true,
    networkProfiles: ["none"],
    secrets: true,
    sources: true,
    connect: false,
  },
  checks: [{ name: "runtime", status: "ok", detail: "/usr/bin/crun 1.28", fix: null }],
  slots: { total: 16, busy: 1, queued: 0 },
  readiness: { ready: true, reason: null },
};

export const serverReportExample = {
  database: {
    kind: "sqlite",
    place: "/var/lib/berth/berth.db",
    checks: [{ name: "connection", status: "ok", detail: "It answers and takes writes", fix: null }],
  },
  trust: {
    checks: [{ name: "locks", status: "ok", detail: "Nobody is locked out", fix: null }],
  },
  network: { trials: [{ address: "169.254.169.254", why: "link-local, and metadata" }] },
};

export const errorExample = {
  code: "REQUEST_INVALID",
  message: "Cannot read the request: timeouts.run must be written like 90s",
  fix: "Correct the fields named in `problems` and send the request again",
  requestId: "3f1d3d34-725c-4730-8d21-0199a2b47c1e",
  problems: [{ field: "timeouts.run", message: "must be written like 90s" }],
};

/** A request for a key that nobody has any more. */
const csr = [
  "-----BEGIN CERTIFICATE REQUEST-----",
  "MIHIMHACAQAwDjEMMAoGA1UEAwwDYW5uMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD",
  "QgAEOz9gNuU3j1tqtvnoFWxEwExyQgitixnhmyWIQl6iI/vvlOK7YZn1MnpRdHAD",
  "HBQ7bLVXswpzqXZHAgGokKt9jaAAMAoGCCqGSM49BAMCA0gAMEUCICoJmz4rCaUM",
  "oAyVMtLFRbKHFxTqN/cI1pmp4jRPNv6VAiEA+76YkZU9/HPaYBBHxmihvax631YU",
  "l2v24HH7N3W3Qk0=",
  "-----END CERTIFICATE REQUEST-----",
].join("\n");

export const issueCertificateExample = { csr, ttl: "24h" };

/** Shape only: a real one is longer. */
const pem = "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n";

export const renewCertificateExample = { certificate: pem, ttl: "24h" };

export const certificateExample = {
  serial: "5f2a90c1b7d34e08",
  name: "ann",
  kind: "client",
  notBefore: "2026-01-31T12:00:00.000Z",
  notAfter: "2026-02-01T12:00:00.000Z",
  issuedAt: "2026-01-31T12:00:00.000Z",
  revokedAt: null,
};

export const issuedCertificateExample = { ...certificateExample, certificate: pem, ca: pem };
