import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  stringify,
  visit,
} from "yaml";

/** What a file says, and where in it. */
export interface YamlFile {
  /** null where it says nothing. */
  value: unknown;
  /** The line, from 1, of what stands at this path, or of the last thing on the way to it that is there. */
  lineOf(path: readonly (string | number)[]): number;
}

/** More than anybody writes by hand, and little to look at. */
const MOST_ALIASES = 100;

/** Reads one document; or says what keeps it from being one, with the lines. */
export function readYaml(text: string): YamlFile | { problems: { line: number; message: string }[] } {
  const counter = new LineCounter();
  const options = { lineCounter: counter, merge: true, prettyErrors: false, logLevel: "silent" } as const;
  const documents = parseAllDocuments(text, options);
  const [document, second] = documents;
  if (document === undefined) return { value: null, lineOf: () => 1 };
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const faults = [...document.errors, ...document.warnings, ...notOfJson(document)];
  if (faults.length > 0)
    return { problems: faults.map(({ pos, message }) => ({ line: lineAt(pos[0]), message })) };
  if (second !== undefined) {
    const line = lineAt(second.range[0]);
    return { problems: [{ line, message: "is a second document: write its lists into the first" }] };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    const lineOf: YamlFile["lineOf"] = (path) => lineAt(offsetOf(document, path));
    return { value, lineOf };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problems: [{ line: 1, message }] };
  }
}

/** Text of several lines as it is, other text in quotes where it would be read as something else. */
export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: "literal" });
}

/** They would be sent as `null`. */
function notOfJson(document: Document.Parsed): { pos: readonly [number]; message: string }[] {
  const found: { pos: readonly [number]; message: string }[] = [];
  visit(document, {
    Scalar(_, { value, range }) {
      if (typeof value === "number" && !Number.isFinite(value))
        found.push({ pos: [range?.[0] ?? 0], message: `is no number that JSON has: ${value}` });
    },
  });
  return found;
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let offset = 0;
  let within: unknown = document.contents;
  for (const part of path) {
    const node: unknown = isAlias(within) ? within.resolve(document) : within;
    const inner: unknown = isMap(node)
      ? node.items.find((pair) => keyOf(pair) === String(part))
      : isSeq(node)
        ? node.items[Number(part)]
        : undefined;
    if (inner === undefined || inner === null) return offset;
    const shown: unknown = isPair(inner) ? inner.key : inner;
    offset = (shown as Partial<Node>).range?.[0] ?? offset;
    within = isPair(inner) ? inner.value : inner;
  }
  return offset;
}

function keyOf({ key }: Pair): string | null {
  return isScalar(key) ? String(key.value) : null;
}
