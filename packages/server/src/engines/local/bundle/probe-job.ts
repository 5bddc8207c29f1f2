import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainSurroundings } from "../../../core/stages/surroundings.ts";
import { type BundleRequest, ociConfig } from "./oci-config.ts";

export type ProbeOptions = Pick<BundleRequest, "ids" | "joinsUsers" | "hardLimits">;

/**
 * A sandbox that each spawner has the runtime make, but not begin, before it takes jobs: what the runtime made of the
 * list of system calls holds for all.
 */
export class ProbeJob {
  readonly #folder: string;
  #filter: string | null = null;

  /** Puts it where the spawner finds it. An old result goes, as list and runtime may be new. */
  constructor(run: string, options: ProbeOptions) {
    this.#folder = join(run, "probe");
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { mode: 0o711 });
    const config = ociConfig({
      ...plainSurroundings,
      ...options,
      work: null,
      hasNetwork: false,
      cgroupsPath: null,
      filter: null,
    });
    writeFileSync(join(this.#folder, "config.json"), JSON.stringify(config));
  }

  /**
   * The list of system calls as the kernel takes it, base64: made by the runtime once, instead of for each job. null
   * until the probe has been made, and where there is none.
   */
  filter(): string | null {
    this.#filter ??= this.#read();
    return this.#filter;
  }

  /** Another spawner has made it again. */
  forget(): void {
    this.#filter = null;
  }

  #read(): string | null {
    try {
      return readFileSync(join(this.#folder, "filter")).toString("base64") || null;
    } catch {
      // Not made. Each sandbox then brings the list along in words.
      return null;
    }
  }
}
