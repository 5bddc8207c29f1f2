import type { NetworkSpec } from "@berth/protocol";
import type { Context } from "../context.ts";
import { digestOfSpec } from "./rules-of-spec.ts";

/** A profile, wherever it was defined. */
export interface KnownNetwork {
  name: string;
  source: "built-in" | "file" | "api";
  digest: string;
  spec: NetworkSpec;
  /** null for what nobody created over the API. */
  createdAt: number | null;
  updatedAt: number | null;
}

const builtIn: readonly KnownNetwork[] = [
  fixed("built-in", "none", { description: "A loopback interface only" }),
  fixed("built-in", "internet", { description: "All public addresses, and names", public: true }),
];

/** What is defined otherwise than over the API, and hides a profile of the same name that is. */
export function fixedNetwork({ policy }: Pick<Context, "policy">, name: string): KnownNetwork | null {
  const own = builtIn.find((one) => one.name === name);
  if (own !== undefined) return own;
  const spec = Object.hasOwn(policy.network.defined, name) ? policy.network.defined[name] : undefined;
  return spec === undefined ? null : fixed("file", name, spec);
}

/** null where there is none of that name. */
export async function knownNetwork(
  context: Pick<Context, "policy" | "store">,
  name: string,
): Promise<KnownNetwork | null> {
  const own = fixedNetwork(context, name);
  if (own !== null) return own;
  const stored = await context.store.networks.get(name);
  return stored && { ...stored, source: "api" };
}

/** All, by name. */
export async function knownNetworks(context: Pick<Context, "policy" | "store">): Promise<KnownNetwork[]> {
  const { policy, store } = context;
  const defined = Object.entries(policy.network.defined).map(([name, spec]) => fixed("file", name, spec));
  const own = [...builtIn, ...defined];
  const taken = new Set(own.map(({ name }) => name));
  const stored = (await store.networks.list()).filter(({ name }) => !taken.has(name));
  const all = [...own, ...stored.map((one): KnownNetwork => ({ ...one, source: "api" }))];
  return all.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function fixed(source: "built-in" | "file", name: string, spec: NetworkSpec): KnownNetwork {
  return { name, source, digest: digestOfSpec(spec), spec, createdAt: null, updatedAt: null };
}
