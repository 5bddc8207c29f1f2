import type { Host } from "../host.ts";
import type { Parser } from "../parsers.ts";

/** One setting of the server. `docs/reference/config.md` is made from these. */
export interface Key<Value> {
  /** The environment variable. */
  env: `BERTH_${string}`;
  /** Where it stands in berth.yaml: `http.address` is `address` below `http`. */
  yaml: string;
  parser: Parser<Value>;
  /** As a person would write it; a function where it depends on the host. */
  default: string | ((host: Host) => string);
  /** Says in words what a default that depends on the host is. */
  defaultText?: string;
  about: string;
}

/** Ties a key's type to its parser. */
export function key<Value>(one: Key<Value>): Key<Value> {
  return one;
}
