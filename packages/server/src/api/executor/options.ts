import { isAbsolute } from "node:path";
import { BerthError, jobOptions, type JobSpecInput, type Problem } from "@berth/protocol";
import { z } from "zod";
import { check } from "../../core/input/check.ts";

/** How an executor works; everything has a default, most of them the server's own. */
export interface ExecutorOptions {
  /** Limits of every command that names none itself. One that this host cannot enforce is noted as not applied. */
  limits?: JobSpecInput["resources"] | undefined;
  /** Timeouts of every command that names none itself. Default: 2 minutes to start, 1 hour to run. */
  timeouts?: JobSpecInput["timeouts"] | undefined;
  /** Commands that run at once; more wait. Default: 8 for each core, at most 256. */
  maxJobs?: number | undefined;
  /** What becomes of a command whose own limit this host cannot enforce. Default `strict`: it is refused. */
  enforcement?: "strict" | "best-effort" | undefined;
  /** Milliseconds between TERM and KILL where `stop` is not told. Default 5000. */
  stopGraceMs?: number | undefined;
  /**
   * Folder of everything the executor keeps: output, history, the commands' own folders. One executor or server at a
   * time uses it. Default: a temporary folder, removed on dispose.
   */
  dataDir?: string | undefined;
  /**
   * Control group below which the executor makes its own. Default: one that is named after `dataDir`, used by nobody
   * else, and removed on dispose. One that you name stays.
   */
  cgroup?: string | undefined;
  /** On dispose, leaves running commands to the next executor on the same `dataDir`. Default false: ends them. */
  leaveRunning?: boolean | undefined;
  /** Hears of what no call can report: a failure in the background, a full disk. Default: nobody. */
  onNotice?: ((notice: string, detail: Readonly<Record<string, unknown>>) => void) | undefined;
}

const dataDir = z
  .string()
  .refine(isAbsolute, { error: "must be an absolute path" })
  .refine((path) => !/[\s\\\0]/.test(path), { error: "must not hold blanks or backslashes" });

const schema = z
  .strictObject({
    limits: jobOptions.shape.resources,
    timeouts: jobOptions.shape.timeouts,
    maxJobs: z.int().min(1).max(10_000).optional(),
    enforcement: z.enum(["strict", "best-effort"]).optional(),
    stopGraceMs: z.int().min(0).optional(),
    dataDir: dataDir.optional(),
    cgroup: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, {
        error: "must be 1 to 64 letters, digits, _ and -, starting with a letter",
      })
      .optional(),
    leaveRunning: z.boolean().optional(),
    onNotice: z
      .custom<NonNullable<ExecutorOptions["onNotice"]>>((value) => typeof value === "function", {
        error: "must be a function",
      })
      .optional(),
  })
  .refine((all) => all.leaveRunning !== true || all.dataDir !== undefined, {
    path: ["leaveRunning"],
    error: "needs `dataDir`: a temporary folder goes away, and with it what runs there",
  });

export type CheckedOptions = z.output<typeof schema>;

/** Throws SETTINGS_INVALID with every wrong option at once. */
export function checkOptions(options: ExecutorOptions): CheckedOptions {
  const checked = check(schema, options);
  if ("value" in checked) return checked.value;
  throw optionsInvalid(checked.problems);
}

function optionsInvalid(problems: readonly Problem[]): BerthError {
  const list = problems.map(({ field, message }) => `- ${field === "body" ? "options" : field} ${message}`);
  const count = problems.length === 1 ? "1 option is" : `${problems.length} options are`;
  return new BerthError("SETTINGS_INVALID", `Cannot open executor: ${count} wrong\n${list.join("\n")}`, {
    problems,
  });
}
