/** One thing that happened and is to be known for good: who did what, on what, and what came of it. */
export interface AuditEntry {
  /** Epoch ms. */
  at: number;
  /** Who did it; null where nobody was proven. */
  account: string | null;
  /** By which way: a door of the API, `server` for what the server does of itself, `host` for a command on its host. */
  door: string;
  /** What proved who it was: its kind and its id, never what would let somebody else prove it. */
  credential: { kind: string; id: string } | null;
  /** The client's IP address; null where there is no connection. */
  address: string | null;
  requestId: string | null;
  verb: string;
  resource: string;
  /** What the object is called: an id or a name; null where it is about all of them, or about one to be. */
  name: string | null;
  outcome: AuditOutcome;
  /** So many times within a few seconds, all but for the time the same. */
  count?: number;
  /** What else is worth knowing: the owner of the object, the state that a job came to, the code of a refusal. */
  about?: Readonly<Record<string, AuditValue>>;
  /** Of a definition: the fields that were changed. */
  changes?: readonly FieldChange[];
}

export type AuditOutcome = "done" | "denied" | "failed";

export type AuditValue = string | number | boolean | null | readonly string[];

/** null: it was not there, or is not there any more. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** The columns by which records are looked up. The text is what counts: each of them says what the text says. */
export interface AuditColumns {
  at: number;
  account: string | null;
  door: string;
  credential: string | null;
  verb: string;
  resource: string;
  name: string | null;
  outcome: AuditOutcome;
  request_id: string | null;
  address: string | null;
}

export function columnsOf(entry: AuditEntry): AuditColumns {
  const { at, account, door, credential, verb, resource, name, outcome, requestId, address } = entry;
  const shown = credential === null ? null : `${credential.kind} ${credential.id}`;
  return {
    at,
    account,
    door,
    credential: shown,
    verb,
    resource,
    name,
    outcome,
    request_id: requestId,
    address,
  };
}

/** Larger values are left out, and their size is told: a definition may have a thousand names. */
const mostCharacters = 16 * 2 ** 10;

/** The text that is stored and sealed. Well-formed whatever the names in it are. */
export function textOf(entry: AuditEntry): string {
  const text = JSON.stringify(entry);
  if (text.length <= mostCharacters || entry.changes === undefined) return text;
  return JSON.stringify({ ...entry, changes: entry.changes.map(shortened) });
}

/** What `textOf` made. Throws on any other text. */
export function entryOf(text: string): AuditEntry {
  const entry: unknown = JSON.parse(text);
  if (typeof entry !== "object" || entry === null || !("at" in entry) || !("verb" in entry))
    throw new Error("The text is no audit record");
  return entry as AuditEntry;
}

function shortened({ field, before, after }: FieldChange): FieldChange {
  return { field, before: short(before), after: short(after) };
}

const shortLength = 256;

function short(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "null";
  return text.length <= shortLength ? value : `${text.length} characters`;
}
