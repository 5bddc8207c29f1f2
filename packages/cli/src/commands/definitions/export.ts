import { isBerthError } from "@berth/protocol/errors";
import type { Berth, DefinitionsInput, ExportedKind } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";

const kinds: readonly ExportedKind[] = ["roles", "bindings", "runners", "tasks", "schedules", "webhooks"];

export const exportAll = defineCommand({
  arguments: [
    {
      name: "WHAT",
      about: `A kind, or one of it: tasks, tasks/NAME. Default: all. Kinds: ${kinds.join(", ")}`,
      variadic: true,
      optional: true,
    },
  ],
  flags: jsonFlag,
  details: [
    "Prints what `berth apply` takes, and changes nothing by: all that you may list,",
    "without what is built in, and without the values of secrets, which are named.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth export > berth.yaml", about: "all of it" },
    { line: "berth export runners tasks/report", about: "all runners, and one task" },
  ],
  async run({ args, flags }, cli) {
    const wanted = wantedOf(args);
    const berth = await cli.connectAsUser();
    const exported = await exportFrom(berth, { wanted, cli });
    if (flags.json) await cli.out.json(exported);
    else {
      const { writeYaml } = await import("./yaml-file.ts");
      await cli.out.write(writeYaml(exported));
    }
    const secrets = [...new Set(secretsIn(exported))].toSorted();
    if (secrets.length > 0)
      await cli.err.line(`berth: it names secrets, which are not in it: ${secrets.join(", ")}`);
    return exitCodes.ok.code;
  },
});

/** By kind the names that are wanted; null for all. */
type Wanted = ReadonlyMap<ExportedKind, ReadonlySet<string> | null>;

function wantedOf(args: readonly string[]): Wanted | null {
  if (args.length === 0) return null;
  const wanted = new Map<ExportedKind, Set<string> | null>();
  for (const arg of args) {
    const [kindName = "", name, ...more] = arg.split("/");
    const kind = kinds.find((one) => one === kindName || one === `${kindName}s`);
    if (kind === undefined || more.length > 0 || name === "" || (kind === "bindings" && name !== undefined))
      throw new UsageError(
        `Cannot export "${arg}": it is neither a kind nor one of a kind`,
        `Write it like tasks or tasks/NAME: there are ${kinds.join(", ")}`,
      );
    const names = wanted.get(kind);
    if (name === undefined || names === null) wanted.set(kind, null);
    else wanted.set(kind, new Set([...(names ?? []), name]));
  }
  return wanted;
}

async function exportFrom(
  berth: Berth,
  { wanted, cli }: { wanted: Wanted | null; cli: Cli },
): Promise<DefinitionsInput> {
  const exported: DefinitionsInput = {};
  for (const kind of kinds) {
    if (wanted !== null && !wanted.has(kind)) continue;
    try {
      Object.assign(exported, await berth.export({ kinds: [kind] }));
    } catch (error) {
      if (wanted !== null || !isBerthError(error) || error.code !== "FORBIDDEN") throw error;
      await cli.err.line(`berth: without ${kind}: you may not list them`);
    }
  }
  for (const [kind, names] of wanted ?? []) if (names !== null) keepOnly(exported, { kind, names });
  return exported;
}

function keepOnly(
  exported: DefinitionsInput,
  { kind, names }: { kind: ExportedKind; names: ReadonlySet<string> },
): void {
  const all: readonly object[] = exported[kind] ?? [];
  const kept = all.filter((one) => "name" in one && names.has(String(one.name)));
  const found = new Set(kept.map((one) => ("name" in one ? String(one.name) : "")));
  const missing = [...names].filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new UsageError(
      `Cannot export ${kind} ${missing.map((name) => `"${name}"`).join(", ")}: there is none of that name that you may list`,
      `See \`berth ${kind.slice(0, -1)} list\``,
    );
  Object.assign(exported, { [kind]: kept });
}

function secretsIn({ runners = [], tasks = [], webhooks = [] }: DefinitionsInput): string[] {
  const given = [...runners, ...tasks].flatMap(({ spec }) => (spec.secrets ?? []).map(({ name }) => name));
  const shown = runners.flatMap(({ spec: { credentials } }) => {
    if (credentials === undefined) return [];
    return "token" in credentials ? [credentials.token.secret] : [credentials.sshKey.secret];
  });
  return [...given, ...shown, ...webhooks.map(({ spec }) => spec.secret)];
}
