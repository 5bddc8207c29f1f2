import { systemRefusals } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { systemReason } from "./system-reason.ts";

const refused = (code: string): Error => Object.assign(new Error(`${code}: raw text`), { code });

describe("why the system refused something", () => {
  it.each([
    [
      "EACCES",
      "the server's user may not do that (EACCES)",
      /^Let the user that the server runs as write there/,
    ],
    ["EPERM", `${systemRefusals.EPERM} (EPERM)`, /^Let the user that the server runs as write there/],
    ["EROFS", `${systemRefusals.EROFS} (EROFS)`, /^Mount it for writing/],
    ["ENOSPC", `${systemRefusals.ENOSPC} (ENOSPC)`, /^Make room on that disk/],
    ["EDQUOT", `${systemRefusals.EDQUOT} (EDQUOT)`, /^Make room on that disk/],
    ["EIO", `${systemRefusals.EIO} (EIO)`, /^Look at the disk/],
    ["ENOENT", "a part of the path does not exist (ENOENT)", /^Make it, or name another place$/],
    ["ENOTDIR", `${systemRefusals.ENOTDIR} (ENOTDIR)`, /^Name another place$/],
    ["EEXIST", "something else is there already (EEXIST)", /^Move it away/],
    ["ELOOP", `${systemRefusals.ELOOP} (ELOOP)`, /^Name another place$/],
    ["EMFILE", "the server has too many files open (EMFILE)", /^Raise its limit of open files$/],
    ["ENFILE", `${systemRefusals.ENFILE} (ENFILE)`, /^Raise the host's limit of open files$/],
    ["ENOMEM", `${systemRefusals.ENOMEM} (ENOMEM)`, /^Make room in the host's memory$/],
    ["EADDRINUSE", `${systemRefusals.EADDRINUSE} (EADDRINUSE)`, /choose another port$/],
    ["EADDRNOTAVAIL", `${systemRefusals.EADDRNOTAVAIL} (EADDRNOTAVAIL)`, /^Choose an address of this host$/],
    ["ENOTFOUND", `${systemRefusals.ENOTFOUND} (ENOTFOUND)`, /^Choose an address of this host$/],
  ])("%s is said in words, with how to mend it", (code, why, fix) => {
    expect(systemReason(refused(code))).toEqual({ why, fix: expect.stringMatching(fix) as unknown });
  });

  it("says how to mend it only where that follows from it", () => {
    expect(systemReason(refused("ENAMETOOLONG"))).toEqual({
      why: `${systemRefusals.ENAMETOOLONG} (ENAMETOOLONG)`,
    });
  });

  it("leaves the text of what it does not know as it is", () => {
    expect(systemReason(refused("EWHATEVER"))).toEqual({ why: "EWHATEVER: raw text" });
    expect(systemReason("a text")).toEqual({ why: "a text" });
  });
});
