import { BerthError } from "@berth/protocol/errors";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { hasCredentials } from "./credentials.ts";
import { systemReason } from "../text/system-error.ts";
import type { Environment } from "../surroundings.ts";

/** Which server to talk to, and as whom. */
export interface Settings {
  url: string;
  token: string | null;
  /** Where the token was looked for, for the sentence that says it is missing. */
  tokenFrom: string;
  /** The file with whom to trust to sign the server's certificate; null for those whom everybody trusts. */
  ca: string | null;
  /** Trusted beside those, for a server on this machine: the authority that it made itself. */
  ownCa: string | null;
}

const DEFAULT_URL = "http://127.0.0.1:7400";
const KEYS: readonly string[] = ["url", "token", "grpc", "ca"];
const DEFAULT_DATA_DIR = "/var/lib/berth";
/** Others may neither read nor write a file that holds a token. */
const OPEN_TO_OTHERS = 0o006;

/** The environment of this process: read here and nowhere else. */
export function environment(): Environment {
  return process.env;
}

/**
 * The URL: `--url`, else BERTH_URL, else the configuration file, else the local default. The token: BERTH_TOKEN, else
 * the file's, if that file means the same server; else, for a server on this machine, the admin token that the
 * server wrote, if this user may read it. A token never goes to another server than the one it was kept for.
 */
export function readSettings(
  env: Environment,
  options: { url?: string | undefined; ca?: string | undefined } = {},
): Settings {
  const file = readConfigFile(configPath(env));
  const url = options.url ?? nonEmpty(env["BERTH_URL"]) ?? file?.url ?? DEFAULT_URL;
  const kept = file?.ca !== undefined && sameServer(url, file.url ?? DEFAULT_URL) ? file.ca : null;
  const dataDir = nonEmpty(env["BERTH_DATA_DIR"]) ?? DEFAULT_DATA_DIR;
  return {
    url,
    ...readToken(env, { url, file, dataDir }),
    ca: options.ca ?? nonEmpty(env["BERTH_CA"]) ?? kept,
    ownCa: isLocal(url) ? join(dataDir, "pki", "ca.crt") : null,
  };
}

function readToken(
  env: Environment,
  { url, file, dataDir }: { url: string; file: ReturnType<typeof readConfigFile>; dataDir: string },
): Pick<Settings, "token" | "tokenFrom"> {
  const fromEnv = nonEmpty(env["BERTH_TOKEN"]);
  if (fromEnv !== undefined) return { token: fromEnv, tokenFrom: "BERTH_TOKEN" };
  if (file?.token !== undefined && sameServer(url, file.url ?? DEFAULT_URL)) {
    return { token: file.token, tokenFrom: configPath(env) };
  }
  if (!isLocal(url)) return { token: null, tokenFrom: "BERTH_TOKEN" };
  const tokenFile = join(dataDir, "admin-token");
  return { token: readTokenFile(tokenFile), tokenFrom: tokenFile };
}

/**
 * Where to talk gRPC without being told to: BERTH_GRPC, else `grpc` of the configuration file, else this host, when there
 * is a certificate and nobody named a server or a token. The token that a server left on this host is not asked for then:
 * whoever was given a certificate is not its administrator. null: REST it is.
 */
export function grpcTarget(env: Environment, options: { url?: string | undefined }): string | null {
  if (options.url !== undefined) return null;
  const fromEnv = nonEmpty(env["BERTH_GRPC"]);
  if (fromEnv !== undefined) return fromEnv;
  if (nonEmpty(env["BERTH_URL"]) ?? nonEmpty(env["BERTH_TOKEN"])) return null;
  const file = readConfigFile(configPath(env));
  if (file?.grpc !== undefined) return file.grpc;
  return file === null && hasCredentials(env) ? "localhost" : null;
}

/** Where `url` and `token` are kept. */
export function configPath(env: Environment): string {
  return join(
    nonEmpty(env["XDG_CONFIG_HOME"]) ?? join(env["HOME"] ?? homedir(), ".config"),
    "berth",
    "config.json",
  );
}

interface ConfigFile {
  url?: string;
  token?: string;
  grpc?: string;
  ca?: string;
}

function readConfigFile(path: string): ConfigFile | null {
  const text = readIfThere(path);
  if (text === null) return null;
  const values = parseConfig(path, text);
  const problems: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    if (!KEYS.includes(key))
      problems.push(`"${key}" is unknown: it may hold "url", "token", "ca" and "grpc"`);
    else if (typeof value !== "string") problems.push(`"${key}" must be a text in quotes`);
  }
  if (problems.length > 0) throw invalid(`Cannot use "${path}": ${problems.join("; ")}`);
  const { url, token, grpc, ca } = values as ConfigFile;
  if (token !== undefined) refuseOpenFile(path);
  return {
    ...(url !== undefined && { url }),
    ...(token !== undefined && { token }),
    ...(grpc !== undefined && { grpc }),
    ...(ca !== undefined && { ca }),
  };
}

function parseConfig(path: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // Not the parser's message: it quotes the text, which holds the token.
    throw invalid(`Cannot read "${path}": it is not JSON`, cause);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(`Cannot use "${path}": it must be a JSON object with "url" and "token"`);
}

function readTokenFile(path: string): string | null {
  let text: string | null;
  try {
    text = readIfThere(path);
  } catch {
    // Another user's server: this user needs a token of their own.
    return null;
  }
  if (text === null) return null;
  refuseOpenFile(path);
  return nonEmpty(text.trim()) ?? null;
}

function refuseOpenFile(path: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & OPEN_TO_OTHERS) === 0) return;
  const shown = mode.toString(8).padStart(4, "0");
  throw invalid(
    `Cannot use the token in "${path}": others may read or change it (mode ${shown}): run chmod 600`,
  );
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw invalid(`Cannot read "${path}": ${systemReason(error)?.why ?? String(code)}`, error);
  }
}

function invalid(message: string, cause?: unknown): BerthError {
  return new BerthError("SETTINGS_INVALID", message, { cause });
}

function sameServer(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

function isLocal(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
