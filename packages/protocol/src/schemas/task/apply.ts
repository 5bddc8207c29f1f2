import { z } from "zod";
import { createBindingBody } from "../access/binding.ts";
import { createRoleBody } from "../access/role.ts";
import { flag } from "../requests.ts";
import { createRunnerBody } from "./runner.ts";
import { createScheduleBody } from "./schedule.ts";
import { createTaskBody } from "./task.ts";
import { createWebhookBody } from "./webhook.ts";

/** Bounds of what is applied at once. */
export const applyBounds = {
  /** Bytes of JSON. */
  body: 4 * 2 ** 20,
  /** Of each kind. */
  entries: 1000,
} as const;

/** What can be applied, in the order in which each may need those before it. */
export const appliedKinds = ["role", "binding", "runner", "task", "schedule", "webhook"] as const;

function entries<Entry extends z.ZodType>(entry: Entry, what: string) {
  return z.array(entry).max(applyBounds.entries).optional().meta({ description: what });
}

const example = {
  roles: [
    {
      name: "sellers",
      rules: [{ resource: "tasks" as const, names: ["report"], verbs: ["execute" as const] }],
    },
  ],
  bindings: [{ role: "sellers", user: "paul" }],
  runners: [{ name: "reports", spec: { resources: { memory: "256Mi" } } }],
  tasks: [{ name: "report", spec: { runner: "reports", command: "python3 report.py" } }],
};

/** Roles, runners, tasks and so on as they shall be: each entry is the body that defines one alone. */
export const applyBody = z
  .strictObject({
    roles: entries(createRoleBody, "Roles of one's own, with all their rules"),
    bindings: entries(createBindingBody, "Who has which role"),
    runners: entries(createRunnerBody, "Runners, with all they say"),
    tasks: entries(createTaskBody, "Tasks, with all they say"),
    schedules: entries(createScheduleBody, "Schedules, with all they say"),
    webhooks: entries(createWebhookBody, "Webhooks, with all they say"),
  })
  .meta({ id: "Definitions", examples: [example] });

export const applyQuery = z.strictObject({
  dryRun: flag
    .optional()
    .meta({ description: "Check it all and tell what would change, and change nothing" }),
});

const version = z.int().nullable();

const appliedItem = z.object({
  field: z.string().meta({ description: "Where it stands in the request, as in `tasks[2]`" }),
  kind: z.enum(appliedKinds),
  name: z.string().meta({ description: "Of a binding, its role and who has it: `sellers user paul`" }),
  action: z.enum(["create", "update", "unchanged"]),
  from: version.meta({
    description: "The version that it stood at; null where it was not there, or has none",
  }),
  to: version.meta({ description: "The version that it stands at; null where it has none, or not yet" }),
  changes: z
    .array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }))
    .meta({ description: "In which fields it was changed" }),
});

export const applied = z
  .object({
    dryRun: z.boolean().meta({ description: "Whether nothing was changed" }),
    items: z.array(appliedItem).meta({ description: "All that was asked for, in the order of the request" }),
  })
  .meta({
    id: "Applied",
    examples: [
      {
        dryRun: false,
        items: [
          {
            field: "tasks[0]",
            kind: "task",
            name: "report",
            action: "update",
            from: 3,
            to: 4,
            changes: [{ field: "resources.memory", before: "256Mi", after: "512Mi" }],
          },
        ],
      },
    ],
  });

export type Definitions = z.output<typeof applyBody>;
export type DefinitionsInput = z.input<typeof applyBody>;
export type Applied = z.output<typeof applied>;
export type AppliedItem = Applied["items"][number];
