import type { Capabilities } from "@berth/protocol";
import { abilitiesFor } from "../network/abilities.ts";
import { type NetworkGrant, noNetwork } from "../network/profile.ts";

/**
 * What code is put into, besides its own folder and its limits. As data: whoever asks for it need not know how an engine
 * makes it, and an engine says before a job is stored what of it it cannot make.
 */
export interface Surroundings {
  /** What it finds as its file system, and cannot change. */
  root: Root;
  /** What it finds there besides, each in a place of its own. */
  mounts: readonly Mount[];
  /** What it may reach. */
  network: NetworkGrant;
}

/** The programs of the engine's host, or what an image holds. */
export type Root = { kind: "host-toolchain" } | { kind: "image"; reference: string };

/** What lies on the server, and the code finds too: what it does to that nobody else sees. */
export type Mount = ReadOnlyMount | OverlayMount;

/** A file or folder, which is only read. */
interface ReadOnlyMount {
  kind: "read-only";
  /** Where the code finds it. */
  at: string;
  source: string;
}

/** A folder that stays as it is below the code's own, which takes all that the code changes of it. */
export interface OverlayMount {
  kind: "overlay";
  at: "/work";
  lower: string;
}

/** What a plain command gets. */
export const plainSurroundings: Surroundings = {
  root: { kind: "host-toolchain" },
  mounts: [],
  network: noNetwork,
};

/** What a job's own code gets. */
export function surroundingsOf(network: NetworkGrant): Surroundings {
  return { ...plainSurroundings, network };
}

/** What a runner's image makes of them; without one nothing. */
export function within(surroundings: Surroundings, image: string | null): Surroundings {
  return image === null ? surroundings : { ...surroundings, root: { kind: "image", reference: image } };
}

/** What of it an engine of these capabilities cannot make: there is no weaker one that would do. */
export function impossibleFor(
  { root, mounts, network }: Surroundings,
  { roots, mounts: canMount, overlays, networkProfiles }: Capabilities,
): { field: string; reason: string }[] {
  const problems = [];
  if (!roots.includes(root.kind))
    problems.push({ field: "root", reason: `has no root of kind "${root.kind}", only ${listed(roots)}` });
  if (!canMount && mounts.some(({ kind }) => kind === "read-only"))
    problems.push({ field: "mounts", reason: "mounts nothing of the server's" });
  if (!overlays && overlayOf(mounts) !== null)
    problems.push({ field: "mounts", reason: "lays no folder of a job's over one of the server's" });
  const lacking = abilitiesFor(network).filter((ability) => !networkProfiles.includes(ability));
  if (lacking.length > 0) {
    const what = network.kind === "none" ? "has no" : `cannot hold the network profile "${network.name}": no`;
    problems.push({
      field: "network",
      reason: `${what} ${listed(lacking)}, only ${listed(networkProfiles)}`,
    });
  }
  return problems;
}

/** What the code finds as its own folder besides what it makes there; null where that is empty. */
export function overlayOf(mounts: readonly Mount[]): OverlayMount | null {
  return mounts.find((mount) => mount.kind === "overlay") ?? null;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ") || "none at all";
}
