/** What a fake job does, worked out completely before it starts: so a restarted server can go on in the middle. */
export interface Script {
  start: StartBehaviour;
  /** In the order in which they happen. */
  moments: readonly Moment[];
  /** null: it never ends by itself. */
  end: { atMs: number; outcome: Outcome } | null;
  onTerm: TermReaction;
  /** True: nobody finds it again after the server was restarted while it ran. */
  lostOnRestart: boolean;
  /** Stretches of time that use CPU, and how much of it, in milliseconds. */
  cpu: readonly { fromMs: number; toMs: number; cpuMs: number }[];
  /** What it reaches and is refused. */
  contacts: readonly PlayedContact[];
  peaks: readonly { atMs: number; memoryBytes: number; pids: number; pidsRefused: number }[];
}

export interface StartBehaviour {
  takesMs: number;
  fail: StartFailure | null;
}

type StartFailure =
  | { blame: "job" }
  /** `times` null: always; else as often, then it works. */
  | { blame: "engine"; times: number | null };

/** Times count from the start of the job, in milliseconds. */
export type Moment = { atMs: number } & Deed;

export type Deed =
  /** `from` is where these bytes begin in the stream. */
  | { kind: "output"; stream: "stdout" | "stderr"; from: number; bytes: ByteSource }
  | { kind: "save"; path: string; bytes: ByteSource }
  | { kind: "symlink"; path: string; target: string }
  | { kind: "hard-link"; path: string; target: string }
  | { kind: "fifo"; path: string };

export type ByteSource =
  | { kind: "data"; data: Uint8Array; size: number }
  /** The bytes 0, 1, ... 255, 0, ...: every value, NUL and invalid UTF-8 among them. */
  | { kind: "pattern"; size: number }
  /** A file that the engine keeps for the job: its standard input. */
  | { kind: "stdin"; size: number }
  /** A file in the job's folder. */
  | { kind: "file"; path: string; size: number };

export type Outcome =
  | { kind: "exit"; code: number }
  | { kind: "signal"; signal: string }
  | { kind: "oom"; limitBytes: number | null; peakBytes: number | null }
  | { kind: "disk-limit"; limitBytes: number; usedBytes: number }
  | { kind: "over-limit"; stream: "stdout" | "stderr" }
  | { kind: "missing"; reason: string }
  | { kind: "broken"; reason: string }
  | { kind: "vanished" };

export type TermReaction = { kind: "ignore" } | { kind: "end"; afterMs: number; outcome: Outcome };

export interface PlayedContact {
  atMs: number;
  outcome: "reached" | "refused";
  protocol: "tcp" | "udp";
  address: string;
  port: number;
  name: string | null;
}
