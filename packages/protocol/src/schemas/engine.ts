import { z } from "zod";
import { type LimitCapability, limitRows } from "../limits.ts";
import { engineExample } from "./examples.ts";

const enforced = new Set(limitRows.flatMap(({ item }) => item?.capability ?? []));

/** The same answer for every limit that an engine may enforce. */
export function ofEveryLimit<Value>(value: Value): Record<LimitCapability, Value> {
  return Object.fromEntries([...enforced].map((name) => [name, value])) as Record<LimitCapability, Value>;
}

/** What an engine may be able to hold of a job's network. */
export const networkAbility = z.enum([
  "none",
  "internet",
  "cidr",
  "domains",
  "resolvers",
  "host",
  "connections",
  "rates",
  "observe",
]);

export const capabilities = z.object({
  splitStreams: z.boolean(),
  ...ofEveryLimit(z.boolean()),
  roots: z.array(z.enum(["host-toolchain", "image"])).meta({
    description: "What a job may find as its file system: the programs of the engine's host, or an image",
  }),
  mounts: z.boolean().meta({ description: "Whether it can show a job files of the server's, to be read" }),
  overlays: z.boolean().meta({
    description:
      "Whether it can give a job a tree of files of the server's as its folder, which the job changes and others never see changed",
  }),
  networkProfiles: z.array(networkAbility).meta({
    description:
      "What it can hold of a job's network: `none` at all; all that is public (`internet`); addresses that a profile lists (`cidr`), names (`domains`) and who is asked for them (`resolvers`), ports of the engine's host (`host`), the number of connections, rates; and whether it can tell what was reached (`observe`)",
  }),
  secrets: z.boolean().meta({
    description: "Whether it can give a job secrets: in memory, and never on a disk of its host",
  }),
  sources: z.boolean().meta({ description: "Whether it can fetch a task's code from a git repository" }),
  connect: z.boolean().meta({ description: "Whether the server can reach a port that a job listens on" }),
});

/** One thing that was looked at on the host. */
export const check = z.object({
  name: z.string(),
  status: z.enum(["ok", "warning", "missing"]),
  detail: z.string(),
  fix: z.string().nullable(),
});

export const engine = z
  .object({
    name: z.string(),
    default: z.boolean(),
    capabilities,
    checks: z.array(check),
    readiness: z
      .object({ ready: z.boolean(), reason: z.string().nullable() })
      .meta({ description: "Whether it can run jobs, as one of the server's own has shown; if not, why" }),
    slots: z.object({ total: z.int(), busy: z.int(), queued: z.int() }),
  })
  .meta({ id: "Engine", examples: [engineExample] });

export const engineList = z
  .object({ items: z.array(engine) })
  .meta({ id: "EngineList", examples: [{ items: [engineExample] }] });

export type NetworkAbility = z.infer<typeof networkAbility>;
export type Capabilities = z.infer<typeof capabilities>;
export type Check = z.infer<typeof check>;
export type Engine = z.infer<typeof engine>;
export type EngineList = z.infer<typeof engineList>;
