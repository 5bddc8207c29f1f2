import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Contact, Job, Network } from "@berth/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServerBench, type ServerBench } from "../../server/test/support/server-bench.ts";
import type { ServerProcess } from "../../server/test/support/server-process.ts";
import { runBerth } from "./support/run-berth.ts";

let bench: ServerBench;
let server: ServerProcess;
beforeAll(async () => {
  bench = openServerBench("fake");
  server = await bench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());

async function berth(...argv: string[]): ReturnType<typeof runBerth> {
  const token = readFileSync(join(bench.root, "data", "admin-token"), "utf8").trim();
  return runBerth(argv, { env: { BERTH_URL: server.url, BERTH_TOKEN: token } });
}

it("defines, shows, changes and deletes a profile", async () => {
  const flags = [
    "--domain",
    "pypi.org",
    "--domain",
    "*.pythonhosted.org",
    "--port",
    "443",
    "--rate",
    "10MiB/s",
  ];
  const created = await berth("network", "create", "pypi", ...flags, "--json");
  const spec = { domains: ["pypi.org", "*.pythonhosted.org"], ports: [443], rate: "10MiB/s" };
  expect(JSON.parse(created.stdout)).toMatchObject({ name: "pypi", source: "api", spec });
  const changed = await berth("network", "update", "pypi", "--port", "8443", "--observe", "--json");
  expect((JSON.parse(changed.stdout) as Network).spec).toEqual({ ...spec, ports: [8443], observe: true });
  const shown = await berth("network", "get", "pypi");
  expect(shown.stdout).toContain("domains       pypi.org, *.pythonhosted.org");
  const { stdout } = await berth("network", "list");
  expect(stdout).toMatch(/^pypi +api +yes +pypi\.org, \*\.pythonhosted\.org at 8443$/m);
  expect(stdout).toMatch(/^internet +built-in +yes +all public addresses$/m);
  expect(await berth("network", "delete", "pypi", "internet")).toMatchObject({
    code: 121,
    stdout: "pypi\n",
    stderr: expect.stringContaining('Cannot delete network profile "internet": it is Berth\'s own') as string,
  });
  expect((await berth("network", "get", "pypi")).code).toBe(120);
});

it("runs a job with a network, says what it was refused, and lists its contacts", async () => {
  const script = ["reach=tcp,1.1.1.1,443,one.example.org", "refuse=udp,fd00::53,53", "exit=0"];
  const run = await berth("run", "--network", "internet", "--observe", "--json", "--", "fake", ...script);
  const job = JSON.parse(run.stdout) as Job;
  expect([run.code, job.network, job.contacts]).toEqual([
    0,
    "internet",
    { reached: 1, refused: 1, others: 0 },
  ]);
  const sentence = '1 attempt to [fd00::53]:53/udp was refused by the network profile "internet"';
  expect(run.stderr).toContain(`berth: ${sentence}`);
  const status = (await berth("status", job.id)).stdout;
  expect(status).toMatch(/^network +internet$/m);
  expect(status).toMatch(/^contacts +1 reached, 1 refused: `berth contacts` lists them$/m);
  expect(status).toContain(sentence);
  const contacts = JSON.parse((await berth("contacts", job.id, "--json")).stdout) as Contact[];
  expect(contacts.map(({ outcome, address }) => [outcome, address])).toEqual([
    ["refused", "fd00::53"],
    ["reached", "1.1.1.1"],
  ]);
  const listed = (await berth("contacts", job.id)).stdout;
  expect(listed).toMatch(/^refused +\[fd00::53\]:53\/udp/m);
  expect(listed).toMatch(/^reached +1\.1\.1\.1:443\/tcp +one\.example\.org +1000 B/m);
  const unknown = await berth("run", "--network", "nowhere", "--", "fake");
  expect([unknown.code, unknown.stderr]).toEqual([118, expect.stringContaining("NETWORK_UNKNOWN")]);
});

it("proposes a profile from what jobs met, and tries a command under one", async () => {
  const script = ["reach=tcp,1.1.1.1,443,one.example.org", "exit=0"];
  const { stdout } = await berth(
    "run",
    "--network",
    "internet",
    "--observe",
    "--json",
    "--",
    "fake",
    ...script,
  );
  const { id } = JSON.parse(stdout) as Job;
  const proposed = await berth("network", "propose", id);
  expect(JSON.parse(proposed.stdout)).toMatchObject({ domains: ["one.example.org"], ports: [443] });
  expect((await berth("network", "propose", id, "--create", "ours")).stdout).toMatch(
    /^domains +one\.example\.org$/m,
  );
  const words = ["print=hello", "refuse=tcp,10.0.0.5,5432", "exit=3"];
  const tried = await berth("network", "try", "ours", "--", "fake", ...words);
  expect(tried).toMatchObject({ code: 3, stdout: "hello\n" });
  expect(tried.stderr).toMatch(/^refused +10\.0\.0\.5:5432\/tcp/m);
  expect((await berth("network", "try", "ours")).stderr).toContain(
    "Cannot try a profile: there is no command",
  );
});
