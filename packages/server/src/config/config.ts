import { join, resolve } from "node:path";
import { BerthError } from "@berth/protocol";
import type { DatabaseAddress } from "../core/database-address.ts";
import { eachLimit, type LimitDefaults } from "../core/limits.ts";
import type { HiddenText } from "../core/secrets/hidden-text.ts";
import type { NetworkPolicy } from "../core/network/network-policy.ts";
import { auditProblems } from "./audit-problems.ts";
import { readEnv } from "./env.ts";
import { type Host, readHost } from "./host.ts";
import { foreignNames } from "./keys/foreign-names.ts";
import type { Key } from "./keys/key.ts";
import { keys } from "./keys/keys.ts";
import type { EngineName, HttpAddress, SyslogAddress, TlsSource } from "./parsers.ts";
import { restProblems } from "./rest-problems.ts";
import { standbyProblems } from "./standby-problems.ts";
import { readSections, type SectionValues, sections } from "./sections.ts";
import {
  meantSetting,
  nothing,
  readSettingsFile,
  type SettingsFile,
  unknownSetting,
} from "./settings-file.ts";

/** Everything an operator can set, checked and frozen. Sizes in bytes, times in milliseconds, CPU in cores. */
export interface Config {
  readonly dataDir: string;
  readonly database: DatabaseAddress;
  /** After how long without a server to take the database over, ms; null: never. */
  readonly standbyMs: number | null;
  readonly http: HttpAddress & {
    readonly names: readonly string[];
    readonly tls: TlsSource;
    /** Ranges of addresses. */
    readonly trustedProxies: readonly string[];
    /** What becomes of the images that Kriten's clients name. */
    readonly kritenImages: "refuse" | "ignore";
    /** Of web pages that may use Kriten's door. */
    readonly kritenOrigins: readonly string[];
  };
  /** null address: no gRPC. null certs: the server's own authority. */
  readonly grpc: {
    readonly address: HttpAddress | null;
    readonly certs: string | null;
    readonly names: readonly string[];
    /** Names of the server's own that certificates of another authority may have. */
    readonly bind: readonly string[];
    readonly key: "rsa-2048" | "ec-p256";
  };
  /** null: bearer tokens of others prove nobody. */
  readonly introspection: {
    readonly url: string;
    readonly style: "json" | "rfc7662";
    /** Files. */
    readonly credentials: string | null;
    readonly ca: string | null;
    readonly cacheMs: number;
  } | null;
  /** Directories, by the name of the provider. */
  readonly ldap: SectionValues["ldap"];
  /** Issuers, by the name of the provider. */
  readonly oidc: SectionValues["oidc"];
  /** What callers may hold open; `principalShare` is a part of each, from 0 to 1. */
  readonly doors: {
    readonly maxConnections: number;
    readonly maxStreams: number;
    readonly maxCalls: number;
    readonly principalShare: number;
  };
  /** For jobs that name none. */
  readonly engine: EngineName;
  /** Open beside it. */
  readonly moreEngines: readonly EngineName[];
  readonly local: {
    readonly runtime: string;
    readonly sandboxMaker: "berth" | "runtime";
    readonly warmSandboxes: number;
    readonly warmNetworked: number;
    /** Of the addresses of jobs with a network. */
    readonly networkRange: string;
    readonly foreignChanges: "mend" | "stop-jobs";
    readonly cgroup: string;
  };
  /** What jobs may reach. */
  /** Engines that everybody may use; `*` for all. */
  readonly enginesAllowed: readonly string[];
  readonly network: NetworkPolicy;
  /** Jobs that run at once on each engine. */
  readonly maxJobs: number;
  readonly queueLength: number;
  /** What all jobs together may use; null sets no cap. */
  readonly jobsCap: {
    readonly cpu: number | null;
    readonly memory: number | null;
    readonly pids: number | null;
  };
  readonly enforcement: "strict" | "best-effort";
  readonly limits: LimitDefaults;
  readonly stopGraceMs: number;
  readonly access: {
    sessions: { idleMs: number; wholeMs: number; turnMs: number };
    /** Whose members alone may change something; null: the roles decide. */
    writeGroups: readonly string[] | null;
    /** Whether what nobody owns is shown to whoever asks. */
    publicRead: boolean;
  };
  readonly keep: {
    readonly jobsForMs: number;
    readonly outputBytes: number;
    readonly uploadsForMs: number;
  };
  readonly secrets: {
    /** Where the master keys are; null: in a file of the server's own. */
    readonly keys:
      | { readonly kind: "file"; readonly path: string }
      | { readonly kind: "text"; readonly text: HiddenText }
      | null;
    /** Of secrets that are mounted as files; null for none. */
    readonly folder: string | null;
  };
  /** Of the record of what happens. */
  readonly audit: {
    /** null: for ever. */
    readonly keepForMs: number | null;
    readonly syslog: (SyslogAddress & { readonly ca: string | null }) | null;
    /** `secret`: a file. */
    readonly webhook: { readonly url: string; readonly secret: string; readonly ca: string | null } | null;
  };
  /** Where calls to servers elsewhere may go. */
  readonly outbound: { readonly allowed: readonly string[] };
  /** Where the code of tasks may be fetched from beside the public. */
  readonly callbacks: { readonly allowed: readonly string[] };
  readonly sources: { readonly allowed: readonly string[]; readonly bytes: number };
  /** Bytes of uploads, of one principal and of all together. */
  readonly uploads: { readonly perPrincipal: number; readonly total: number };
  readonly log: {
    readonly level: "debug" | "info" | "warn" | "error" | "silent";
    readonly format: "auto" | "pretty" | "json";
  };
}

