import { isDefinedName } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import type { Context } from "../../../operations/context.ts";
import { executableTasks } from "../../../operations/tasks/executable-tasks.ts";
import type { Json } from "./json.ts";
import { type TaskPart, taskPart } from "./task-operation.ts";

/** Tasks of a document: with more of them few readers of documents come to an end. */
const MOST_TASKS = 500;
/** Characters of all of them. */
const MOST_CHARACTERS = 16 * 2 ** 20;
/** Parts that are kept as text. */
const MOST_KEPT = 1000;

interface Text {
  path: string;
  schema: string;
}

/** The document with an operation for each task that a caller may execute. What was made of a version of a task is kept. */
export class DocumentsOfCallers {
  readonly #context: Context;
  readonly #usual: Json;
  /** Those that were used last. */
  readonly #kept = new Map<string, Text>();

  /** `whole`: the document of everybody. */
  constructor(context: Context, whole: Json) {
    this.#context = context;
    const { post } = (whole["paths"] as Record<string, Json>)["/api/v1/tasks/{name}/run"] ?? {};
    this.#usual = post as Json;
  }

  /** Puts the tasks into the document as text, which is not to be made anew for everybody. */
  async of(
    caller: Caller,
    { whole, names }: { whole: Json; names: readonly string[] | null },
  ): Promise<string> {
    const texts: Text[] = [];
    let characters = 0;
    let isCut = false;
    for await (const { name, version, owner, createdAt, spec } of executableTasks(this.#context, {
      caller,
      names,
    })) {
      if (texts.length === MOST_TASKS || characters > MOST_CHARACTERS) {
        isCut = true;
        break;
      }
      // A name that was free again may be another one's.
      const text = this.#textOf(`${name}@${version} ${createdAt} ${owner}`, () =>
        taskPart(this.#usual, { name, spec }),
      );
      texts.push(text);
      characters += text.path.length + text.schema.length;
    }
    const { paths, components, ...rest } = whole as { paths: Json; components: Json & { schemas: Json } };
    const { schemas, ...others } = components;
    const joined = (own: Json, parts: readonly string[]): string =>
      `{${[JSON.stringify(own).slice(1, -1), ...parts].join(",")}}`;
    const allPaths = joined(
      paths,
      texts.map(({ path }) => path),
    );
    const allSchemas = joined(
      schemas,
      texts.map(({ schema }) => schema),
    );
    const head = JSON.stringify({ ...rest, ...(isCut && { "x-more-tasks": MORE }) }).slice(0, -1);
    const tail = JSON.stringify(others).slice(1, -1);
    return `${head},"paths":${allPaths},"components":{"schemas":${allSchemas},${tail}}}`;
  }

  #textOf(key: string, make: () => TaskPart): Text {
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const text = known ?? textOf(make());
    this.#kept.set(key, text);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return text;
  }
}

const MORE = "There are more tasks: ask for those that are wanted with ?task=a,b";

function textOf({ path, item, component, schema }: TaskPart): Text {
  return {
    path: `${JSON.stringify(path)}:${JSON.stringify(item)}`,
    schema: `${JSON.stringify(component)}:${JSON.stringify(schema)}`,
  };
}

/** What `?task=a,b` asks for; null for all. Throws REQUEST_INVALID. */
export function tasksAsked(query: unknown): readonly string[] | null {
  const { task } = query as { task?: unknown };
  if (task === undefined) return null;
  const names = [
    ...new Set([task].flat().flatMap((one: unknown) => (typeof one === "string" ? one.split(",") : [""]))),
  ];
  if (names.length <= MOST_TASKS && names.every(isDefinedName)) return names;
  const message = `must be names of tasks, at most ${MOST_TASKS}, with commas between`;
  throw requestInvalid([{ field: "query.task", message }]);
}
