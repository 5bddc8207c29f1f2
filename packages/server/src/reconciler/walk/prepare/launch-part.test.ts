import { describe, expect, it } from "vitest";
import { type LaunchPart, mergeParts } from "./launch-part.ts";

const output = { stdout: "o", stderr: "e", index: "i", limitBytes: null, overflow: "stop" } as const;
const bytes = new Uint8Array(1);

describe("the parts of a launch", () => {
  it("come together, variables and files of all steps", () => {
    const parts: LaunchPart[] = [
      { env: { A: "1" }, files: [{ name: "a", content: bytes }] },
      { env: { B: "2", A: "1" }, stdin: bytes },
      { files: [{ name: "b", content: bytes }], output },
    ];
    expect(mergeParts(parts)).toEqual({
      env: { A: "1", B: "2" },
      files: [
        { name: "a", content: bytes },
        { name: "b", content: bytes },
      ],
      stdin: bytes,
      output,
    });
    expect(mergeParts([{ output }])).toEqual({ env: {}, files: [], stdin: null, output });
  });

  it.each<[what: string, parts: LaunchPart[]]>([
    ["variable", [{ env: { A: "1" } }, { env: { A: "2" } }, { output }]],
    ["stdin", [{ stdin: bytes }, { stdin: bytes }, { output }]],
    ["output", [{ output }, { output }]],
  ])("contradict each other where two give the same %s: none overwrites the other", (what, parts) => {
    expect(() => mergeParts(parts)).toThrow(`the ${what}`);
  });
});
