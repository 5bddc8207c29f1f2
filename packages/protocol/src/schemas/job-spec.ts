import { z } from "zod";
import type { SourceName } from "../sources.ts";
import { jobSpecExample } from "./examples.ts";
import { isSha256 } from "./upload.ts";
import { definedName, objectName } from "./access/object-name.ts";
import { secretsOfJob } from "./access/secret-use.ts";
import { output, resources, timeouts } from "./limits.ts";

/** Bounds of a job spec, checked before anything is stored. Sizes in bytes. */
export const specBounds = {
  filesTotal: 10 * 2 ** 20,
  filesCount: 1000,
  stdin: 10 * 2 ** 20,
  argsTotal: 2 ** 20,
  argsCount: 10_000,
  /** Linux MAX_ARG_STRLEN is 128 KiB including the closing NUL. */
  oneArg: 128 * 1024 - 1,
  envTotal: 256 * 1024,
  envCount: 4096,
  labels: 64,
  collect: 64,
  /** Folders above a file, or of the working directory: what is walked part by part. */
  depth: 64,
  /** Different folders that all input files lie in. */
  foldersTotal: 4096,
  /** Folders that PATH names. */
  pathEntries: 128,
  /** Stars in all patterns of `collect`: each may be tried on every name that the job leaves. */
  wildcards: 256,
} as const;

const noNul = (text: string): boolean => !text.includes("\0");
const plain = z.string().refine(noNul, { error: "must not hold a NUL character" });
/** Nothing else is asked of a text that is too long: it may be megabytes. */
const text = (max: number) =>
  z.string().max(max, { abort: true }).refine(noNul, { error: "must not hold a NUL character" });
const encoder = new TextEncoder();
const bytesOf = (value: string): number => encoder.encode(value).length;

/** A path below the job's folder: relative, no `..`, no empty part. */
function isInside(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

const folders = (path: string): number => path.split("/").filter((part) => part !== "").length;
const isShallow = (path: string): boolean => folders(path) <= specBounds.depth + 1;
const tooDeep = `must lie at most ${specBounds.depth} folders deep: use fewer folders, or one archive that the job unpacks`;
const insidePath = text(1024)
  .min(1)
  .refine(isInside, { error: "must be a relative path without `..`, `.` or empty parts" })
  .refine(isShallow, { error: tooDeep });

const base64 = z.strictObject({ base64: z.base64({ error: "must be base64 with padding, no line breaks" }) });
const content = z.union([z.string(), base64], { error: 'must be text or {"base64": "..."}' });

/** Bytes that a text or base64 content stands for. */
export function contentSize(value: z.infer<typeof content>): number {
  if (typeof value === "string") return bytesOf(value);
  const padding = value.base64.endsWith("==") ? 2 : value.base64.endsWith("=") ? 1 : 0;
  return (value.base64.length / 4) * 3 - padding;
}

/** How many folders paths lie in together. Sorted, a path shares with the one before it all that it shares with any. */
function countFolders(paths: readonly string[]): number {
  let count = 0;
  let before = "";
  for (const path of paths.toSorted()) {
    let same = 0;
    while (same < path.length && path[same] === before[same]) same += 1;
    for (let at = path.indexOf("/", same); at >= 0; at = path.indexOf("/", at + 1)) count += 1;
    before = path;
  }
  return count;
}

const files = z
  .record(insidePath, content)
  .meta({ maxProperties: specBounds.filesCount })
  .refine((all) => Object.keys(all).length <= specBounds.filesCount, {
    error: `must hold at most ${specBounds.filesCount} files`,
  })
  .refine(
    (all) => Object.values(all).reduce((sum, one) => sum + contentSize(one), 0) <= specBounds.filesTotal,
    {
      error: "must hold at most 10 MiB together",
    },
  )
  .refine((all) => countFolders(Object.keys(all)) <= specBounds.foldersTotal, {
    error: `must lie in at most ${specBounds.foldersTotal} folders together: use fewer, or one archive that the job unpacks`,
  });

const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, {
  error: "must be 1 to 255 letters, digits and _, not starting with a digit",
});
const env = z
  .record(envName, text(specBounds.oneArg))
  .meta({ maxProperties: specBounds.envCount })
  .refine(
    (all) =>
      Object.entries(all).reduce((sum, [k, v]) => sum + bytesOf(k) + bytesOf(v) + 2, 0) <=
      specBounds.envTotal,
    {
      error: "must hold at most 256 KiB together",
    },
  )
  .refine(({ PATH = "" }) => PATH.split(":").length <= specBounds.pathEntries, {
    path: ["PATH"],
    error: `must name at most ${specBounds.pathEntries} folders: leave out those that the job does not need, or give the program's whole path`,
  })
  .refine(
    ({ PATH = "" }) =>
      PATH.split(":", specBounds.pathEntries).every((folder) => folders(folder) <= specBounds.depth),
    {
      path: ["PATH"],
      error: `must name folders at most ${specBounds.depth} deep: give the program's whole path instead`,
    },
  );

const argument = plain.refine((value) => bytesOf(value) <= specBounds.oneArg, {
  error: "must be shorter than 128 KiB, which is the longest argument Linux takes",
});

