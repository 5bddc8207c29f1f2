import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "@berth/protocol";
import { holdFile } from "../../../lib/hold-file.ts";

/** In memory, one for the host: it says who uses what of it until it goes down. */
const LOCKS = "/run/berth";

/**
 * Takes the control groups of this name for one server alone, until disposed. Two of them under one name would each set
 * the bound for all jobs together, and neither's would hold. Throws CONTROL_GROUP_IN_USE.
 */
export function lockGroups(
  cgroupName: string,
  { onNotice }: { onNotice: (text: string, detail: Record<string, unknown>) => void },
): Disposable {
  const held = hold(cgroupName, onNotice);
  if (held !== null) return held;
  throw new BerthError(
    "CONTROL_GROUP_IN_USE",
    `Cannot use control group "${cgroupName}": another server on this host is using it`,
  );
}

function hold(
  cgroupName: string,
  onNotice: (text: string, detail: Record<string, unknown>) => void,
): Disposable | null {
  try {
    mkdirSync(LOCKS, { recursive: true, mode: 0o700 });
    return holdFile(join(LOCKS, `cgroup-${encodeURIComponent(cgroupName)}.lock`));
  } catch (error) {
    // A host that cannot run jobs tells so in its own words.
    const obstacle = error instanceof Error ? error.message : String(error);
    onNotice("cannot see whether another server uses the same control groups", { obstacle });
    return { [Symbol.dispose]: () => undefined };
  }
}