export interface ConfigSources {
  env?: Readonly<Record<string, string | undefined>>;
  /** Where berth.yaml is looked for when BERTH_CONFIG names no file. */
  cwd?: string;
  host?: Host;
}

type Values = { [Name in keyof typeof keys]: (typeof keys)[Name] extends Key<infer Value> ? Value : never };

/**
 * Reads the settings: the environment over berth.yaml over the defaults.
 * Throws SETTINGS_INVALID with every problem at once.
 */
export function loadConfig(sources: ConfigSources = {}): Config {
  const { env = readEnv(), cwd = process.cwd(), host = readHost() } = sources;
  const named = env["BERTH_CONFIG"] || null;
  const path = named === null ? join(cwd, "berth.yaml") : resolve(cwd, named);
  const file = readSettingsFile(path, {
    required: named !== null,
    known: Object.values(keys).map((key) => key.yaml),
    sections: Object.values(sections).map((section) => section.yaml),
  });
  const problems = [...file.problems, ...unknownVariables(env)];
  const values = readValues({ env, file, path, host }, problems);
  const more = readSections({ env, file, path }, problems);
  if (problems.length > 0) throw settingsInvalid(problems);
  const config = configOf(values, more);
  const together = [...restProblems(config), ...auditProblems(config), ...standbyProblems(config)];
  if (together.length > 0) throw settingsInvalid(together);
  return deepFreeze(config);
}

/** What holds where nobody sets anything. */
export function defaultConfig(host: Host = readHost()): Config {
  const file = nothing();
  const values = readValues({ env: {}, file, path: "", host }, []);
  return deepFreeze(configOf(values, readSections({ env: {}, file, path: "" }, [])));
}

function readValues(
  {
    env,
    file,
    path,
    host,
  }: Required<Pick<ConfigSources, "env" | "host">> & { file: SettingsFile; path: string },
  problems: string[],
): Values {
  const read = ([name, key]: [string, Key<unknown>]): [string, unknown] => {
    const fallback = typeof key.default === "string" ? key.default : key.default(host);
    // An empty variable is how many tools write "not set".
    const fromEnv = env[key.env] || undefined;
    const text = fromEnv ?? file.values.get(key.yaml) ?? fallback;
    const value = key.parser.parse(text);
    if (value === null) {
      const where = fromEnv === undefined ? `${key.yaml} in ${path}` : key.env;
      const isSecret = key.parser.isSecret === true || /:\/\/.*@/s.test(text);
      const current = isSecret ? "not shown" : JSON.stringify(text.slice(0, 100));
      problems.push(`${where} must be ${key.parser.wanted}: current value is ${current}`);
    }
    return [name, value];
  };
  // Every value is what its key's parser made; where one is null the caller throws before anybody sees it.
  return Object.fromEntries(Object.entries(keys as Record<string, Key<unknown>>).map(read)) as Values;
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...Object.values(keys), ...Object.values(sections)].map(({ env: name }): string => name);
  return Object.keys(env)
    .filter((name) => name.startsWith("BERTH_") && !known.includes(name) && !foreignNames.includes(name))
    .map((name) => unknownSetting(name, meantSetting(name, known)));
}

