import { parseSync, Visitor } from "oxc-parser";

export type Import = { specifier: string; line: number };

/** Reads every import of a source text: static, type-only, re-exporting, dynamic and `import("…")` in types. */
export function readImports(path: string, text: string): Import[] {
  const imports: Import[] = [];
  const note = (source: { type: string; value?: unknown; start: number } | null): void => {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    imports.push({ specifier: source.value, line: lineAt(text, source.start) });
  };
  new Visitor({
    ImportDeclaration: (node) => note(node.source),
    ExportNamedDeclaration: (node) => note(node.source),
    ExportAllDeclaration: (node) => note(node.source),
    ImportExpression: (node) => note(node.source),
    TSImportType: (node) => note(node.source),
  }).visit(parseSync(path, text).program);
  return imports;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
