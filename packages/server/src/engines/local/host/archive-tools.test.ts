import { expect, it } from "vitest";
import { checkArchives, lackedFor } from "./archive-tools.ts";

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

it("finds on this host what the installer has put there", () => {
  expect(checkArchives().status).toBe("ok");
});