function configOf(
  values: Values,
  { networks, networkAllowed, enginesAllowed, ldap, oidc }: SectionValues,
): Config {
  return {
    dataDir: values.dataDir,
    database: values.database,
    standbyMs: values.standby.value,
    http: httpOf(values),
    grpc: grpcOf(values),
    introspection: introspectionOf(values),
    ldap,
    oidc,
    doors: {
      maxConnections: values.maxConnections,
      maxStreams: values.maxStreams,
      maxCalls: values.maxCalls,
      principalShare: values.principalShare,
    },
    engine: values.engine,
    moreEngines: values.moreEngines.value ?? [],
    enginesAllowed,
    local: {
      runtime: values.runtime,
      sandboxMaker: values.sandboxMaker,
      warmSandboxes: values.warmSandboxes,
      warmNetworked: values.warmNetworked,
      networkRange: values.networkRange,
      foreignChanges: values.networkForeignChanges,
      cgroup: values.cgroup,
    },
    network: { defined: networks, allowed: networkAllowed, default: values.networkDefault },
    maxJobs: values.maxJobs,
    queueLength: values.queueLength,
    jobsCap: { cpu: values.jobsCpu.value, memory: values.jobsMemory.value, pids: values.jobsPids.value },
    enforcement: values.limits,
    limits: limitsOf(values),
    stopGraceMs: values.stopGrace,
    access: {
      sessions: { idleMs: values.sessionIdle, wholeMs: values.sessionLife, turnMs: values.sessionTurn },
      writeGroups: values.writeGroupsEnabled ? (values.writeGroups.value ?? []) : null,
      publicRead: values.publicRead,
    },
    keep: {
      jobsForMs: values.keepJobsFor,
      outputBytes: values.keepOutputBytes,
      uploadsForMs: values.keepUploadsFor,
    },
    secrets: { keys: secretKeysOf(values), folder: values.secretsFolder.value },
    audit: auditOf(values),
    outbound: { allowed: values.outboundAllowed.value ?? [] },
    callbacks: { allowed: values.callbacksAllow.value ?? [] },
    sources: { allowed: values.sourcesAllow.value ?? [], bytes: values.sourcesBytes },
    uploads: { perPrincipal: values.uploadsPerPrincipal, total: values.uploadsTotal },
    log: { level: values.logLevel, format: values.logFormat },
  };
}

function grpcOf(values: Values): Config["grpc"] {
  return {
    address: values.grpcAddress.value,
    certs: values.grpcCerts.value,
    names: values.grpcNames.value ?? [],
    bind: values.grpcBind.value?.split(",") ?? [],
    key: values.grpcKey,
  };
}

function httpOf(values: Values): Config["http"] {
  return {
    ...values.httpAddress,
    names: values.httpNames.value ?? [],
    tls: values.httpTls,
    trustedProxies: values.trustedProxies.value ?? [],
    kritenImages: values.kritenImages,
    kritenOrigins: values.kritenOrigins.value ?? [],
  };
}

function auditOf(values: Values): Config["audit"] {
  const [syslog, url] = [values.auditSyslog.value, values.auditWebhook.value];
  // Where it is missing nothing starts: `auditProblems` says so.
  const secret = values.auditWebhookSecretFile.value ?? "";
  return {
    keepForMs: values.auditKeepFor.value,
    syslog: syslog === null ? null : { ...syslog, ca: values.auditSyslogCa.value },
    webhook: url === null ? null : { url, secret, ca: values.auditWebhookCa.value },
  };
}

/** What the environment holds goes before a file. */
function secretKeysOf({ secretsKeys, secretsKeysFile }: Values): Config["secrets"]["keys"] {
  if (secretsKeys.value !== null) return { kind: "text", text: secretsKeys.value };
  const path = secretsKeysFile.value;
  return path === null ? null : { kind: "file", path };
}

function introspectionOf(values: Values): Config["introspection"] {
  const url = values.introspectionUrl.value;
  if (url === null) return null;
  return {
    url,
    style: values.introspectionStyle,
    credentials: values.introspectionCredentials.value,
    ca: values.introspectionCa.value,
    cacheMs: values.introspectionCache,
  };
}

function limitsOf(values: Values): LimitDefaults {
  // What has no `none` has a value: its parser gives no other.
  return eachLimit(({ limit }) => values[`default ${limit}`].value) as LimitDefaults;
}

function settingsInvalid(problems: readonly string[]): BerthError {
  const count = problems.length === 1 ? "1 setting is" : `${problems.length} settings are`;
  return new BerthError("SETTINGS_INVALID", `Cannot start: ${count} wrong\n- ${problems.join("\n- ")}`, {
    problems: problems.map((message) => ({ field: message.split(" ")[0] ?? "", message })),
  });
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
