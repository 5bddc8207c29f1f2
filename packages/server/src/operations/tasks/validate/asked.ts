import type { Problem } from "@berth/protocol";

/** What the thread is asked: whether a schema is one, or whether a text fits one. */
export type Asked =
  | { kind: "schema"; schema: string }
  /** `key` names the schema for good. */
  | { kind: "input"; key: string; schema: string; text: string };

/** `text` is what the job is given. */
export type Answer = { problems: readonly Problem[] } | { text: string };

/** The first word of the thread says that it can be asked. */
export type Reply = "ready" | Answer;
