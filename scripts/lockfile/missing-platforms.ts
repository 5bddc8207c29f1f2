/** The part of package-lock.json that this needs. */
export type Lockfile = { packages: Record<string, LockedPackage> };

export type LockedPackage = {
  version?: string;
  cpu?: readonly string[];
  dev?: boolean;
  libc?: readonly string[];
  optional?: boolean;
  optionalDependencies?: Readonly<Record<string, string>>;
  os?: readonly string[];
};

const SYSTEMS = [
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"];

/**
 * Binaries for other platforms that a lockfile should name and does not: a registry that mirrors only some
 * platforms makes npm leave out the others, and then `npm ci` refuses the lockfile that npm wrote.
 */
export function missingPlatforms(lockfile: Lockfile): Record<string, LockedPackage> {
  const missing: Record<string, LockedPackage> = {};
  for (const [path, parent] of Object.entries(lockfile.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const isLocked = placesOf(path, name).some((place) => place in lockfile.packages);
      if (!isLocked) missing[`node_modules/${name}`] = lockEntry(name, version, parent);
    }
  }
  return missing;
}

/** Where Node looks for a dependency: below the package itself, then below each folder above it. */
function placesOf(path: string, name: string): string[] {
  const parts = path.split("/node_modules/");
  return ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/node_modules/"))].map((folder) =>
    folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`,
  );
}

/** The platform keeps npm from fetching what this machine cannot run; package names carry it. */
function lockEntry(name: string, version: string, parent: LockedPackage): LockedPackage {
  const words = name.split(/[^a-z0-9]+/);
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const os = SYSTEMS.filter((system) => words.includes(system));
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(parent.dev === true && { dev: true }),
    ...(words.includes("musl") && { libc: ["musl"] }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}
