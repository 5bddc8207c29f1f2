/** The signals of Linux, where every job runs, by their usual names: also a client on another system counts with these. */
const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPOLL: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};

/** SIGRTMIN as programs see it: the C library keeps 32 and 33 for itself. */
const FIRST_REAL_TIME = 34;

const LAST = 64;

/** The number of a signal by its name; those without one are called `SIGRTMIN+n` and `SIG32`. null when there is no such signal. */
export function signalNumber(name: string): number | null {
  if (Object.hasOwn(NUMBERS, name)) return NUMBERS[name] ?? null;
  const match = /^SIG(RTMIN\+)?(\d{1,2})$/.exec(name);
  if (!match) return null;
  const [, base, digits] = match;
  const number = (base === undefined ? 0 : FIRST_REAL_TIME) + Number(digits);
  return number < 1 || number > LAST ? null : number;
}
