import { key } from "./key.ts";
import { cores, diskSize, duration, orNone, rate, size, wholeNumber } from "./parsers.ts";

/** The limits and timeouts of jobs that name none. */
export const jobDefaults = {
  defaultCpu: key({
    env: "BERTH_DEFAULT_CPU",
    yaml: "defaults.cpu",
    parser: orNone(cores),
    default: "none",
    about:
      "Cores of a job that names none, also as `50%` of one core. Without one a job may use what the others leave, in equal shares",
  }),
  defaultMemory: key({
    env: "BERTH_DEFAULT_MEMORY",
    yaml: "defaults.memory",
    parser: orNone(size),
    default: "1GiB",
    about: "Memory limit of a job that names none",
  }),
  defaultMemoryHigh: key({
    env: "BERTH_DEFAULT_MEMORY_HIGH",
    yaml: "defaults.memoryHigh",
    parser: orNone(size),
    default: "none",
    about:
      "Soft memory limit of a job that names none: past it the kernel slows the job down. Far below its memory limit a job may stand still for minutes",
  }),
  defaultIoRead: key({
    env: "BERTH_DEFAULT_IO_READ",
    yaml: "defaults.ioRead",
    parser: orNone(rate),
    default: "none",
    about:
      "Bytes a second that a job which names none may read from each disk that its files or the toolchain lie on",
  }),
  defaultIoWrite: key({
    env: "BERTH_DEFAULT_IO_WRITE",
    yaml: "defaults.ioWrite",
    parser: orNone(rate),
    default: "none",
    about:
      "Bytes a second that a job which names none may write to each disk that its files or the toolchain lie on",
  }),
  defaultPids: key({
    env: "BERTH_DEFAULT_PIDS",
    yaml: "defaults.pids",
    parser: orNone(wholeNumber(1, 1_000_000)),
    default: "1024",
    about: "Processes and threads of a job that names none",
  }),
  defaultDisk: key({
    env: "BERTH_DEFAULT_DISK",
    yaml: "defaults.disk",
    parser: orNone(diskSize),
    default: "2GiB",
    about: "Bytes in /work of a job that names none",
  }),
  defaultQueueTimeout: key({
    env: "BERTH_DEFAULT_QUEUE_TIMEOUT",
    yaml: "defaults.queueTimeout",
    parser: orNone(duration),
    default: "1d",
    about: "Longest wait in the queue of a job that names none",
  }),
  defaultStartTimeout: key({
    env: "BERTH_DEFAULT_START_TIMEOUT",
    yaml: "defaults.startTimeout",
    parser: orNone(duration),
    default: "2m",
    about: "Longest time from leaving the queue to running of a job that names none",
  }),
  defaultRunTimeout: key({
    env: "BERTH_DEFAULT_RUN_TIMEOUT",
    yaml: "defaults.runTimeout",
    parser: orNone(duration),
    default: "1h",
    about: "Longest running time of a job that names none",
  }),
  defaultIdleTimeout: key({
    env: "BERTH_DEFAULT_IDLE_TIMEOUT",
    yaml: "defaults.idleTimeout",
    parser: orNone(duration),
    default: "none",
    about: "Longest time without output of a job that names none",
  }),
  defaultCpuTimeout: key({
    env: "BERTH_DEFAULT_CPU_TIMEOUT",
    yaml: "defaults.cpuTimeout",
    parser: orNone(duration),
    default: "none",
    about: "Most CPU time, of all its processes together, of a job that names none",
  }),
  defaultOutputLimit: key({
    env: "BERTH_DEFAULT_OUTPUT_LIMIT",
    yaml: "defaults.outputLimit",
    parser: size,
    default: "1GiB",
    about: "Most bytes of stdout and of stderr, each, of a job that names none",
  }),
};
