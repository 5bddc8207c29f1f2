import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "../surroundings.ts";
import { invalid, nonEmpty, readIfThere, refuseOpenFile } from "./read-file.ts";
import { saveFiles } from "./save-files.ts";

/** What is kept of one server. */
export interface Profile {
  url?: string;
  token?: string;
  grpc?: string;
  ca?: string;
}

interface Profiles {
  /** The one that counts where nobody names another. */
  current: string;
  profiles: Readonly<Record<string, Profile>>;
}

const KEYS: readonly string[] = ["url", "token", "grpc", "ca"];
/** What the file is where it has no names: as versions before profiles wrote it. */
const DEFAULT = "default";

/** Where `url` and `token` are kept. */
export function configPath(env: Environment): string {
  return join(
    nonEmpty(env["XDG_CONFIG_HOME"]) ?? join(env["HOME"] ?? homedir(), ".config"),
    "berth",
    "config.json",
  );
}

/** The profile that BERTH_PROFILE names, else the current one; null where none is kept. Throws SETTINGS_INVALID. */
export function readProfile(env: Environment): Profile | null {
  const kept = readProfiles(configPath(env));
  const named = nonEmpty(env["BERTH_PROFILE"]);
  if (kept === null && named === undefined) return null;
  const name = named ?? kept?.current ?? DEFAULT;
  const profile = kept?.profiles[name];
  if (profile === undefined && named !== undefined) {
    const names = Object.keys(kept?.profiles ?? {}).join(", ");
    throw invalid(
      `Cannot use profile "${name}": there is none of this name in "${configPath(env)}" (${names})`,
    );
  }
  return profile ?? null;
}

/** By which name a login is kept where none is said. */
export function profileName(env: Environment): string {
  return nonEmpty(env["BERTH_PROFILE"]) ?? readProfiles(configPath(env))?.current ?? DEFAULT;
}

/** Keeps a profile, which is the current one from now on; returns where. With null its token is forgotten. */
export async function saveProfile(env: Environment, name: string, profile: Profile | null): Promise<string> {
  const path = configPath(env);
  const kept = readProfiles(path) ?? { current: DEFAULT, profiles: {} };
  const { token: _, ...rest } = kept.profiles[name] ?? {};
  const profiles = { ...kept.profiles, [name]: profile ?? rest };
  const isPlain = Object.keys(profiles).join() === DEFAULT;
  const value = isPlain ? profiles[DEFAULT] : { current: profile === null ? kept.current : name, profiles };
  await saveFiles(dirname(path), { "config.json": `${JSON.stringify(value, null, 2)}\n` });
  return path;
}

function readProfiles(path: string): Profiles | null {
  const text = readIfThere(path);
  if (text === null) return null;
  const values = parseConfig(path, text);
  const problems: string[] = [];
  const named =
    "profiles" in values
      ? readNamed(values, problems)
      : { current: DEFAULT, profiles: { [DEFAULT]: values } };
  const profiles = Object.entries(named.profiles).map(([name, value]) => [name, profileOf(value, problems)]);
  if (problems.length > 0) throw invalid(`Cannot use "${path}": ${problems.join("; ")}`);
  const checked = Object.fromEntries(profiles) as Profiles["profiles"];
  if (Object.values(checked).some(({ token }) => token !== undefined)) refuseOpenFile(path);
  return { current: named.current, profiles: checked };
}

function readNamed(
  { current, profiles, ...others }: Record<string, unknown>,
  problems: string[],
): { current: string; profiles: Record<string, unknown> } {
  for (const key of Object.keys(others)) problems.push(`"${key}" is unknown beside "current" and "profiles"`);
  if (typeof current !== "string") problems.push(`"current" must be the name of a profile`);
  if (!isRecord(profiles)) problems.push(`"profiles" must be an object of profiles by name`);
  return {
    current: typeof current === "string" ? current : DEFAULT,
    profiles: isRecord(profiles) ? profiles : {},
  };
}

function profileOf(value: unknown, problems: string[]): Profile {
  if (!isRecord(value)) {
    problems.push(`a profile must be an object with "url" and "token"`);
    return {};
  }
  for (const [key, one] of Object.entries(value)) {
    if (!KEYS.includes(key))
      problems.push(`"${key}" is unknown: it may hold "url", "token", "ca" and "grpc"`);
    else if (typeof one !== "string") problems.push(`"${key}" must be a text in quotes`);
  }
  return value;
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
