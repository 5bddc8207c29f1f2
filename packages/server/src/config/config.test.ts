import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { isBerthError } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { type Config, type ConfigSources, loadConfig } from "./config.ts";
import { keys } from "./keys/keys.ts";

const host = { cores: 4, memoryBytes: 8 * 2 ** 30, processes: 32_768, descriptors: 4096 };
const nowhere = "/nonexistent";

function load(sources: ConfigSources): Config {
  return loadConfig({ env: {}, cwd: nowhere, host, ...sources });
}

function problemsOf(sources: ConfigSources): string[] {
  try {
    load(sources);
  } catch (error) {
    if (isBerthError(error)) return error.problems.map((problem) => problem.message);
    throw error;
  }
  return [];
}

async function withFile<Result>(text: string, use: (cwd: string) => Result): Promise<Result> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-config-"));
  writeFileSync(join(folder.path, "berth.yaml"), text);
  return use(folder.path);
}

it("takes a database of PostgreSQL, and shows its password nowhere", () => {
  const url = "postgres://ann:s3cret@db.example:5433/jobs?sslmode=verify-full";
  const { database } = load({ env: { BERTH_DATABASE: url } });
  expect(database.kind === "postgres" && database.url.reveal()).toBe(url);
  const shown = [JSON.stringify(database), inspect(database), String(Object.values(database)[1])];
  expect(shown.filter((text) => !text.includes("postgres://db.example:5433/jobs"))).toEqual([]);
  expect(shown.filter((text) => /ann|s3cret/.test(text))).toEqual([]);
  expect(problemsOf({ env: { BERTH_DATABASE: "postgres:s3cret" } })).toEqual([
    "BERTH_DATABASE must be sqlite: or postgres://USER:PASSWORD@HOST:PORT/DATABASE: current value is not shown",
  ]);
});

it("has a default for every setting", () => {
  expect(load({})).toMatchObject({
    dataDir: "/var/lib/berth",
    database: { kind: "sqlite" },
    http: { host: "127.0.0.1", port: 7400 },
    engine: "local",
    maxJobs: 32,
    queueLength: 10_000,
    jobsCap: { cpu: 3.6, memory: 6 * 2 ** 30, pids: 16_384 },
    limits: {
      memory: 2 ** 30,
      memoryHigh: null,
      ioRead: null,
      ioWrite: null,
      runMs: 3_600_000,
      idleMs: null,
      outputBytes: 2 ** 30,
    },
    stopGraceMs: 5000,
    keep: { jobsForMs: 604_800_000, outputBytes: 10 * 2 ** 30 },
  });
});

it.each([1, 2, 64, 512])("accepts its own defaults on a host with %i cores", (cores) => {
  for (const memoryBytes of [256 * 2 ** 20, 2 ** 30, 3 * 2 ** 30, 2 ** 42]) {
    const config = load({ host: { cores, memoryBytes, processes: 256 * cores, descriptors: 1024 } });
    expect(config.maxJobs).toBeLessThanOrEqual(256);
    expect(config.jobsCap.memory).toBeLessThan(memoryBytes);
    expect(config.jobsCap.memory).toBeGreaterThan(0.4 * memoryBytes);
    expect(config.jobsCap.pids).toBe(Math.max(1024, 128 * cores));
  }
});

it("takes every limit of jobs that name none, and CPU as cores or percent of one core", () => {
  const env = {
    BERTH_DEFAULT_CPU: "10%",
    BERTH_DEFAULT_MEMORY_HIGH: "900MiB",
    BERTH_DEFAULT_IO_READ: "20MiB/s",
    BERTH_DEFAULT_IO_WRITE: "10MiB/s",
    BERTH_JOBS_CPU: "250%",
    BERTH_JOBS_PIDS: "none",
  };
  expect(load({ env })).toMatchObject({
    jobsCap: { cpu: 2.5, pids: null },
    limits: { cpu: 0.1, memoryHigh: 900 * 2 ** 20, ioRead: 20 * 2 ** 20, ioWrite: 10 * 2 ** 20 },
  });
});

