import { type JobSpecInput, limitIn, type LimitRow, limitRows, type SecretUse } from "@berth/protocol";
import type { ExecuteRequest } from "@berth/protocol/executor";

/** The job that a request asks for, still to be checked. What the wire sends as empty was not asked for. */
export function jobSpecOf(request: ExecuteRequest): JobSpecInput {
  const { command, args, collect } = request;
  return {
    command,
    args,
    ...set("env", request.env),
    ...set("workdir", request.workdir),
    ...set("labels", request.labels),
    ...set("name", request.name),
    ...set("resultFile", request.resultFile),
    ...set("engine", request.engine),
    ...set("network", request.network),
    ...(request.observe !== undefined && { observe: request.observe }),
    ...(request.priority !== undefined && { priority: request.priority }),
    ...(request.stdin.length > 0 && { stdin: content(request.stdin) }),
    ...(request.secrets.length > 0 && { secrets: request.secrets.map(secretOf) }),
    ...(collect.length > 0 && { collect }),
    ...limitsOf(request),
    ...set(
      "files",
      Object.fromEntries(Object.entries(request.files).map(([name, bytes]) => [name, content(bytes)])),
    ),
  };
}

function secretOf({ name, keys, env }: ExecuteRequest["secrets"][number]): SecretUse {
  return { name, ...(keys.length > 0 && { keys }), ...set("env", env) };
}

/** Where a field of the job's schema has another name on this wire. */
export function wireField(field: string): string {
  return WIRE_FIELDS[field] ?? field.replace(/^(files\[.*\]|stdin)\.base64$/, "$1");
}

const WIRE_FIELDS: Readonly<Record<string, string>> = Object.fromEntries(
  limitRows.map(({ path, section, wire, field }) => [path, `${messageOf(section)}.${wire ?? field}`]),
);

/** Which message of a request holds the limits of a section. */
function messageOf(section: LimitRow["section"]): "resources" | "timeouts" | "output" {
  return section === "resources.io" ? "resources" : section;
}

/** What the messages of limits say, by the fields of the job's schema. */
function limitsOf(request: ExecuteRequest): Pick<JobSpecInput, "resources" | "timeouts" | "output"> {
  const said = (section: LimitRow["section"]): Record<string, unknown> =>
    Object.fromEntries(
      limitRows.flatMap(({ section: own, field, wire }) => {
        const keys = [messageOf(section), wire ?? field];
        const value = own === section ? (limitIn(request, { keys }) ?? "") : "";
        return value === "" ? [] : [[field, value]];
      }),
    );
  const { resources, timeouts, output } = request;
  // What the fields hold is the schema's to say.
  return {
    ...(resources && { resources: { ...said("resources"), ...set("io", said("resources.io")) } }),
    ...(timeouts && { timeouts: said("timeouts") }),
    ...(output && { output: { ...said("output"), ...set("overflow", output.overflow as "stop") } }),
  };
}

function content(bytes: Uint8Array): { base64: string } {
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") };
}

/** The field with its value, unless it is empty. */
function set<Name extends string, Value extends string | object>(
  name: Name,
  value: Value,
): Partial<Record<Name, Value>> {
  const isEmpty = typeof value === "string" ? value === "" : Object.keys(value).length === 0;
  return isEmpty ? {} : ({ [name]: value } as Record<Name, Value>);
}