export const commandSource = z.strictObject({
  /** Program: a path, or a name looked up in PATH inside the job. */
  command: argument.min(1),
  args: z
    .array(argument)
    .max(specBounds.argsCount, {
      error: `must hold at most ${specBounds.argsCount} arguments: put long lists into an input file`,
    })
    .refine((all) => all.reduce((sum, one) => sum + bytesOf(one) + 1, 0) <= specBounds.argsTotal, {
      error: "must hold at most 1 MiB together",
    })
    .default([]),
});

const label = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/, {
  error: "must be 1 to 63 letters, digits and ._/-, starting and ending with a letter or digit",
});
const labels = z
  .record(label, z.string().max(256).refine(noNul, { error: "must not hold a NUL character" }))
  .meta({ maxProperties: specBounds.labels })
  .refine((all) => Object.keys(all).length <= specBounds.labels, {
    error: `must hold at most ${specBounds.labels} labels`,
  });

const jobName = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/, {
  error: "must be 1 to 128 letters, digits and ._-, starting and ending with a letter or digit",
});

const patterns = z
  .array(insidePath)
  .max(specBounds.collect)
  .refine((all) => all.reduce((sum, one) => sum + one.split("*").length - 1, 0) <= specBounds.wildcards, {
    error: `must have at most ${specBounds.wildcards} stars in all patterns together: name a folder to keep all that is in it`,
  });

export const archiveFormats = ["tar", "tar.gz", "tar.zst", "zip"] as const;
export type ArchiveFormat = (typeof archiveFormats)[number];

/** What is unpacked into /work, in the job's own sandbox, before the command starts. */
const archive = z.strictObject({
  upload: z.string().refine(isSha256, { error: "must be the SHA-256 of an upload" }),
  format: z.enum(archiveFormats),
  strip: z
    .int()
    .min(0)
    .max(64)
    .optional()
    .meta({ description: "Folders to leave out of the front of each name" }),
  into: insidePath.optional().meta({ description: "Folder below /work. Default: /work itself" }),
});

/** Everything of a job but where its code comes from. */
export const jobOptions = z.strictObject({
  name: jobName.optional(),
  labels: labels.optional(),
  files: files.optional().meta({ description: "Input files by name, written to /work before the start" }),
  archive: archive.optional().meta({
    description: "An upload to unpack into /work before the start; input files of the same name stay",
  }),
  stdin: content
    .refine((one) => contentSize(one) <= specBounds.stdin, {
      error: "must hold at most 10 MiB: put more into input files",
    })
    .optional(),
  env: env.optional(),
  workdir: text(4096)
    .startsWith("/", { error: "must be an absolute path" })
    .refine((path) => folders(path) <= specBounds.depth, {
      error: `must be at most ${specBounds.depth} folders deep: use a shorter one, and change into the rest from the command`,
    })
    .optional()
    .meta({ description: "Default `/work`" }),
  resources: resources.optional(),
  timeouts: timeouts.optional(),
  output: output.optional(),
  network: objectName.optional().meta({
    description:
      "Network profile: `none` is a loopback interface only, `internet` all public addresses, others as operators have defined them. Default: the server's `BERTH_NETWORK_DEFAULT`",
  }),
  observe: z.boolean().optional().meta({
    description: "Record what the job looks up and reaches. Default: as its network profile says",
  }),
  secrets: secretsOfJob,
  collect: patterns.optional().meta({
    description: "Files below /work to keep as artifacts, folders with all in them; `*` and `**` match names",
  }),
  resultFile: insidePath.optional().meta({ description: "JSON file below /work that is the result" }),
  engine: z.string().max(64).optional(),
  priority: z.int().min(-100).max(100).optional().meta({
    description: "Among the jobs of one owner that wait: the higher first. It moves nobody else's. Default 0",
  }),
});

const specs = {
  command: z.strictObject({ ...commandSource.shape, ...jobOptions.shape }),
} satisfies Record<SourceName, z.ZodType>;

/** What a user submits: a union with a member for each source, of which a spec has exactly one. */
export const jobSpec = z.union([specs.command]).meta({ id: "JobSpec", examples: [jobSpecExample] });

const { name, labels: runLabels, priority } = jobOptions.shape;

/** A job that a task makes of an input. */
const taskRun = z
  .strictObject({
    task: definedName.meta({ description: "The task to run" }),
    input: z.unknown().optional().meta({
      description:
        "What it is given, as JSON, with numbers as a double holds them. `POST /tasks/{name}/run` takes an input to the letter, and a longer one. Default `{}`",
    }),
    version: z.int().min(1).optional().meta({ description: "As of a run. Default: as the task is" }),
    name,
    labels: runLabels,
    priority,
  })
  .meta({ id: "TaskRun", examples: [{ task: "monthly-report", input: { month: "2026-01" } }] });

/** What makes a job: all of it, or a task's name and an input. */
export const submission = z.union([jobSpec, taskRun]).meta({ examples: [jobSpecExample] });

const submissions = { ...specs, task: taskRun };

/** The members of a union by the field that tells them apart; undefined for what is no such union. */
export function membersBySource(schema: unknown): Readonly<Record<string, z.ZodType>> | undefined {
  if (schema === submission) return submissions;
  return schema === jobSpec ? specs : undefined;
}

/** As a client writes it (defaults may be left out). */
export type JobSpecInput = z.input<typeof jobSpec>;
/** As the server holds it after validation. */
export type JobSpec = z.output<typeof jobSpec>;
/** As a client writes it. */
export type TaskRunInput = z.input<typeof taskRun>;
export type TaskRun = z.output<typeof taskRun>;
export type Content = z.infer<typeof content>;
