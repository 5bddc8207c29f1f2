import { existsSync, readFileSync, realpathSync } from "node:fs";

/** The disk below a folder, where its file system holds projects to quotas; null where it does not. */
export function findQuotaDisk(
  folder: string,
  mountinfo = readFileSync("/proc/self/mountinfo", "utf8"),
): string | null {
  const below = realpathSync(folder);
  const mounts = mountinfo
    .split("\n")
    .map((line) => /^\S+ \S+ \S+ \S+ (\S+) .*? - (\S+) (\S+) (\S+)$/.exec(line))
    .flatMap((found) =>
      found ? [{ at: found[1] ?? "", type: found[2], device: found[3] ?? "", options: found[4] ?? "" }] : [],
    )
    .filter(({ at }) => at === "/" || below === at || below.startsWith(`${at}/`));
  // The longest path is the innermost; of several at one place the last one is on top.
  const mount = mounts
    .toReversed()
    .reduce<(typeof mounts)[number] | null>(
      (best, one) => (best && best.at.length >= one.at.length ? best : one),
      null,
    );
  if (!mount || (mount.type !== "ext4" && mount.type !== "xfs")) return null;
  const holds = mount.options.split(",").some((option) => option === "prjquota" || option === "pquota");
  return holds && existsSync(mount.device) ? mount.device : null;
}