it("takes the environment over the file over the default", async () => {
  const config = await withFile("maxJobs: 7\nqueueLength: 70\nhttp:\n  address: '[::1]:0'\n", (cwd) =>
    load({ cwd, env: { BERTH_MAX_JOBS: "8", BERTH_QUEUE_LENGTH: "" } }),
  );
  expect(config).toMatchObject({ maxJobs: 8, queueLength: 70, http: { host: "::1", port: 0 } });
});

it("reads the file that BERTH_CONFIG names, and wants it to be there", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-config-"));
  mkdirSync(join(folder.path, "etc"));
  writeFileSync(join(folder.path, "etc", "mine.yaml"), "defaults: { memory: none }");
  const env = { BERTH_CONFIG: "etc/mine.yaml" };
  expect(load({ cwd: folder.path, env }).limits.memory).toBeNull();
  expect(problemsOf({ cwd: nowhere, env })).toEqual([
    "/nonexistent/etc/mine.yaml must be a file that can be read: ENOENT",
  ]);
});

it("reports every problem together, with the key, what is wanted and what is there", async () => {
  const text =
    "engin: local\nengines: [fake]\nstopGrace: soon\nhttp: 7400\nlog:\n  levle: info\nmaxJobs: [1]\n";
  const env = {
    BERTH_ENGINE: "docker",
    BERTH_DATADIR: "/x",
    BERTH_ENGINES: "fake",
    BERTH_HTTP_ADDRESS: "localhost:70000",
  };
  const problems = await withFile(text, (cwd) =>
    problemsOf({ cwd, env }).map((problem) => problem.replace(cwd, "CWD")),
  );
  expect(problems).toEqual([
    "engin in CWD/berth.yaml is not a setting: did you mean engine?",
    "engines in CWD/berth.yaml is not a setting: did you mean moreEngines?",
    "http in CWD/berth.yaml must be a mapping of settings",
    "log.levle in CWD/berth.yaml is not a setting: did you mean log.level?",
    "maxJobs in CWD/berth.yaml must be a single value",
    "BERTH_DATADIR is not a setting: did you mean BERTH_DATA_DIR?",
    "BERTH_ENGINES is not a setting: did you mean BERTH_MORE_ENGINES?",
    'BERTH_HTTP_ADDRESS must be host:port or [IPv6 address]:port, with a port from 0 to 65535: current value is "localhost:70000"',
    'BERTH_ENGINE must be local or fake: current value is "docker"',
    'stopGrace in CWD/berth.yaml must be a duration like 90s or 1h30m: current value is "soon"',
  ]);
});

it.each([
  ["a duplicate key", "engine: local\nengine: fake\n"],
  ["a tab", "http:\n\taddress: x\n"],
  ["a list", "- engine\n"],
  [
    "a billion laughs",
    `a: &a [x,x]\n${"bcdefgh"
      .split("")
      .map((k, i) => `${k}: &${k} [*${"abcdefgh"[i]},*${"abcdefgh"[i]},*${"abcdefgh"[i]},*${"abcdefgh"[i]}]`)
      .join("\n")}\n`,
  ],
])("names the file that holds %s", async (_, text) => {
  const problems = await withFile(text, (cwd) => problemsOf({ cwd }));
  expect(problems[0]).toMatch(/berth\.yaml must be/);
});

