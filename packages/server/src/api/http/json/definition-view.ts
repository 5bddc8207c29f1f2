import type { FastifyReply, FastifyRequest } from "fastify";
import { requestInvalid } from "../../../core/input/check.ts";
import type { Known } from "../../../operations/tasks/definitions/find-definition.ts";
import type { KnownVersion } from "../../../operations/tasks/definitions/list-versions.ts";
import type { SpecOf } from "../../../operations/tasks/definitions/kinds.ts";

type Kind = keyof SpecOf;

/** A definition as the contract shows it. */
export function viewDefinition<K extends Kind>({ name, version, owner, spec, ...times }: Known<K>) {
  const [createdAt, updatedAt] = [iso(times.createdAt), iso(times.updatedAt)];
  return { name, version, owner, createdAt, updatedAt, updatedBy: times.updatedBy, spec };
}

/** The same, with the header by which a change can say what it was made to. */
export function showDefinition<K extends Kind>(reply: FastifyReply, known: Known<K>) {
  void reply.header("etag", `"${known.version}"`);
  return viewDefinition(known);
}

export function viewVersion<K extends Kind>({ version, at, by, spec }: KnownVersion<K>) {
  return { version, at: iso(at), by, spec };
}

/** The version that `If-Match` names; null where nothing is said, or that any will do. Throws REQUEST_INVALID. */
export function seenVersion({ headers }: FastifyRequest): number | null {
  const said = headers["if-match"];
  if (said === undefined || said === "*") return null;
  const [, version] = /^"?([1-9]\d{0,14})"?$/.exec(said) ?? [];
  if (version !== undefined) return Number(version);
  const message = 'must be a version in quotes, like "3"';
  throw requestInvalid([{ field: 'headers["if-match"]', message }]);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
