import { cores, oneOf, orNone, size, wholeNumber } from "../parsers.ts";
import { defaultMaxJobs } from "./door-keys.ts";
import { key } from "./key.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** What all jobs together may have. */
export const jobKeys = {
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
};

function jobsMemory(total: number): string {
  const spared = Math.max(512 * MiB, total * 0.15);
  const bytes = Math.max(total - spared, total / 2);
  return bytes >= 2 * GiB ? `${Math.floor(bytes / GiB)}GiB` : `${Math.floor(bytes / MiB)}MiB`;
}
