import { findCycles } from "./find-cycles.ts";
import { judgeImports, resolveRelative, type Rules, type SourceFile } from "./judge-imports.ts";

/** Everything that is wrong with the imports of these files, one sentence each. */
export function layerProblems(files: readonly SourceFile[], rules: Rules): string[] {
  return [...judgeImports(files, rules), ...cycleProblems(files)];
}

function cycleProblems(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, relativeImports(file)]));
  return findCycles(graph).map(
    (cycle) => `${cycle.join(" -> ")}: these files import each other: move what they share to a third file`,
  );
}

function relativeImports(file: SourceFile): string[] {
  return file.imports.flatMap(({ specifier }) => resolveRelative(file.path, specifier) ?? []);
}