it.each([
  ["BERTH_DATA_DIR", "relative"],
  ["BERTH_DATA_DIR", "/srv/my data"],
  ["BERTH_HTTP_ADDRESS", "7400"],
  ["BERTH_HTTP_ADDRESS", "::1:7400"],
  ["BERTH_HTTP_TLS", "yes"],
  ["BERTH_HTTP_TLS", "certs"],
  ["BERTH_TRUSTED_PROXIES", "proxy.example.com"],
  ["BERTH_KRITEN_ORIGINS", "https://console.example.com/"],
  ["BERTH_KRITEN_ORIGINS", "null"],
  ["BERTH_KRITEN_ORIGINS", "file:///x"],
  ["BERTH_TRUSTED_PROXIES", "10.0.0.1, "],
  ["BERTH_TRUSTED_PROXIES", "10.0.0.1-10.0.0.9"],
  ["BERTH_TRUSTED_PROXIES", "10.0.0.1/8"],
  ["BERTH_OUTBOUND_ALLOWED", "::ffff:0:0/96"],
  ["BERTH_TRUSTED_PROXIES", "0.0.0.0/0"],
  ["BERTH_TRUSTED_PROXIES", "::/0"],
  ["BERTH_MAX_JOBS", "0"],
  ["BERTH_MAX_JOBS", "1e3"],
  ["BERTH_CGROUP", "../system.slice"],
  ["BERTH_STOP_GRACE", "5"],
  ["BERTH_DEFAULT_MEMORY", "lots"],
  ["BERTH_DEFAULT_OUTPUT_LIMIT", "none"],
  ["BERTH_LIMITS", "loose"],
  ["BERTH_NETWORK_RANGE", "10.88.0.0"],
  ["BERTH_NETWORK_RANGE", "10.88.0.0/15"],
  ["BERTH_NETWORK_RANGE", "10.88.0.0/25"],
  ["BERTH_NETWORK_RANGE", "10.88.0.1/16"],
  ["BERTH_NETWORK_RANGE", "fd88::/16"],
  ["BERTH_NETWORK_FOREIGN_CHANGES", "ignore"],
])("refuses %s=%s", (name, value) => {
  expect(problemsOf({ env: { [name]: value } })).toEqual([
    expect.stringMatching(`^${name} must be .*${value}`),
  ]);
});

it("refuses a backslash in the data folder's path, which would break the lines that start jobs", () => {
  expect(problemsOf({ env: { BERTH_DATA_DIR: "/srv/my\\data" } })).toEqual([
    String.raw`BERTH_DATA_DIR must be an absolute path without blanks or backslashes: current value is "/srv/my\\data"`,
  ]);
});

it("leaves the names of the client, the launcher and the tests alone", () => {
  expect(problemsOf({ env: { BERTH_URL: "x", BERTH_TOKEN: "x", BERTH_NODE: "x", OTHER: "x" } })).toEqual([]);
});

it("is frozen all the way down", () => {
  const config = load({});
  expect(() => Object.assign(config.limits, { cpu: 1 })).toThrow(TypeError);
});

it("names each setting once", () => {
  const all = Object.values(keys);
  expect(new Set(all.map((key) => key.env)).size).toBe(all.length);
  expect(new Set(all.map((key) => key.yaml)).size).toBe(all.length);
});

describe("settings that are lists and maps", () => {
  const pypi = { domains: ["pypi.org"], ports: [443] };

  it("come from the file, or from a variable that holds the same as YAML, which wins", async () => {
    const text = `networks:\n  pypi: { domains: [pypi.org], ports: [443] }\nnetwork:\n  allowed: [internet, pypi]\n  default: pypi\n`;
    expect((await withFile(text, (cwd) => load({ cwd }))).network).toEqual({
      defined: { pypi },
      allowed: ["internet", "pypi"],
      default: "pypi",
    });
    const env = {
      BERTH_NETWORKS: '{"db": {"addresses": ["10.1.2.3:5432/tcp"]}}',
      BERTH_NETWORK_ALLOWED: "[]",
    };
    expect((await withFile(text, (cwd) => load({ cwd, env }))).network).toEqual({
      defined: { db: { addresses: ["10.1.2.3:5432/tcp"] } },
      allowed: [],
      default: "pypi",
    });
    const empty = await withFile("networks:\nnetwork:\n  allowed:\n", (cwd) => load({ cwd }));
    expect(empty.network).toEqual({ defined: {}, allowed: [], default: "none" });
  });

  it("have all that is wrong in them told with all else, each by its place", async () => {
    const text = [
      "maxJobs: no",
      "networks:",
      "  pypi: { domians: [pypi.org], ports: [0] }",
      "  internet: {}",
      "  db: { addresses: [10.0.0.1:5432, 2001:db8::1:443:x], rate: fast }",
      "network:",
      "  allowed: internet",
      "  alowed: [internet]",
    ].join("\n");
    const env = { BERTH_NETWORK_DEFAULT: "No Such" };
    const problems = await withFile(text, (cwd) =>
      problemsOf({ cwd, env }).map((problem) => problem.replace(cwd, "CWD")),
    );
    expect(problems).toMatchInlineSnapshot(`
      [
        "network.alowed in CWD/berth.yaml is not a setting: did you mean network.allowed?",
        "BERTH_NETWORK_DEFAULT must be the name of a network profile: 1 to 63 small letters, digits and -: current value is "No Such"",
        "maxJobs in CWD/berth.yaml must be a whole number from 1 to 10000: current value is "no"",
        "networks.pypi.ports[0] in CWD/berth.yaml must be at least 1",
        "networks.pypi.domians in CWD/berth.yaml is not known: did you mean "domains"?",
        "networks.internet in CWD/berth.yaml as a name must not be none or internet: these are there already",
        "networks.db.addresses[1] in CWD/berth.yaml must be an address or a prefix, with ports and protocol behind it: 10.1.2.3:5432, 10.0.0.0/8:443/tcp, [2001:db8::1]:53/udp, 2001:db8::/64:8000-8100",
        "networks.db.rate in CWD/berth.yaml must be a rate like 10MiB/s, at most 10GiB/s",
        "network.allowed in CWD/berth.yaml must be a list, not text",
      ]
    `);
    expect(problemsOf({ env: { BERTH_NETWORKS: "{", BERTH_NETWORK_ALLOWED: "[1]" } })).toMatchInlineSnapshot(`
      [
        "BERTH_NETWORKS must be YAML: Flow map must end with a } at line 1, column 2:",
        "BERTH_NETWORK_ALLOWED[0] must be text, not a number",
      ]
    `);
  });
});

