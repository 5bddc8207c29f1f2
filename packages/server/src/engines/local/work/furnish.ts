import { symlinkSync, writeFileSync } from "node:fs";
import { type Program, resolveProgram } from "../bundle/resolve-program.ts";
import { TimeShare } from "./time-share.ts";
import { makeFolders, writeInputs } from "./write-inputs.ts";

/** Everything of a job that is written and looked for in its folders before it starts. */
export interface Furnishing {
  /** The host's folder that is /work inside. */
  work: string;
  /** The tree over which that folder lies; null for none. */
  lower: string | null;
  /** The host's id of the job's user. */
  owner: number;
  files: readonly { name: string; content: Uint8Array }[];
  workdir: string;
  command: string;
  /** PATH inside the job. */
  path: string;
  /** Another workload of the job has had the folder: whatever lies in it may lead anywhere. */
  isLeft: boolean;
  stdin: { path: string; content: Uint8Array | { file: string } | null };
}

/**
 * Writes the input files, makes the working directory, and finds the program as the kernel will. Nothing of the job runs
 * yet, and all that lies in its folder was made here, so no link can lead anything out of it. Into a folder that the job
 * has had already nothing is written; the program is looked for link by link, within what the job sees.
 */
export async function furnish(furnishing: Furnishing): Promise<Program> {
  const { work, lower, owner, workdir, command, path, stdin } = furnishing;
  if (!furnishing.isLeft) await fill(furnishing);
  const program = resolveProgram({ command, path, workdir, work, lower, user: owner });
  // May be opened again by the job: it lies where nobody can write.
  if ("path" in program) putStdin(stdin);
  return program;
}

async function fill({ work, lower, owner, files, workdir }: Furnishing): Promise<void> {
  await writeInputs(work, { files, owner, share: new TimeShare(Number.POSITIVE_INFINITY) });
  // Of a tree it is a folder, or it is none: nothing is laid over what is there.
  if (lower === null && workdir.startsWith("/work/"))
    makeFolders(work, { parts: partsOf(workdir).slice(1), owner });
}

function putStdin({ path, content }: Furnishing["stdin"]): void {
  if (content !== null && "file" in content) symlinkSync(content.file, path);
  else writeFileSync(path, content ?? "", { mode: 0o644 });
}

/** Folders made, files written, names looked at: each is a call or a few of the kernel. */
const FEW_STEPS = 200;
const FEW_BYTES = 256 * 1024;

/** Whether it is done quicker at once than handed to another thread: so with every plain command. */
export function isQuick({ files, workdir, command, path, stdin }: Furnishing): boolean {
  // No more than so many are looked at here either.
  if (files.length > FEW_STEPS || path.length > 4096 || command.length > 4096) return false;
  let steps = 0;
  let bytes = stdin.content === null || "file" in stdin.content ? 0 : stdin.content.byteLength;
  for (const { name, content } of files) {
    steps += 3 + partsOf(name).length;
    bytes += content.byteLength;
  }
  const below = partsOf(workdir).length;
  for (const folder of path.split(":"))
    steps += partsOf(folder).length + (folder.startsWith("/") ? 0 : below);
  return bytes <= FEW_BYTES && steps + below + partsOf(command).length <= FEW_STEPS;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}
