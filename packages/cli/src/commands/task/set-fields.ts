import { UsageError } from "../../core/usage-error.ts";

type Fields = Record<string, unknown>;

/**
 * An input with what `--set a.b=text` says put in. A text is a text where the schema says so; elsewhere what is JSON is taken
 * as that, as numbers and lists are.
 */
export function setFields(input: Fields, texts: readonly string[], schema: unknown): Fields {
  for (const text of texts) {
    const at = text.indexOf("=");
    const path = text.slice(0, at).split(".");
    const [last = "", ...folders] = path.toReversed();
    if (at <= 0 || path.includes("") || path.includes("__proto__"))
      throw new UsageError(`Cannot set "${text}": it is no field with a value`, "Write it like --set a.b=1");
    let within = input;
    for (const name of folders.toReversed()) within = folderIn(within, name);
    within[last] = valueOf(text.slice(at + 1), schemaAt(schema, path));
  }
  return input;
}

function folderIn(within: Fields, name: string): Fields {
  const found = Object.hasOwn(within, name) ? within[name] : undefined;
  if (isFields(found)) return found;
  const made: Fields = {};
  within[name] = made;
  return made;
}

function schemaAt(schema: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => {
    const { properties } = isFields(found) ? found : {};
    return isFields(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  }, schema);
}

function valueOf(text: string, schema: unknown): unknown {
  if (isFields(schema) && schema["type"] === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