describe("where REST listens", () => {
  it.each([
    "0.0.0.0:1",
    "[::]:1",
    "10.0.0.1:1",
    "host.example:1",
    "[::ffff:10.0.0.1]:1",
    "127.0.0.1.example:1",
  ])("is not %s without TLS or a proxy that has it", (address) => {
    const env = { BERTH_HTTP_ADDRESS: address };
    expect(problemsOf({ cwd: nowhere, env })).toEqual([
      expect.stringMatching(
        /^BERTH_HTTP_ADDRESS must be on this host alone .* BERTH_HTTP_TLS .* BERTH_TRUSTED_PROXIES/,
      ),
    ]);
    expect(load({ cwd: nowhere, env: { ...env, BERTH_HTTP_TLS: "built-in" } }).http.tls).toEqual({
      kind: "built-in",
    });
    const pages = "https://a.example, http://b.example:8080";
    const door = { BERTH_KRITEN_ORIGINS: pages };
    expect(problemsOf({ env: { BERTH_KRITEN_ORIGINS: "*" } })).toHaveLength(1);
    expect(load({ cwd: nowhere, env: door }).http.kritenOrigins).toEqual(pages.split(", "));
    const proxies = { ...env, BERTH_TRUSTED_PROXIES: "10.0.0.0/8, fd00::1" };
    expect(load({ cwd: nowhere, env: proxies }).http.trustedProxies).toEqual(["10.0.0.0/8", "fd00::1"]);
  });

  it.each(["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "LocalHost:1", "[::ffff:127.0.0.1]:1"])(
    "may be %s",
    (address) => {
      expect(problemsOf({ cwd: nowhere, env: { BERTH_HTTP_ADDRESS: address } })).toEqual([]);
    },
  );

  it("needs a folder where gRPC has one, as the built-in authority is not open then", () => {
    const env = { BERTH_HTTP_TLS: "built-in", BERTH_GRPC_CERTS: "/etc/certs" };
    expect(problemsOf({ cwd: nowhere, env })).toEqual([
      expect.stringMatching(/^BERTH_HTTP_TLS .*BERTH_GRPC_CERTS/),
    ]);
    expect(problemsOf({ cwd: nowhere, env: { ...env, BERTH_GRPC_ADDRESS: "none" } })).toEqual([]);
    expect(problemsOf({ cwd: nowhere, env: { ...env, BERTH_HTTP_TLS: "/etc/certs" } })).toEqual([]);
  });
});
