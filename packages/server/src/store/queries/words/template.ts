import type { CompiledQuery, Kysely } from "kysely";
import type { Database, Step } from "../database.ts";
import type { Tables } from "../tables.ts";

/** Stands for a value while a query is built. */
class StandIn {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** `variant` names what else than the names of the values decides the text. */
type Build<Values> = (
  from: Kysely<Tables>,
  value: Values,
  variant: readonly string[],
) => Pick<CompiledQuery, "sql" | "parameters">;

/**
 * A query whose text is made once and then only filled in: building it takes longer than running it. `build` gets a
 * stand-in for each value, which it may put where a value goes and nowhere else. The text of each variant is kept, so
 * there must be few of them.
 */
export function template<Values extends object>(
  build: Build<Values>,
): (db: Database, values: Values, variant?: readonly string[]) => Step["query"] {
  const built = new WeakMap<Database["build"], Map<string, Step["query"]>>();
  return ({ build: from }, values, variant = []) => {
    const texts = built.get(from) ?? new Map<string, Step["query"]>();
    built.set(from, texts);
    const names = Object.keys(values);
    const key = [...names, ...variant].join();
    const text = texts.get(key) ?? build(from, standInsFor(names) as Values, variant);
    texts.set(key, text);
    return { sql: text.sql, parameters: text.parameters.map((parameter) => fill(parameter, values)) };
  };
}

function standInsFor(names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, new StandIn(name)]));
}

function fill(parameter: unknown, values: object): unknown {
  return parameter instanceof StandIn ? Reflect.get(values, parameter.name) : parameter;
}
