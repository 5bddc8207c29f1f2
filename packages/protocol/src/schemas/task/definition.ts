import { z } from "zod";
import { jobOptions } from "../job-spec.ts";
import { definedName } from "../access/object-name.ts";

/** Bounds of what is defined. Sizes in bytes. */
export const definitionBounds = {
  /** Of a task's JSON Schema, as JSON. */
  schema: 256 * 2 ** 10,
  /** Folders of objects and lists in one another. */
  schemaDepth: 32,
  /** Objects and lists in all. */
  subschemas: 2000,
  /** Versions of one that stay readable: the last ones. */
  versions: 1000,
  /** What a run is given. */
  input: 10 * 2 ** 20,
} as const;

const { resources, timeouts, network, secrets } = jobOptions.shape;

/** What a runner and a task can both say; where both do, the task's word holds. */
export const sharedOptions = {
  description: z.string().max(500).optional().meta({ description: "For people" }),
  resources,
  timeouts,
  network,
  secrets,
};

/** What is known of a definition beside what it says. */
export const definitionHead = {
  name: z.string(),
  version: z.int().meta({ description: "Raised by each change; what it said before stays readable" }),
  owner: z.string().meta({ description: "Who created it" }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
};

export const versionHead = { version: z.int(), at: z.iso.datetime(), by: z.string() };

const limit = z.coerce.number().int().min(1).max(100).default(25);
const cursor = z.string().max(1000).optional();
const version = z.coerce.number().int().min(1);

export const listDefinitionsQuery = z.strictObject({ limit, cursor });
export const listVersionsQuery = z.strictObject({
  limit,
  cursor: cursor.meta({ description: "`next` of the page before: newest first" }),
});
export const definitionQuery = z.strictObject({
  version: version.optional().meta({ description: "As it was in this version. Default: as it is" }),
});
export const differenceQuery = z.strictObject({
  from: version.optional().meta({ description: "A version. Default: the one before `to`" }),
  to: version.optional().meta({ description: "A version. Default: the one that holds" }),
});

export const rollbackBody = z
  .strictObject({ version: z.int().min(1).meta({ description: "What shall hold again, as a new version" }) })
  .meta({ examples: [{ version: 2 }] });

export const difference = z
  .object({
    name: definedName,
    from: z.int(),
    to: z.int(),
    changes: z.array(
      z.object({
        field: z.string().meta({ description: "Its path, as in `resources.memory`" }),
        before: z.unknown(),
        after: z.unknown(),
      }),
    ),
  })
  .meta({
    id: "Difference",
    examples: [
      {
        name: "report",
        from: 2,
        to: 3,
        changes: [{ field: "resources.memory", before: "256Mi", after: "512Mi" }],
      },
    ],
  });

export type ListDefinitionsQuery = z.output<typeof listDefinitionsQuery>;
export type Difference = z.output<typeof difference>;
