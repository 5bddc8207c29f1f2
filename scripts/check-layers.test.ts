import { expect, it } from "vitest";
import type { SourceFile } from "./layers/judge-imports.ts";
import { layerProblems } from "./layers/layer-problems.ts";
import { readImports } from "./layers/read-imports.ts";

const rules = {
  layers: {
    "packages/server/src": {
      "server.ts": ["*"],
      api: ["operations", "@berth/protocol", "@berth/protocol/errors"],
      operations: ["engines/engine.ts", "core"],
      "engines/engine.ts": [],
      "engines/local": ["engines/engine.ts"],
      core: [],
    },
    "packages/protocol/src": { "": [] },
  },
  pure: { "packages/server/src/core": ["node:crypto"] },
};

const server = "packages/server/src";

function file(path: string, text: string): SourceFile {
  return { path, imports: readImports(path, text) };
}

function problems(path: string, text: string): string[] {
  return layerProblems([file(path, text)], rules);
}

it.each([
  ["a static import", `import { start } from "../engines/local/start.ts";`],
  ["a type-only import", `import type { Start } from "../engines/local/start.ts";`],
  ["a re-export", `export { start } from "../engines/local/start.ts";`],
  ["a star re-export", `export * from "../engines/local/start.ts";`],
  ["a bare import", `import "../engines/local/start.ts";`],
  ["a dynamic import", `const start = await import("../engines/local/start.ts");`],
  ["an import in a type", `type Start = import("../engines/local/start.ts").Start;`],
])("refuses %s that crosses layers", (_kind, text) => {
  expect(problems(`${server}/operations/submit.ts`, text)).toEqual([
    `${server}/operations/submit.ts:1: "operations" may not import "engines/local": ` +
      "move the shared part to core, or pass it in from server.ts",
  ]);
});

it.each([
  ["the port of a folder", "operations/submit.ts", `import "../engines/engine.ts";`],
  ["a file of the same layer", "engines/local/stop.ts", `import "./start.ts";`],
  [
    "anything into the composition root",
    "server.ts",
    `import "./engines/local/start.ts"; import "./api/a.ts";`,
  ],
  ["one of our packages that is listed", "api/a.ts", `import "@berth/protocol";`],
  ["a part of one of our packages that is listed", "api/a.ts", `import "@berth/protocol/errors";`],
  [
    "an import that is only text",
    "core/a.ts",
    `// import "../api/a.ts"\nconst text = 'import "../api/a.ts"';`,
  ],
  ["a harmless module into pure code", "core/a.ts", `import { createHash } from "node:crypto";`],
])("allows %s", (_what, path, text) => {
  expect(problems(`${server}/${path}`, text)).toEqual([]);
});

it.each([
  ["input or output in pure code", `${server}/core/a.ts`, `import "node:fs";`, "is pure"],
  ["a package that is not listed", `${server}/core/a.ts`, `import "@berth/protocol";`, "may not import"],
  [
    "any package of ours in the contract",
    "packages/protocol/src/a.ts",
    `import "@berth/sdk";`,
    "may not import",
  ],
  ["a path inside a package", `${server}/api/a.ts`, `import "@berth/protocol/src/a.ts";`, "reaches inside"],
  [
    "a path into another package",
    `${server}/api/a.ts`,
    `import "../../../protocol/src/a.ts";`,
    "outside this",
  ],
  ["a file in no layer", `${server}/stray/a.ts`, "", "no layer holds"],
])("refuses %s", (_what, path, text, words) => {
  expect(problems(path, text)).toEqual([expect.stringContaining(words)]);
});

it("names the line of the import", () => {
  expect(problems(`${server}/core/a.ts`, `\n\nimport "node:net";`)[0]).toContain(`${server}/core/a.ts:3: `);
});

it("finds files that import each other, type-only imports included", () => {
  const files = [
    file(`${server}/core/a.ts`, `import { b } from "./b.ts";`),
    file(`${server}/core/b.ts`, `import type { C } from "./c.ts";`),
    file(`${server}/core/c.ts`, `export { a } from "./a.ts";`),
  ];
  const core = `${server}/core`;
  expect(layerProblems(files, rules)).toEqual([
    `${core}/a.ts -> ${core}/b.ts -> ${core}/c.ts -> ${core}/a.ts: ` +
      "these files import each other: move what they share to a third file",
  ]);
});
