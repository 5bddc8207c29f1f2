import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ExecuteRequestSchema } from "@berth/protocol/executor";
import { limitIn, limitRows } from "@berth/protocol/limits";
import type { FileContent, SentRequest } from "../resources/job/job-request.ts";

/** A job as it goes over the wire. The key makes it safe to send again. */
export function executeRequestOf(
  request: SentRequest,
  { idempotencyKey, waitMs }: { idempotencyKey: string; waitMs: number },
): MessageInitShape<typeof ExecuteRequestSchema> {
  const { files, stdin, output, ...rest } = request;
  return {
    ...text({
      command: rest.command,
      workdir: rest.workdir,
      network: rest.network,
      name: rest.name,
      resultFile: rest.resultFile,
      engine: rest.engine,
    }),
    ...(rest.observe !== undefined && { observe: rest.observe }),
    secrets: (rest.secrets ?? []).map(({ name, keys = [], env = {} }) => ({ name, keys, env })),
    ...(rest.priority !== undefined && { priority: rest.priority }),
    args: [...(rest.args ?? [])],
    env: { ...rest.env },
    labels: { ...rest.labels },
    collect: [...(rest.collect ?? [])],
    idempotencyKey,
    ...(waitMs > 0 && { waitMs }),
    ...(stdin !== undefined && { stdin: bytesOf(stdin) }),
    ...(files && {
      files: Object.fromEntries(Object.entries(files).map(([name, content]) => [name, bytesOf(content)])),
    }),
    ...(rest.resources && { resources: limitsIn(request, "resources") }),
    ...(rest.timeouts && { timeouts: limitsIn(request, "timeouts") }),
    ...(output && { output: { ...limitsIn(request, "output"), ...text({ overflow: output.overflow }) } }),
  };
}

/** The limits of one section, by the names that its message has for them. */
function limitsIn(
  request: SentRequest,
  section: "resources" | "timeouts" | "output",
): Record<string, unknown> {
  return Object.fromEntries(
    limitRows.flatMap((row) => {
      const value = row.path.startsWith(`${section}.`) ? limitIn(request, row) : undefined;
      if (value === undefined) return [];
      return [[row.wire ?? row.field, row.unit === "count" ? Number(value) : String(value)]];
    }),
  );
}

function bytesOf(content: FileContent): Uint8Array {
  if (content instanceof Uint8Array) return content;
  return typeof content === "string" ? Buffer.from(content) : Buffer.from(content.base64, "base64");
}

/** What is set, as text: numbers of a spec are written in their smallest unit. */
function text(values: Record<string, string | number | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
