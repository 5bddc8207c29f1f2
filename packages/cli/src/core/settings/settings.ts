import { join } from "node:path";
import type { Environment } from "../surroundings.ts";
import { hasCredentials } from "./credentials.ts";
import { configPath, readProfile } from "./profiles.ts";
import { nonEmpty, readIfThere, refuseOpenFile } from "./read-file.ts";

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
const DEFAULT_DATA_DIR = "/var/lib/berth";

/** The environment of this process: read here and nowhere else. */
export function environment(): Environment {
  return process.env;
}

/**
 * The URL: `--url`, else BERTH_URL, else the configuration file's (of the profile that BERTH_PROFILE names, or of the current one), else the local default. The token: BERTH_TOKEN, else
 * the file's, if that file means the same server; else, for a server on this machine, the admin token that the
 * server wrote, if this user may read it. A token never goes to another server than the one it was kept for.
 */
export function readSettings(
  env: Environment,
  options: { url?: string | undefined; ca?: string | undefined } = {},
): Settings {
  const file = readProfile(env);
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
  { url, file, dataDir }: { url: string; file: ReturnType<typeof readProfile>; dataDir: string },
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
  const file = readProfile(env);
  if (file?.grpc !== undefined) return file.grpc;
  return file === null && hasCredentials(env) ? "localhost" : null;
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

function sameServer(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

function isLocal(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
