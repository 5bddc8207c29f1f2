import type { Isolation } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { parseLook, readBack } from "./sandbox-look.ts";

const planned: Isolation = {
  level: "namespaces",
  items: [
    "user-namespace",
    "ipc-namespace",
    "capabilities",
    "no-new-privileges",
    "seccomp",
    "pids-limit",
  ].map((name) => ({ name, applied: true, detail: "planned" })),
};
const good = `user user:[2]
ipc ipc:[3]
map 0 1879048192 65536
CapInh: 0000000000000000
CapPrm: 0000000000000000
CapEff: 0000000000000000
CapBnd: 0000000000000000
CapAmb: 0000000000000000
NoNewPrivs: 1
Seccomp: 2
end
`;
const ours = (name: string): string => `${name}:[1]`;
const lacking = (text: string): string[] =>
  readBack(planned, parseLook(text), ours)
    .items.filter(({ applied }) => !applied)
    .map(({ name }) => name);

describe("isolation as the kernel shows it", () => {
  it("bears out what was planned", () => {
    expect(readBack(planned, parseLook(good), ours)).toEqual(planned);
  });

  it.each([
    ["ipc:[3]", "ipc:[1]", "ipc-namespace"],
    ["ipc ipc:[3]\n", "", "ipc-namespace"],
    ["1879048192", "0", "user-namespace"],
    ["65536", "4294967295", "user-namespace"],
    ["user:[2]", "user:[1]", "user-namespace"],
    ["CapBnd: 0000000000000000", "CapBnd: 0000000000200000", "capabilities"],
    ["NoNewPrivs: 1", "NoNewPrivs: 0", "no-new-privileges"],
    ["Seccomp: 2", "Seccomp: 0", "seccomp"],
  ])("where %j is %j, does not bear it out: %s", (part, instead, name) => {
    expect(lacking(good.replace(part, instead))).toEqual([name]);
  });

  it("bears out nothing where nobody could look, but what is not its to tell", () => {
    const all = planned.items.map(({ name }) => name).filter((name) => name !== "pids-limit");
    expect(lacking("")).toEqual(all);
    expect(lacking(good.replace("end\n", ""))).toEqual(all);
  });
});
