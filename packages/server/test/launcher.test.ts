import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "./support/temp-folder.ts";

const launcher = new URL("../../../bin/berth", import.meta.url).pathname;

/** With which words the launcher starts Node, on a host of so many processors. */
function nodeWords(folder: string, { words, cores }: { words: string[]; cores: number }): string[] {
  const programs = {
    nproc: `echo ${cores}`,
    node: 'case $1 in -p) echo 24.0.0 ;; *) printf "%s\\n" "$@" ;; esac',
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const env = { PATH: `${folder}:/usr/bin:/bin`, BERTH_NODE: join(folder, "node") };
  return execFileSync(launcher, words, { env, encoding: "utf8" }).trim().split("\n");
}

it.each([
  { cores: 1, helpers: 1 },
  { cores: 2, helpers: 1 },
  { cores: 4, helpers: 3 },
  { cores: 64, helpers: 4 },
])(
  "gives the server $helpers threads beside its main one to collect garbage with, on $cores processors",
  async ({ cores, helpers }) => {
    await using folder = tempFolder();
    expect(nodeWords(folder.path, { words: ["server"], cores })[0]).toBe(`--v8-pool-size=${helpers}`);
  },
);

it("starts the client without", async () => {
  await using folder = tempFolder();
  expect(nodeWords(folder.path, { words: ["list"], cores: 2 }).join(" ")).not.toContain("v8-pool-size");
});
