import { expect, it } from "vitest";
import { checkArchives, checkSources, lackedFor } from "./archive-tools.ts";

it("names what a host lacks to unpack an archive, what is refused therefore, and how to mend it", () => {
  const without =
    (...names: string[]) =>
    (name: string) =>
      !names.includes(name);
  expect(lackedFor("tar.zst", without("zstd"))).toEqual(["zstd"]);
  expect(lackedFor("tar.gz", without("zstd"))).toEqual([]);
  expect(checkArchives(without())).toMatchObject({ status: "ok", fix: null });
  expect(checkArchives(without("zstd", "python3"))).toEqual({
    name: "archives",
    status: "warning",
    detail: "zstd, python3 not found in /usr/bin or /bin: archives of tar.zst, zip are refused",
    fix: "apt-get install zstd python3",
  });
  expect(checkArchives(without("tar")).detail).toContain("archives of tar, tar.gz, tar.zst are refused");
});

it("names what a host lacks to fetch code, and how to mend it", () => {
  const without = (name: string) => (other: string) => other !== name;
  expect(lackedFor("git", without("ssh"))).toEqual([]);
  expect(lackedFor("git over ssh", without("ssh"))).toEqual(["ssh"]);
  expect(checkSources(without("ssh"))).toMatchObject({
    status: "warning",
    detail: "ssh not found in /usr/bin or /bin: tasks whose code is in git over ssh are refused",
    fix: "apt-get install openssh-client",
  });
  expect(checkSources(without("git"))).toMatchObject({ fix: "apt-get install git" });
});

it("finds on this host what the installer has put there", () => {
  expect(checkArchives().status).toBe("ok");
  expect(checkSources().status).toBe("ok");
});
