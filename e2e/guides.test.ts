import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asTested, launcher } from "../packages/server/test/support/launcher.ts";
import { patiently } from "../packages/server/test/support/patience.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import {
  type GitServer,
  gitPassword,
  gitUser,
  startGitServer,
} from "../packages/server/test/support/git-server.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { Directory, slapdIsMissing } from "../packages/server/test/support/directory.ts";
import { Postgres, postgresIsMissing } from "../packages/server/test/support/postgres.ts";
import { type Block, blocksOf } from "./support/guide-blocks.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");
const guides = ["README.md", ...readdirSync(join(root, "docs/guides")).map((name) => `docs/guides/${name}`)];

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: the guides, because ${missing}`);

const withoutSlapd = slapdIsMissing();
if (withoutSlapd !== null) console.log(`SKIPPED: the guide to directories, because ${withoutSlapd}`);

const withoutPostgres = postgresIsMissing();
if (withoutPostgres !== null) console.log(`SKIPPED: the guide to PostgreSQL, because ${withoutPostgres}`);

/** What the guides take for granted: a reader's own files. */
const files: Record<string, string> = {
  "report.py":
    "import json, os\nos.makedirs('charts', exist_ok=True)\nopen('charts/a.svg', 'w').write('<svg/>')\njson.dump(6 * 7, open('result.json', 'w'))\n",
  "reader-password": "reader-secret\n",
  "ann-password": "ann-secret\n",
  "data/march.csv": "fruit,price\napple,1\n",
  "long.sh": "#!/bin/sh\necho begun\nsleep 15\nmkdir out\ndate > out/when\n",
};

describe.skipIf(missing !== null)("the guides", () => {
  let bench: ServerBench;
  let server: ServerProcess;
  let token: string;
  /** For the guide to TLS, which starts a server. */
  let tlsPort: number;
  /** Where the guide to PostgreSQL finds one; null on a host that has none. */
  let postgres: Postgres | null = null;
  /** The same of the guide to directories. */
  let directory: Directory | null = null;
  /** Where the guide to tasks pushes its code. */
  let git: GitServer;
  beforeAll(async () => {
    git = await startGitServer();
    git.bare("team/hello.git");
    if (withoutPostgres === null) postgres = await Postgres.start();
    if (withoutSlapd === null) directory = await Directory.start();
    tlsPort = await freePort();
    bench = openServerBench("local");
    server = await bench.start({
      env: {
        BERTH_GRPC_ADDRESS: "localhost:0",
        BERTH_SOURCES_ALLOW: "127.0.0.0/8",
        BERTH_CALLBACKS_ALLOW: "127.0.0.0/8",
      },
    });
    token = readFileSync(join(bench.root, "data/admin-token"), "utf8").trim();
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
    await directory?.[Symbol.asyncDispose]();
    await git[Symbol.asyncDispose]();
  });

  it.for(guides)("%s: every block that is printed runs as it is printed", async (guide, { skip }) => {
    skip(guide.endsWith("postgresql.md") && postgres === null, `${withoutPostgres}`);
    skip(guide.endsWith("ldap.md") && directory === null, `${withoutSlapd}`);
    const blocks = blocksOf(readFileSync(join(root, guide), "utf8"));
    const folder = workFolder(guide);
    const printed = blocks
      .filter(({ language }) => language === "sh")
      .flatMap((block) => scriptOf(block, server.url));
    await expect(inShell(["set -eu", ...printed].join("\n"), folder)).resolves.toBeUndefined();
    for (const { text, note, line } of blocks.filter(({ language }) => language === "ts")) {
      if (note !== null) continue;
      const file = join(folder, `line-${line}.ts`);
      writeFileSync(file, text.replaceAll("http://127.0.0.1:7400", server.url));
      await run(process.execPath, ["--conditions=berth-source", file], { cwd: folder, env: environment() });
    }
  });

  it.each(readdirSync(join(root, "examples/sdk")))(
    "examples/sdk/%s runs as its first lines say",
    async (name) => {
      const [, words] =
        / \*   BERTH_TOKEN=\.\.\. (.*)/.exec(readFileSync(join(root, "examples/sdk", name), "utf8")) ?? [];
      const { stdout } = await run("sh", ["-c", words ?? "false"], { cwd: root, env: environment() });
      expect(stdout).not.toBe("");
    },
  );

  /** A folder with what a checkout has, in which nothing of the checkout is written. */
  function workFolder(guide: string): string {
    const folder = join(bench.root, "work", guide.replaceAll("/", "-"));
    mkdirSync(join(folder, "data"), { recursive: true });
    symlinkSync(dirname(launcher), join(folder, "bin"));
    for (const name of ["scripts", "examples", "packages", "node_modules", "package.json"])
      symlinkSync(join(root, name), join(folder, name));
    for (const [name, text] of Object.entries({ ...files, "directory-ca.crt": directory?.ca ?? "" }))
      writeFileSync(join(folder, name), text, { mode: 0o755 });
    return folder;
  }

  function environment(): NodeJS.ProcessEnv {
    return {
      ...asTested,
      PATH: `${dirname(launcher)}:${process.env["PATH"] ?? ""}`,
      HOME: bench.root,
      BERTH_URL: server.url,
      BERTH_TOKEN: token,
      BERTH_DATA_DIR: join(bench.root, "data"),
      // A reader's own, as git has them.
      GIT_AUTHOR_NAME: "reader",
      GIT_AUTHOR_EMAIL: "reader@example.com",
      GIT_COMMITTER_NAME: "reader",
      GIT_COMMITTER_EMAIL: "reader@example.com",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.${git.url("").replace("//", `//${gitUser}:${gitPassword}@`)}.pushInsteadOf`,
      GIT_CONFIG_VALUE_0: git.url(""),
      ...(postgres !== null && { PGHOST: postgres.socket, PGUSER: "admin" }),
    };
  }

  function scriptOf({ text, note, line }: Block, url: string): string[] {
    if (note?.kind === "not run") return [];
    const words = text
      .replaceAll("ldaps://ldap.example.com", directory?.ldaps ?? "")
      .replaceAll("https://git.example.com/", git.url(""))
      .replaceAll("glpat-0123456789", gitPassword)
      .replaceAll(":7443", `:${tlsPort}`)
      .replaceAll("/var/run/postgresql", postgres?.socket ?? "")
      .replaceAll("http://127.0.0.1:7400", url)
      .replaceAll("localhost:7401", `localhost:${server.grpcPort}`)
      .replaceAll("/var/lib/berth", join(bench.root, "data"));
    if (note === null) return [`echo "line ${line}" >&2`, words];
    // Each of its commands fails, and what is behind a pipe or a semicolon does not count.
    return [`echo "line ${line}" >&2`, ...words.split("\n").map((one) => `! { ${one}; } || exit 99`)];
  }

  async function inShell(script: string, folder: string): Promise<void> {
    await run("bash", ["-c", script], { cwd: folder, env: environment(), timeout: patiently(280_000) }).catch(
      (error: unknown) => {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        throw new Error(`A block has failed:\n${stdout}\n${stderr}`, { cause: error });
      },
    );
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

it("give a reason for every block that is not run", () => {
  const notes = guides.flatMap((guide) =>
    blocksOf(readFileSync(join(root, guide), "utf8")).map(({ note }) => note),
  );
  expect(notes.length).toBeGreaterThan(20);
  expect(notes.filter((note) => note !== null && note.why.length < 10)).toEqual([]);
  expect(notes.filter((note) => note?.kind === "not run").length).toBeLessThan(notes.length / 2);
});

/** The guides run one after another on one server: a second account of a name is refused. */
it("make no account that another guide makes", () => {
  const made = guides.flatMap((guide) =>
    blocksOf(readFileSync(join(root, guide), "utf8"))
      .filter(({ language, note }) => language === "sh" && note === null)
      .flatMap(({ text }) => [
        ...text.matchAll(/berth user create ([a-z]\S*)/g),
        ...text.matchAll(/for name in ([^;]+); do berth user create/g),
      ])
      .flatMap(([, names = ""]) => names.split(" ")),
  );
  expect(made.length).toBeGreaterThan(3);
  expect(made.filter((name, at) => made.indexOf(name) !== at)).toEqual([]);
});
