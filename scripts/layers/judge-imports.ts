import { posix } from "node:path";
import type { Layers } from "../../layers.ts";
import type { Import } from "./read-imports.ts";

export type SourceFile = { path: string; imports: readonly Import[] };

export type Rules = {
  /** Source root of a package -> its layers. */
  layers: Readonly<Record<string, Layers>>;
  /** Folder -> the outside modules it may import; all other folders may import any. */
  pure: Readonly<Record<string, readonly string[]>>;
};

/** Where a path lives: the package's source root, the path below it, and the layer that rules it. */
type Place = { root: string; inside: string; layer: string };

/** Returns one sentence for each import that the layers do not allow. */
export function judgeImports(files: readonly SourceFile[], rules: Rules): string[] {
  return files.flatMap((file) => {
    const place = placeOf(file.path, rules.layers);
    if (place === null) return [];
    if (place.layer === NOWHERE) {
      return [`${file.path}: no layer holds this file: put it in a folder that layers.ts names, or add one`];
    }
    return file.imports.flatMap((imported) => {
      const complaint = judge(file.path, place, imported.specifier, rules);
      return complaint === null ? [] : [`${file.path}:${imported.line}: ${complaint}`];
    });
  });
}

/** Resolves a relative import to a path in the repository; null for packages and built-in modules. */
export function resolveRelative(from: string, specifier: string): string | null {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : null;
}

const NOWHERE = "(nowhere)";

function judge(from: string, place: Place, specifier: string, rules: Rules): string | null {
  const target = resolveRelative(from, specifier);
  if (target !== null) return judgeRelative(place, target, rules);
  if (specifier.startsWith("@berth/")) return judgePackage(place, specifier, rules);
  return judgeOutside(from, specifier, rules);
}

function judgeRelative(place: Place, target: string, rules: Rules): string | null {
  const goal = placeOf(target, rules.layers);
  if (goal?.root !== place.root) {
    return `"${target}" is outside this package: import it by its package name, or pass it in`;
  }
  if (goal.layer === place.layer || allows(allowedFor(place, rules), goal.inside)) return null;
  return `"${place.layer}" may not import "${shown(goal)}": move the shared part to core, or pass it in from server.ts`;
}

function judgePackage(place: Place, specifier: string, rules: Rules): string | null {
  const name = specifier.split("/").slice(0, 2).join("/");
  const allowed = allowedFor(place, rules);
  if (allowed.includes(specifier)) return null;
  if (name !== specifier)
    return `"${specifier}" reaches inside a package: export the name from "${name}" instead`;
  if (allowed.includes("*") || allowed.includes(name)) return null;
  return `"${place.layer || place.root}" may not import "${name}": move the shared part to @berth/protocol`;
}

function judgeOutside(from: string, specifier: string, rules: Rules): string | null {
  const folder = Object.keys(rules.pure).find((candidate) => isBelow(from, candidate));
  const allowed = folder === undefined ? undefined : rules.pure[folder];
  if (allowed === undefined || allowed.includes(specifier)) return null;
  return `"${folder}" is pure and may not import "${specifier}": do it in an engine, a store or lib, and pass the value in`;
}

function placeOf(path: string, layers: Rules["layers"]): Place | null {
  const root = Object.keys(layers).find((candidate) => isBelow(path, candidate));
  if (root === undefined) return null;
  const inside = path.slice(root.length + 1);
  const names = Object.keys(layers[root] ?? {}).filter((name) => isBelow(inside, name));
  const layer = names.toSorted((a, b) => b.length - a.length)[0] ?? NOWHERE;
  return { root, inside, layer };
}

function allowedFor(place: Place, rules: Rules): readonly string[] {
  return rules.layers[place.root]?.[place.layer] ?? [];
}

function allows(allowed: readonly string[], inside: string): boolean {
  return allowed.some((entry) => entry === "*" || isBelow(inside, entry));
}

function shown(place: Place): string {
  return place.layer === NOWHERE ? place.inside : place.layer;
}

/** True for the folder itself, for what lies below it, and for everything when the folder is "". */
function isBelow(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}
