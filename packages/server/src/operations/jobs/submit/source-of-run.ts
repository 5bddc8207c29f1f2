import { BerthError } from "@berth/protocol";
import type { Source } from "../../../core/task/source.ts";
import { readSourceUrl } from "../../../core/task/source-url.ts";
import type { Engine } from "../../../engines/engine.ts";
import type { JobSecret } from "../../../store/secret-store.ts";
import type { Context } from "../../context.ts";

const SUBMIT = "Cannot submit job";

/** Throws ENGINE_UNABLE, SOURCE_TOOL_MISSING where the engine cannot fetch code from there. */
export function demandFetches(engine: Engine, source: Source): void {
  if (!engine.capabilities.sources) {
    const problems = [{ field: "url", message: `${engine.name} fetches no code from git repositories` }];
    const why = `engine "${engine.name}" fetches no code from git repositories`;
    throw new BerthError("ENGINE_UNABLE", `${SUBMIT}: ${why}`, { problems });
  }
  demandSourceTools(engine, { source, what: SUBMIT });
}

/** Throws SOURCE_TOOL_MISSING. */
export function demandSourceTools(engine: Engine, { source, what }: { source: Source; what: string }): void {
  const url = readSourceUrl(source.url);
  const lacked = engine.lackedFor("transport" in url && url.transport === "ssh" ? "git over ssh" : "git");
  if (lacked.length === 0) return;
  throw new BerthError(
    "SOURCE_TOOL_MISSING",
    `${what}: the host of engine "${engine.name}" has no ${lacked.join(" and no ")}, which fetches code`,
  );
}

/**
 * The secret that is shown to the host of a source, in the version that the job has it in by itself, else as it is now, and what
 * of it is shown: whoever defined the runner was allowed to use it. Throws ENGINE_UNABLE, SECRET_MISSING.
 */
export async function secretOfSource(
  { secrets }: Pick<Context, "secrets">,
  { engine, source, own }: { engine: Engine; source: Source; own: readonly JobSecret[] },
): Promise<(JobSecret & { value: Uint8Array }) | null> {
  if (source.credentials === null) return null;
  if (!engine.capabilities.secrets) {
    const why = `engine "${engine.name}" has no way to give secrets to jobs`;
    throw new BerthError("ENGINE_UNABLE", `${SUBMIT}: ${why}`);
  }
  const { secret: name, key } = source.credentials;
  const given = own.find((one) => one.name === name);
  const values = given === undefined ? null : await secrets.values(given.version);
  // Where the job's own is not there any more it is not stored: it asks for a version that was changed meanwhile.
  const found = given !== undefined && values !== null ? { ...given, values } : await secrets.pin(name);
  const value = found?.values.get(key);
  if (found !== null && value !== undefined) return { name, version: found.version, value };
  const lacked = found === null ? `there is no secret "${name}"` : `secret "${name}" has no key "${key}"`;
  throw new BerthError("SECRET_MISSING", `${SUBMIT}: ${lacked}, which the runner names as its credentials`);
}
