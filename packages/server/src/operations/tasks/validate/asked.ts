import type { Problem } from "@berth/protocol";

/** What a lane is asked: whether a schema is one, or whether a text fits one. */
export type Asked =
  | { kind: "schema"; schema: string }
  /** `key` names the schema for good. */
  | { kind: "input"; key: string; schema: object; text: string };

/** What its thread is sent. The schema of an input is null until the thread says that it knows none of that key. */
export type Sent =
  | { kind: "schema"; schema: string }
  | { kind: "input"; key: string; schema: string | null; text: string };

/** `text` is what the job is given. */
export type Answer = { problems: readonly Problem[] } | { text: string };

/** The first word of the thread says that it can be asked; `as given` that the job is given the text as it came. */
export type Reply = "ready" | "which schema" | "as given" | Answer;
