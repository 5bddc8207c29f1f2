import type { Cli } from "../../core/cli.ts";
import { type FlagValues, type Flags, jsonFlag } from "../../core/define-command.ts";

/** What a profile opens, as flags; `field` is where the value goes in its spec. */
export const specFlags = {
  spec: { type: "string", about: "All of it from a file of JSON; - reads yours", value: "FILE", path: true },
  description: { type: "string", about: "For people", value: "TEXT", field: "description" },
  domain: {
    type: "list",
    about: "Name it may look up; *.x.org is all below x.org (repeat it)",
    value: "NAME",
    field: "domains",
  },
  port: { type: "list", about: "Port of the domains, default 443 (repeat it)", value: "N", field: "ports" },
  protocol: {
    type: "list",
    about: "Protocol of the domains, default tcp (repeat it)",
    value: "NAME",
    choices: ["tcp", "udp"],
    field: "protocols",
  },
  address: {
    type: "list",
    about: "As 10.1.2.3:5432/tcp or 2001:db8::/64:443 (repeat it)",
    value: "ADDRESS",
    field: "addresses",
  },
  "host-port": {
    type: "list",
    about: "Port of a service of the host (repeat it)",
    value: "N",
    field: "host",
  },
  resolver: { type: "list", about: "Whom to ask for names (repeat it)", value: "IP", field: "resolvers" },
  public: { type: "boolean", about: "Open all public addresses" },
  observe: { type: "boolean", about: "Record what its jobs look up and reach" },
  rate: {
    type: "string",
    about: "Most bytes a second, each way: 10MiB/s; at most 10GiB/s",
    value: "RATE",
    field: "rate",
  },
  connections: {
    type: "string",
    about: "Most connections at once, default 1000",
    value: "N",
    field: "connections",
  },
} as const satisfies Flags;

export const networkFlags = {
  ...specFlags,
  create: { type: "string", about: "propose: define it under this name", value: "NAME" },
  ...jsonFlag,
} as const satisfies Flags;

export interface NetworkAction {
  /** The words after the action. */
  words: readonly string[];
  flags: FlagValues<typeof networkFlags>;
  cli: Cli;
}
