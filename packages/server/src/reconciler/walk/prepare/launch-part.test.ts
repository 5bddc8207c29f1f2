import { describe, expect, it } from "vitest";
import { grantOf, internetRules } from "../../../core/network/profile.ts";
import { plainSurroundings } from "../../../core/stages/surroundings.ts";
import { type LaunchPart, mergeParts } from "./launch-part.ts";

const output = { stdout: "o", stderr: "e", index: "i", limitBytes: null, overflow: "stop" } as const;
const { root, network } = plainSurroundings;
const internet = grantOf("internet", { rules: internetRules, observe: false });
/** What every launch must be given. */
const rest = { output, root, network };
const bytes = new Uint8Array(1);
const read = (at: string, source: string) => ({ kind: "read-only", at, source }) as const;

describe("the parts of a launch", () => {
  it("come together, variables and files of all steps", () => {
    const parts: LaunchPart[] = [
      { env: { A: "1" }, files: [{ name: "a", content: bytes }] },
      { env: { B: "2", A: "1" }, stdin: bytes },
      { files: [{ name: "b", content: bytes }], mounts: [read("/a", "/srv/a")], output },
      { mounts: [read("/b", "/srv/a")], root, network },
    ];
    expect(mergeParts(parts)).toEqual({
      env: { A: "1", B: "2" },
      files: [
        { name: "a", content: bytes },
        { name: "b", content: bytes },
      ],
      stdin: bytes,
      mounts: [read("/a", "/srv/a"), read("/b", "/srv/a")],
      secrets: null,
      ...rest,
    });
    expect(mergeParts([rest])).toEqual({
      env: {},
      files: [],
      stdin: null,
      mounts: [],
      secrets: null,
      ...rest,
    });
  });

  it.each<[what: string, parts: LaunchPart[]]>([
    ["the variable", [{ env: { A: "1" } }, { env: { A: "2" } }, rest]],
    ["the stdin", [{ stdin: bytes }, { stdin: bytes }, rest]],
    ["the output", [{ output }, rest]],
    ["the root", [{ root }, rest]],
    ["the network", [{ network: internet }, rest]],
    [
      "a file",
      [{ files: [{ name: "a", content: bytes }] }, { files: [{ name: "a", content: bytes }] }, rest],
    ],
    ["a mount", [{ mounts: [read("/a", "/b")] }, { mounts: [read("/a", "/c")] }, rest]],
  ])("contradict each other where two give %s: none overwrites the other", (what, parts) => {
    expect(() => mergeParts(parts)).toThrow(`Two steps give ${what}`);
  });

  it.each(["output", "root", "network"] as const)("are not enough where none gives the %s", (name) => {
    expect(() => mergeParts([{ ...rest, [name]: undefined }])).toThrow(`No step gives the ${name}`);
  });
});
