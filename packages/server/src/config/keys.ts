import { defaultMaxJobs, doorKeys } from "./door-keys.ts";
import type { Host } from "./host.ts";
import { jobDefaults } from "./job-defaults.ts";
import { key } from "./key.ts";
import {
  absolutePath,
  cores,
  databaseAddress,
  dataFolder,
  duration,
  engineList,
  engineNames,
  groupName,
  hostNames,
  httpAddress,
  jobRange,
  networkProfile,
  oneOf,
  orBuiltIn,
  orNone,
  size,
  wholeNumber,
} from "./parsers.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

export const keys = {
  dataDir: key({
    env: "BERTH_DATA_DIR",
    yaml: "dataDir",
    parser: dataFolder,
    default: "/var/lib/berth",
    about: "Folder of everything the server keeps: the database, output, artifacts, the admin's token",
  }),
  database: key({
    env: "BERTH_DATABASE",
    yaml: "database",
    parser: databaseAddress,
    default: "sqlite:",
    about:
      "Where jobs are stored: `sqlite:` is a file in the data folder, `postgres://USER:PASSWORD@HOST/DATABASE` a database of PostgreSQL 15 or newer, which this server has for itself",
  }),
  httpAddress: key({
    env: "BERTH_HTTP_ADDRESS",
    yaml: "http.address",
    parser: httpAddress,
    default: "127.0.0.1:7400",
    about:
      "Where the API listens; port 0 takes a free one. Put a proxy with TLS in front before you listen beyond this host",
  }),
  httpNames: key({
    env: "BERTH_HTTP_NAMES",
    yaml: "http.names",
    parser: orNone(hostNames),
    default: "none",
    about:
      "Names by which clients reach the API, comma-separated, beside addresses, localhost, this host's name and the one in BERTH_HTTP_ADDRESS. A request for any other name is refused with HOST_UNKNOWN, so that no web page can pass for the server's own",
  }),
  grpcAddress: key({
    env: "BERTH_GRPC_ADDRESS",
    yaml: "grpc.address",
    parser: orNone(httpAddress),
    default: "127.0.0.1:7401",
    about:
      "Where gRPC listens, with mutual TLS 1.3; port 0 takes a free one, `none` leaves it out. Safe to open to other hosts: nobody comes in without a client certificate",
  }),
  grpcCerts: key({
    env: "BERTH_GRPC_CERTS",
    yaml: "grpc.certs",
    parser: orBuiltIn(absolutePath),
    default: "built-in",
    about:
      "Folder with `ca.crt`, `server.crt` and `server.key` for gRPC, taken up again when they change; `built-in` is the server's own authority, below the data folder",
  }),
  grpcNames: key({
    env: "BERTH_GRPC_NAMES",
    yaml: "grpc.names",
    parser: orNone(hostNames),
    default: "none",
    about:
      "Names and addresses by which clients on other hosts reach gRPC, comma-separated; the built-in authority puts them into the server's certificate, beside localhost and this host's name",
  }),
  grpcBind: key({
    env: "BERTH_GRPC_BIND",
    yaml: "grpc.bind",
    parser: orNone(oneOf("admin", "executor", "admin,executor")),
    default: "none",
    about:
      "With BERTH_GRPC_CERTS: names of the server's own that a certificate may have all the same, `admin` or `executor`, and whose jobs are then its own too. Others with such a name are refused: that authority knows nothing of the names over REST",
  }),
  grpcKey: key({
    env: "BERTH_GRPC_KEY",
    yaml: "grpc.key",
    parser: oneOf("rsa-2048", "ec-p256"),
    default: "rsa-2048",
    about:
      "Key of the server's certificate from the built-in authority: RSA for the widest choice of clients, or EC (P-256); a change replaces the certificate at the next start",
  }),
  ...doorKeys,
  engine: key({
    env: "BERTH_ENGINE",
    yaml: "engine",
    parser: oneOf(...engineNames),
    default: "local",
    about:
      "What runs the jobs that name no engine: `local` is this host, `fake` runs nothing and plays a script (demos, tests). `/readyz` tells of this one",
  }),
  moreEngines: key({
    env: "BERTH_MORE_ENGINES",
    yaml: "moreEngines",
    parser: orNone(engineList),
    default: "none",
    about:
      "Engines that are open beside it, comma-separated, for jobs that name one of them as their `engine`",
  }),
  runtime: key({
    env: "BERTH_RUNTIME",
    yaml: "runtime",
    parser: absolutePath,
    default: "/usr/bin/crun",
    about: "OCI runtime of the local engine",
  }),
  sandboxMaker: key({
    env: "BERTH_SANDBOX_MAKER",
    yaml: "sandboxMaker",
    parser: oneOf("berth", "runtime"),
    default: "berth",
    about:
      "Who makes the sandboxes of the local engine: `berth` itself, or the OCI `runtime`, which makes the same and takes more than twice the CPU time. Another runtime than `/usr/bin/crun` makes them itself in any case",
  }),
  warmSandboxes: key({
    env: "BERTH_WARM_SANDBOXES",
    yaml: "warmSandboxes",
    parser: wholeNumber(0, 1000),
    default: (host) => String(warmSandboxes(host)),
    defaultText: "2 for each core, at most 32, and one for each 256 MiB of memory",
    about:
      "Most sandboxes that stand ready for the next jobs of the local engine; how many do follows the load. Each takes about 1 MiB of memory and serves one job. `0` makes each when its job comes, which takes some 10 ms longer",
  }),
  warmNetworked: key({
    env: "BERTH_WARM_NETWORKED",
    yaml: "warmNetworked",
    parser: wholeNumber(0, 1000),
    default: (host) => String(warmSandboxes(host)),
    defaultText: "as many as `BERTH_WARM_SANDBOXES` has unless it is set",
    about:
      "The same of sandboxes with a network: each serves any network profile, which is granted to it when its job comes. None stands before the first job that has a network",
  }),
  cgroup: key({
    env: "BERTH_CGROUP",
    yaml: "cgroup",
    parser: groupName,
    default: "berth",
    about: "Control group below which the server makes its own; two servers on one host need two names",
  }),
  networkRange: key({
    env: "BERTH_NETWORK_RANGE",
    yaml: "network.range",
    parser: jobRange,
    default: "10.213.0.0/16",
    about:
      "Addresses of jobs with a network, on the local engine; the first is where they ask for names. It must not overlap what the host has a route to, and each server of a host needs another: `berth doctor` says so, and no profile is held then",
  }),
  networkForeignChanges: key({
    env: "BERTH_NETWORK_FOREIGN_CHANGES",
    yaml: "network.foreignChanges",
    parser: oneOf("mend", "stop-jobs"),
    default: "mend",
    about:
      "What happens when somebody else changes the tables that hold jobs' networks: `mend` puts them back, `stop-jobs` ends the jobs that have a network as well, at once and with that as their cause",
  }),
  networkDefault: key({
    env: "BERTH_NETWORK_DEFAULT",
    yaml: "network.default",
    parser: networkProfile,
    default: "none",
    about:
      "Network profile of jobs that name none: `none`, `internet`, or one of BERTH_NETWORKS or of the API. Whoever may not use it has to name another",
  }),
  maxJobs: key({
    env: "BERTH_MAX_JOBS",
    yaml: "maxJobs",
    parser: wholeNumber(1, 10_000),
    default: (host) => String(defaultMaxJobs(host)),
    defaultText: "8 for each core, at most 256",
    about:
      "Jobs that run at once, on each engine; more wait in the queue. Jobs mostly wait themselves, so this is far above the cores",
  }),
  queueLength: key({
    env: "BERTH_QUEUE_LENGTH",
    yaml: "queueLength",
    parser: wholeNumber(0, 10_000_000),
    default: "10000",
    about: "Jobs that may wait; one more is refused with QUEUE_FULL",
  }),
  jobsCpu: key({
    env: "BERTH_JOBS_CPU",
    yaml: "jobs.cpu",
    parser: orNone(cores),
    default: (host) => String(Math.max(0.5, Math.round(host.cores * 9) / 10)),
    defaultText: "nine tenths of the cores",
    about: "Cores that all jobs together may use; the rest stays for the host and the server",
  }),
  jobsMemory: key({
    env: "BERTH_JOBS_MEMORY",
    yaml: "jobs.memory",
    parser: orNone(size),
    default: (host) => jobsMemory(host.memoryBytes),
    defaultText:
      "all but the larger of 512 MiB and 15 % of the host's memory, at least half of it; 6 GiB on a host of 8 GiB",
    about: "Memory that all jobs together may use",
  }),
  jobsPids: key({
    env: "BERTH_JOBS_PIDS",
    yaml: "jobs.pids",
    parser: orNone(wholeNumber(1, 4_194_304)),
    default: (host) => String(Math.max(1024, Math.floor(host.processes / 2))),
    defaultText: "half of what the host's kernel allows, at least 1024",
    about: "Processes and threads that all jobs together may have",
  }),
  limits: key({
    env: "BERTH_LIMITS",
    yaml: "limits",
    parser: oneOf("strict", "best-effort"),
    default: "strict",
    about:
      "What happens to a job that asks for a limit this host cannot enforce: `strict` refuses it, `best-effort` runs it and notes the limit as not applied",
  }),
  ...jobDefaults,
  stopGrace: key({
    env: "BERTH_STOP_GRACE",
    yaml: "stopGrace",
    parser: duration,
    default: "5s",
    about: "Time between TERM and KILL when a job is stopped",
  }),
  keepJobsFor: key({
    env: "BERTH_KEEP_JOBS_FOR",
    yaml: "keep.jobsFor",
    parser: duration,
    default: "7d",
    about: "Finished jobs are removed after this time, with their output and artifacts",
  }),
  keepOutputBytes: key({
    env: "BERTH_KEEP_OUTPUT_BYTES",
    yaml: "keep.outputBytes",
    parser: size,
    default: "10GiB",
    about:
      "Past this much of the disk for records, output and artifacts together, finished jobs are removed earlier: the oldest of whoever holds most, never within an equal share of it",
  }),
  keepUploadsFor: key({
    env: "BERTH_KEEP_UPLOADS_FOR",
    yaml: "keep.uploadsFor",
    parser: duration,
    default: "7d",
    about:
      "Uploads that no job has asked for are removed after this time; one that was begun and not gone on with after a day",
  }),
  uploadsPerPrincipal: key({
    env: "BERTH_UPLOADS_PER_PRINCIPAL",
    yaml: "uploads.perPrincipal",
    parser: size,
    default: "20GiB",
    about:
      "What the uploads of one principal may take of the disk, each 1 MiB at least; more is refused with UPLOAD_TOO_LARGE",
  }),
  uploadsTotal: key({
    env: "BERTH_UPLOADS_TOTAL",
    yaml: "uploads.total",
    parser: size,
    default: "100GiB",
    about:
      "What all uploads together may take of the disk; content that several principals sent counts for each",
  }),
  logLevel: key({
    env: "BERTH_LOG_LEVEL",
    yaml: "log.level",
    parser: oneOf("debug", "info", "warn", "error", "silent"),
    default: "info",
    about: "Least severe messages that the server logs, on stderr",
  }),
  logFormat: key({
    env: "BERTH_LOG_FORMAT",
    yaml: "log.format",
    parser: oneOf("auto", "pretty", "json"),
    default: "auto",
    about: "`auto` is `pretty` on a terminal, else `json`, one object a line",
  }),
};

/** Names that begin with BERTH_ and are read by the launcher, the client or the tests; not settings of the server. */
export const foreignNames: readonly string[] = [
  "BERTH_CONFIG",
  "BERTH_NODE",
  "BERTH_FROM_SOURCE",
  "BERTH_URL",
  "BERTH_GRPC",
  "BERTH_CLIENT_CRED_LOCATION",
  "BERTH_TOKEN",
  "BERTH_TEST_VM",
  "BERTH_TEST_CLUSTER",
  "BERTH_TEST_COLD",
  "BERTH_TEST_NETWORK_JOBS",
  "BERTH_TEST_OUTPUT_MIB",
  "BERTH_TEST_ROUNDS",
  "BERTH_TEST_STAGE_BOUNDARIES",
];

function warmSandboxes({ cores, memoryBytes }: Host): number {
  return Math.min(2 * cores, 32, Math.floor(memoryBytes / (256 * MiB)));
}

function jobsMemory(total: number): string {
  const spared = Math.max(512 * MiB, total * 0.15);
  const bytes = Math.max(total - spared, total / 2);
  return bytes >= 2 * GiB ? `${Math.floor(bytes / GiB)}GiB` : `${Math.floor(bytes / MiB)}MiB`;
}
