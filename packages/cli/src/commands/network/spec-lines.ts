import type { NetworkSpec } from "@berth/sdk";

/** What a profile opens, in one line. */
export function opensOf(spec: NetworkSpec): string {
  const { domains = [], addresses = [], host = [], public: isPublic = false } = spec;
  const ports = spec.ports?.join(",") ?? "443";
  const parts = [
    isPublic ? "all public addresses" : null,
    domains.length === 0 ? null : `${listed(domains)} at ${ports}`,
    addresses.length === 0 ? null : listed(addresses),
    host.length === 0 ? null : `the host at ${host.join(",")}`,
  ].filter((part) => part !== null);
  return parts.join("; ") || "nothing";
}

/** Each of its fields as a line for people. */
export function specLines(spec: NetworkSpec): [string, string][] {
  return Object.entries(spec).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    return [[name, Array.isArray(value) ? value.join(", ") : String(value)]];
  });
}

const SHOWN = 3;

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return names.slice(0, SHOWN).join(", ") + more;
}
