import type { TaskSpec } from "@berth/protocol";
import { type Json, jsonContent, ref } from "./json.ts";

/** A task as the document shows it: its path, and the schema of what it takes. */
export interface TaskPart {
  path: string;
  item: Json;
  component: string;
  schema: Json;
}

/** Values in a schema that are no schemas. */
const PLAIN: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);
/** Words by which a schema names its own parts: a document has no such names. */
const NAMES = /"\$(?:anchor|dynamicAnchor|dynamicRef|id)":/;

/** The operation that runs this task alone, with what it takes as the type of its body; `usual` is that of every task. */
export function taskPart(
  usual: Json,
  { name, spec }: { name: string; spec: Pick<TaskSpec, "description" | "input"> },
): TaskPart {
  const component = `TaskInput_${name}`;
  const { input = {}, description } = spec;
  const isTyped = spec.input !== undefined;
  const parameters = (usual["parameters"] as Json[]).filter((parameter) => parameter["name"] !== "name");
  return {
    path: `/api/v1/tasks/${name}/run`,
    component,
    schema: schemaIn(component, input),
    item: {
      post: {
        ...usual,
        operationId: `run_${name.replaceAll(".", "_")}`,
        summary: description ?? `Run task "${name}"`,
        description: `Takes \`execute\` on task \`${name}\``,
        "x-permission": { resource: "tasks", name, verb: "execute" },
        parameters,
        requestBody: {
          required: Array.isArray(input["required"]) && input["required"].length > 0,
          content: isTyped ? jsonContent(ref(component)) : anyContent,
        },
      },
    },
  };
}

/** What has no schema takes any text. */
const anyContent: Json = { "application/json": { schema: {} }, "application/octet-stream": {} };

/** As a component: what refers to the schema's own parts does so from the whole document. */
function schemaIn(component: string, input: Json): Json {
  const { $schema: _, ...own } = input;
  if (NAMES.test(JSON.stringify(own)))
    return { description: "Names parts of itself: its own route shows the schema" };
  return referring(own, `#/components/schemas/${component}`) as Json;
}

function referring(part: unknown, root: string): unknown {
  if (Array.isArray(part)) return part.map((one) => referring(one, root));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]: [string, unknown]) => {
      if (name === "$ref" && typeof value === "string" && value.startsWith("#"))
        return [name, `${root}${value.slice(1)}`];
      return [name, PLAIN.has(name) ? value : referring(value, root)];
    }),
  );
}
