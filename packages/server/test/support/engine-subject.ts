import type { Engine } from "../../src/engines/engine.ts";

export interface CommandLine {
  command: string;
  args: readonly string[];
}

/** How to bring about each behaviour on an engine. What is said to print, prints to stdout. */
export interface EngineCommands {
  exit(code: number): CommandLine;
  die(signal: string): CommandLine;
  print(text: { stdout: string; stderr?: string }): CommandLine;
  /** The bytes 0 to 255, again and again. */
  bytes(size: number): CommandLine;
  copyStdin(): CommandLine;
  /** `NAME=VALUE` lines, sorted. */
  printEnvironment(): CommandLine;
  printFile(path: string): CommandLine;
  printWorkdir(): CommandLine;
  /** Lines of text in files, by path below the job's folder. */
  save(files: Readonly<Record<string, string>>): CommandLine;
  /** Prints `ready`, and after this time `done`; dies of TERM. */
  sleep(ms: number): CommandLine;
  /** Prints `ready` and stays, whatever TERM says. */
  ignoreTerm(): CommandLine;
  /** Prints `ready` and stays; exits with this code on TERM. */
  exitOnTerm(code: number): CommandLine;
  /** Prints `ready` and stays; on TERM it starts processes of its own session that ignore TERM, and ends. */
  forkOnTerm(): CommandLine;
  /** Leaves a process of its own session that holds stdout open, and ends with 0. */
  leaveDaemon(): CommandLine;
  /** Prints `ready`, and sends back what comes to this port of its own, until it is stopped. */
  echo(port: number): CommandLine;
  missing(): CommandLine;
  /** Saves `plain`, and what is no plain file: `symlink`, `fifo`, `hard-link-a` and `hard-link-b`. */
  saveStrangeFiles(): CommandLine;
  /** Uses this much memory, then prints `done`. */
  useMemory(bytes: number): CommandLine;
  /** Runs so many processes at once, as far as it may, then prints `done`. */
  useProcesses(count: number): CommandLine;
  /** Writes this much into the job's folder, in several files, and stays. */
  fillDisk(bytes: number): CommandLine;
}

/** An implementation of the engine port, with what the conformance suite must know about it. */
export interface EngineSubject {
  name: string;
  /** This subject as a module, for tests that open it in a process of its own. Must export it as `subject`. */
  module: string;
  commands: EngineCommands;
  /** False: a job that died of a signal may be reported with the code 128 + signal instead. */
  tellsSignals: boolean;
  /** What this host lacks to run the engine; null when nothing. */
  missing(): Promise<string | null>;
  /** Opens it with its state below `root`; called again on the same folder by tests of a restart. */
  open(root: string): Promise<Engine>;
  /** Makes the end of a running job unknowable: kills the engine's own part of it. */
  lose(root: string, job: { id: string; engine: Engine }): Promise<void>;
  /** What is left of one job on the host. */
  leftovers(root: string, id: string): Promise<string[]>;
  /** Removes what the engine keeps for all jobs together, after it was closed. */
  remove(root: string): Promise<void>;
}
