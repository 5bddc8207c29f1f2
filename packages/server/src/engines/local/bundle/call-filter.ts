import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BundleRequest, ociConfig } from "./oci-config.ts";

/** The list of system calls as the kernel takes it: made by the runtime once, for a probe, instead of for each job. */
export class CallFilter {
  readonly #path: string;
  #filter: string | null = null;

  /** Puts the probe where the spawner finds it. An old result goes, as list and runtime may be new. */
  constructor(run: string, options: Pick<BundleRequest, "ids" | "joinsUsers" | "hardLimits">) {
    const folder = join(run, "probe");
    this.#path = join(folder, "filter");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o711 });
    writeFileSync(join(folder, "config.json"), probeConfig(options));
  }

  /** base64; null until the probe has been made, and where there is none. */
  read(): string | null {
    try {
      this.#filter ??= readFileSync(this.#path).toString("base64") || null;
    } catch {
      // Each job then brings the list along in words.
    }
    return this.#filter;
  }
}

function probeConfig(options: Pick<BundleRequest, "ids" | "joinsUsers" | "hardLimits">): string {
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
    init: { args: ["/bin/true"], env: {} },
    workdir: "/",
    isProbe: true,
  });
}
