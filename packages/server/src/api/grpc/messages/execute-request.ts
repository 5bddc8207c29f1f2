import type { JobSpecInput } from "@berth/protocol";
import type { ExecuteRequest, OutputPolicy, Resources, Timeouts } from "@berth/protocol/executor";

/** The job that a request asks for, still to be checked. What the wire sends as empty was not asked for. */
export function jobSpecOf(request: ExecuteRequest): JobSpecInput {
  const { command, args, collect, output } = request;
  return {
    command,
    args,
    ...set("env", request.env),
    ...set("workdir", request.workdir),
    ...set("labels", request.labels),
    ...set("name", request.name),
    ...set("resultFile", request.resultFile),
    ...set("engine", request.engine),
    // Which profiles there are is the schema's to say.
    ...set("network", request.network as "none"),
    ...(request.stdin.length > 0 && { stdin: content(request.stdin) }),
    ...(collect.length > 0 && { collect }),
    ...(request.resources && { resources: resourcesOf(request.resources) }),
    ...(request.timeouts && { timeouts: timeoutsOf(request.timeouts) }),
    ...(output && { output: outputOf(output) }),
    ...set(
      "files",
      Object.fromEntries(Object.entries(request.files).map(([name, bytes]) => [name, content(bytes)])),
    ),
  };
}

/** Where a field of the job's schema has another name on this wire. */
export function wireField(field: string): string {
  return WIRE_FIELDS[field] ?? field.replace(/^(files\[.*\]|stdin)\.base64$/, "$1");
}

const WIRE_FIELDS: Readonly<Record<string, string>> = {
  "resources.io.read": "resources.ioRead",
  "resources.io.write": "resources.ioWrite",
};

function resourcesOf({ cpu, memory, memoryHigh, ioRead, ioWrite, pids, disk }: Resources) {
  const io = { ...set("read", ioRead), ...set("write", ioWrite) };
  return {
    ...set("cpu", cpu),
    ...set("memory", memory),
    ...set("memoryHigh", memoryHigh),
    ...set("io", io),
    ...(pids !== undefined && { pids }),
    ...set("disk", disk),
  };
}

function timeoutsOf({ queue, start, run, idle, cpu }: Timeouts) {
  return {
    ...set("queue", queue),
    ...set("start", start),
    ...set("run", run),
    ...set("idle", idle),
    ...set("cpu", cpu),
  };
}

function outputOf({ limit, overflow }: OutputPolicy) {
  return { ...set("limit", limit), ...set("overflow", overflow as "stop") };
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
