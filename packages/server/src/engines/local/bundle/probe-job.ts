import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InitKind } from "./init-command.ts";
import { baseEnv, type BundleRequest, ociConfig } from "./oci-config.ts";
import { type Look, LOOK, parseLook } from "./sandbox-look.ts";

export interface ProbeOptions extends Pick<BundleRequest, "ids" | "joinsUsers" | "hardLimits"> {
  init: InitKind;
}

/**
 * A job of the engine's own that each spawner makes before it takes others: what the runtime made of it, and what the
 * kernel shows it of itself, holds for all.
 */
export class ProbeJob {
  readonly #folder: string;
  #filter: string | null = null;
  #look: Look | null = null;

  /** Puts it where the spawner finds it. An old result goes, as list and runtime may be new. */
  constructor(run: string, options: ProbeOptions) {
    this.#folder = join(run, "probe");
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { mode: 0o711 });
    writeFileSync(join(this.#folder, "config.json"), probeConfig(options));
  }

  /**
   * The list of system calls as the kernel takes it, base64: made by the runtime once, instead of for each job. null
   * until the probe has been made, and where there is none.
   */
  filter(): string | null {
    this.#filter ??= this.#read("filter")?.toString("base64") || null;
    return this.#filter;
  }

  /** What the kernel shows a job of itself; null until the probe has run, and where it did not. */
  look(): Look | null {
    this.#look ??= parseLook(this.#read("seen")?.toString() ?? "");
    return this.#look;
  }

  /** Another spawner has made it again. */
  forget(): void {
    this.#filter = null;
    this.#look = null;
  }

  #read(name: string): Buffer | null {
    try {
      return readFileSync(join(this.#folder, name));
    } catch {
      // Not made. Each job then brings the list along in words.
      return null;
    }
  }
}

function probeConfig({ init, ...options }: ProbeOptions): string {
  const nothing = {
    diskBytes: null,
    project: null,
    ownProcesses: 0,
    startedMs: 0,
    cgroupsPath: null,
    filter: null,
  };
  return ociConfig({
    ...nothing,
    ...options,
    id: "probe",
    group: "",
    init: init.start({ path: "/bin/sh", argv: ["sh", "-c", LOOK], env: baseEnv }),
    workdir: "/",
    isProbe: true,
  });
}
