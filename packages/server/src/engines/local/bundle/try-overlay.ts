import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { getSystemErrorMessage, getSystemErrorName, promisify } from "node:util";
import type { Check } from "@berth/protocol";
import type { NoOverlay } from "../host/host-facts.ts";
import { nativeProgram } from "../host/native-program.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

const run = promisify(execFile);
/** Only reached where the kernel is to load a module first, and the disk of that is gone. */
const PATIENCE_MS = 10_000;
const ENODEV = 19;
const EINVAL = 22;

/** Tries it on the disk of the jobs' folders, with nothing in them. What is tried there is removed again. */
export async function tryOverlay(folder: string, program = nativeProgram()): Promise<NoOverlay | null> {
  if (!existsSync(program)) return { why: `${program} is not there`, fix: "Build it with native/build" };
  const folders = ["lower", "upper", "work"].map((name) => join(folder, "trial", name));
  try {
    for (const path of folders) await mkdir(path, { recursive: true });
    await ordinarily(() => run(program, ["overlay", ...folders], { timeout: PATIENCE_MS }));
    return null;
  } catch (error) {
    return explain((error as { code?: unknown }).code);
  } finally {
    await rm(join(folder, "trial"), { recursive: true, force: true });
  }
}

function explain(code: unknown): NoOverlay {
  if (code === ENODEV) return { why: "this kernel has no overlayfs", fix: "modprobe overlay" };
  const how =
    typeof code === "number"
      ? `${getSystemErrorMessage(-code)} (${getSystemErrorName(-code)})`
      : `${String(code)}`;
  // As where it is itself an overlay, as in many containers, or a file system of another host.
  if (code === EINVAL)
    return {
      why: `the data folder's file system cannot be the upper layer of one: ${how}`,
      fix: "Put the data folder on ext4, XFS or btrfs, not on the layers of a container",
    };
  return { why: `the kernel refuses it: ${how}`, fix: "Run the server as root on Linux 5.12 or newer" };
}

export function checkOverlay(lacking: NoOverlay | null): Check {
  const name = "overlays";
  if (lacking === null)
    return {
      name,
      status: "ok",
      detail: "a job's folder can lie over a tree of files that stays",
      fix: null,
    };
  return {
    name,
    status: "warning",
    detail: `sources of tasks are fetched anew for each job: ${lacking.why}`,
    fix: lacking.fix,
  };
}
