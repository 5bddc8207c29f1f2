import { BerthError } from "@berth/protocol";
import type { Context } from "../context.ts";
import { fixedNetwork } from "./known-networks.ts";

/** Throws NETWORK_READ_ONLY where the profile of this name is not one that the API can change. */
export function demandChangeable(context: Context, { name, what }: { name: string; what: string }): void {
  const fixed = fixedNetwork(context, name);
  if (fixed === null) return;
  const why = fixed.source === "file" ? "it stands in the server's berth.yaml" : "it is Berth's own";
  throw new BerthError("NETWORK_READ_ONLY", `Cannot ${what} network profile "${name}": ${why}`);
}
