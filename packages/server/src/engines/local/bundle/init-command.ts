import { basename } from "node:path";
import { initProgram } from "./init-program.ts";
import { type InitReport, reportOfOurs, reportOfShell } from "./init-report.ts";

/** What pid 1 is started as. */
export interface InitStart {
  args: string[];
  env: Readonly<Record<string, string>>;
}

interface ProgramStart {
  path: string;
  /** From argument 0 on. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** A way to have a pid 1. */
export interface InitKind {
  /**
   * The program to put at `/.init/NAME` of every job, as bytes or as a file of the host. A copy that no job may read:
   * the kernel then lets no process of the job look into it, write its memory, or open what it has open.
   */
  program: Buffer | string;
  name: string;
  /** Inside the job, the process that is asked to end: pid 1 passes the signal on, or does not. */
  mainPid: 1 | 2;
  /** Understands what it left on descriptor 3; null for one that does not get that descriptor. */
  read: ((note: Buffer) => InitReport) | null;
  start: (program: ProgramStart) => InitStart;
}

/**
 * A shell as pid 1 says "r" on descriptor 3 once it runs, and names there the signal that ended its child. Only for
 * INT and PIPE it is silent, as every shell is: they are reported as exit codes 130 and 141. Without a trap of its own it
 * would end by an INT that the job sends. The job's environment goes to the job alone: a shell and its loader would do
 * what BASH_ENV or LD_PRELOAD say.
 */
const SHELL_INIT =
  'unset PWD; trap : INT; echo r >&3; exec 4>&2 2>&3; (exec /usr/bin/env -i "$@" 2>&4 3>&- 4>&-)';
const SHELLS = new Set(["sh", "dash", "bash", "ash"]);

/** `initPath` null: our own, and a shell where there is none for this processor. */
export function initKindOf(initPath: string | null, architecture: string = process.arch): InitKind {
  const own = initPath === null ? initProgram(architecture) : null;
  if (own) {
    return {
      program: own,
      name: "init",
      mainPid: 2,
      read: reportOfOurs,
      start: ({ path, argv, env }) => ({ args: ["/.init/init", path, ...argv], env }),
    };
  }
  const program = initPath ?? "/bin/sh";
  const name = basename(program);
  const init = `/.init/${name}`;
  if (SHELLS.has(name)) {
    const start = (wanted: ProgramStart): InitStart => ({
      args: [init, "-c", SHELL_INIT, "berth", ...withEnv(wanted)],
      env: {},
    });
    return { program, name, mainPid: 2, read: reportOfShell, start };
  }
  return {
    program,
    name,
    mainPid: 1,
    read: null,
    start: ({ argv, env }) => ({ args: [init, "--", ...argv], env }),
  };
}

/** The arguments of env(1), to which a command with "=" in its name would be one more variable. */
function withEnv({ argv, env }: ProgramStart): string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const isPlain = argv[0]?.includes("=") === false;
  return [...variables, ...(isPlain ? [] : ["/bin/sh", "-c", 'exec "$0" "$@"']), ...argv];
}
