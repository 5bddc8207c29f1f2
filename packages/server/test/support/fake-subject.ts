import { join } from "node:path";
import { FakeEngine } from "../../src/engines/fake/engine.ts";
import type { CommandLine, EngineCommands, EngineSubject } from "./engine-subject.ts";
import { leftovers } from "./leftovers.ts";

const steps = (...args: string[]): CommandLine => ({ command: "fake", args });

const commands: EngineCommands = {
  exit: (code) => steps(`exit=${code}`),
  die: (signal) => steps(`signal=${signal}`),
  print: ({ stdout, stderr = "" }) => steps(`write=${stdout}`, `write-err=${stderr}`),
  bytes: (size) => steps(`bytes=${size}`),
  copyStdin: () => steps("stdin"),
  printEnvironment: () => steps("env"),
  printFile: (path) => steps(`show=${path}`),
  printWorkdir: () => steps("pwd"),
  save: (files) => steps(...Object.entries(files).map(([path, text]) => `save=${path}:${text}`)),
  sleep: (ms) => steps("print=ready", `run-for=${ms}ms`, "print=done"),
  ignoreTerm: () => steps("ignore-term", "print=ready", "hang"),
  exitOnTerm: (code) => steps(`on-term=${code}`, "print=ready", "hang"),
  forkOnTerm: () => steps("print=ready", "hang"),
  leaveDaemon: () => steps("exit=0"),
  // Nobody could reach it.
  echo: () => steps("print=ready", "hang"),
  missing: () => steps("missing"),
  saveStrangeFiles: () =>
    steps(
      "save=plain:x",
      "symlink=symlink:/etc/shadow",
      "fifo=fifo",
      "save=hard-link-a:y",
      "hard-link=hard-link-b:hard-link-a",
    ),
  useMemory: (bytes) => steps(`use-memory=${bytes}`, "print=done"),
  useProcesses: (count) => steps(`use-pids=${count}`, "print=done"),
  fillDisk: (bytes) => steps(`save-bytes=a:${bytes / 2}`, `save-bytes=b:${bytes / 2}`, "hang"),
};

export const subject: EngineSubject = {
  name: "fake",
  module: import.meta.url,
  commands,
  tellsSignals: true,
  missing: async () => null,
  open: async (root) => new FakeEngine({ root: join(root, "fake") }),
  lose: async (_, { id, engine }) => {
    if (engine instanceof FakeEngine) engine.vanish(engine.handleFor(id));
  },
  leftovers: (root, id) => leftovers({ mark: id, folder: root }),
  remove: async () => {},
};
