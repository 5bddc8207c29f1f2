import { limitRows } from "@berth/protocol/limits";
import type { JobRequest } from "@berth/sdk";
import type { FlagValues } from "../../core/define-command.ts";
import type { Surroundings } from "../../core/surroundings.ts";
import { UsageError } from "../../core/usage-error.ts";
import { jobFlags } from "./job-flags.ts";
import { secretsOf } from "./job-secrets.ts";
import { readInput, readInputFiles } from "./read-input.ts";

export type JobFlagValues = FlagValues<typeof jobFlags>;

/** The words of the job's command line: its program may stand in a flag. */
export function wordsOf(words: readonly string[], command: string | undefined): readonly string[] {
  return command === undefined ? words : [command, ...words];
}

/** The job that the flags and the words of the command describe. */
export async function toJobRequest(
  [command, ...args]: readonly string[],
  options: { flags: JobFlagValues; surroundings: Surroundings },
): Promise<JobRequest> {
  if (command === undefined) {
    throw new UsageError(
      "Cannot make a job: there is no command",
      "Put it behind the flags: `berth run -- CMD ARGS`",
    );
  }
  const { flags, surroundings } = options;
  const request: Record<string, unknown> = { command, args };
  for (const [name, { field, type }] of Object.entries(jobFlags)) {
    const value = flags[name as keyof JobFlagValues];
    if (field !== "command" && type === "string" && value !== undefined)
      setField(request, { path: field.split("."), value });
  }
  for (const { unit, path, flag } of limitRows) {
    const value = flags[flag.name as keyof JobFlagValues];
    if (unit === "count" && typeof value === "string")
      setField(request, { path: path.split("."), value: wholeNumber(`--${flag.name}`, value) });
  }
  const [files, stdin] = await Promise.all([
    readInputFiles(flags.file),
    readStdin(flags.stdin, surroundings),
  ]);
  return {
    ...(request as JobRequest),
    ...(flags.observe && { observe: true }),
    ...(flags.priority !== undefined && { priority: signedNumber("--priority", flags.priority) }),
    ...(flags.collect.length > 0 && { collect: [...flags.collect] }),
    ...(flags.label.length > 0 && { labels: pairs("--label", flags.label) }),
    ...(flags.env.length > 0 && { env: environmentOf(flags.env, surroundings) }),
    ...(flags.file.length > 0 && { files }),
    ...secretsOf(flags),
    ...(stdin !== undefined && { stdin }),
  };
}

export function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read ${flag} "${text}": it is not a whole number`, `Write it like ${flag} 64`);
}

function signedNumber(flag: string, text: string): number {
  return text.startsWith("-") ? -wholeNumber(flag, text.slice(1)) : wholeNumber(flag, text);
}

/** `k=v` texts as an object; a key given twice has its last value. */
export function pairs(flag: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new UsageError(
        `Cannot read ${flag} "${text}": there is no key before a =`,
        `Write it like ${flag} key=value`,
      );
    }),
  );
}

function environmentOf(texts: readonly string[], { env }: Surroundings): Record<string, string> {
  const given = texts.map((text) => {
    if (text.includes("=")) return text;
    const value = env[text];
    if (value !== undefined) return `${text}=${value}`;
    throw new UsageError(
      `Cannot pass --env ${text}: it is not set here`,
      `Set it, or write --env ${text}=VALUE`,
    );
  });
  return pairs("--env", given);
}

async function readStdin(file: string | undefined, { stdin }: Surroundings): Promise<JobRequest["stdin"]> {
  return file === undefined ? undefined : await readInput(file, { flag: "--stdin", stdin });
}

function setField(
  target: Record<string, unknown>,
  { path, value }: { path: string[]; value: unknown },
): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = (target[name] ?? {}) as Record<string, unknown>;
  setField(inner, { path: rest, value });
  target[name] = inner;
}
