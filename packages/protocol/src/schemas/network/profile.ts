import { z } from "zod";
import { parseRate } from "../../units.ts";
import { objectName } from "../access/object-name.ts";
import { destinationWanted, networkProtocols, parseDestination } from "./destination.ts";
import {
  networkExample,
  networkListExample,
  networkSpecExample,
  proposedNetworkExample,
} from "./examples.ts";

/** Bounds of what operators define. */
export const networkBounds = {
  profiles: 256,
  domains: 1000,
  addresses: 1000,
  ports: 64,
  resolvers: 3,
  connections: 100_000,
  /** Bytes a second: limits of the kernel count less than 16 GiB/s, and refuse the rest only when a job begins. */
  rate: 10 * 2 ** 30,
  /** Jobs that one proposal is made of. */
  proposedFrom: 20,
} as const;

/** Profiles that every server has, and nobody else may define. */
export const builtInNetworks = ["none", "internet"] as const;

/** Of a profile that somebody defines. */
export const ownNetworkName = objectName.refine(
  (name) => !builtInNetworks.some((builtIn) => builtIn === name),
  { error: `must not be ${builtInNetworks.join(" or ")}: these are there already` },
);

const domainText =
  /^(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const domain = z.string().regex(domainText, {
  error:
    "must be a name like pypi.org, or *.pythonhosted.org for all names below it; in small letters, others as xn--",
});
const address = z
  .string()
  .max(100)
  .refine((text) => parseDestination(text) !== null, { error: `must be ${destinationWanted}` });
const port = z.int().min(1).max(65_535);
const ports = z.array(port).max(networkBounds.ports);
/** At the host's address jobs are told names: what asks for the one is led to the other. */
const resolverPorts: readonly number[] = [53, 5399];

function isRate(text: string): boolean {
  const rate = parseRate(text);
  return rate !== null && rate > 0 && rate <= networkBounds.rate;
}

/** What a job with this profile may reach. Nothing is open but what is named. */
export const networkSpec = z
  .strictObject({
    description: z.string().max(500).optional().meta({ description: "For people" }),
    public: z
      .boolean()
      .optional()
      .meta({ description: "Open all public addresses, as `internet` does. Default false" }),
    domains: z.array(domain).max(networkBounds.domains).optional().meta({
      description:
        "Names that the job may look up, and whose addresses are open then; `*.x.org` is every name below x.org",
    }),
    ports: ports.min(1).optional().meta({ description: "Ports of the domains. Default `[443]`" }),
    protocols: z
      .array(z.enum(networkProtocols))
      .min(1)
      .max(networkProtocols.length)
      .optional()
      .meta({ description: "Protocols of the domains: `tcp`, `udp`. Default `[tcp]`" }),
    addresses: z.array(address).max(networkBounds.addresses).optional().meta({
      description:
        "Addresses and prefixes, with ports and protocol: `10.1.2.3:5432/tcp`. Without ports all of them, without a protocol TCP. What is closed to everybody (private, link-local, metadata and the like) opens only where the entry lies within it and names ports",
    }),
    host: ports
      .refine((all) => !all.some((one) => resolverPorts.includes(one)), {
        error: "must not name 53 or 5399: there jobs are told names",
      })
      .optional()
      .meta({
        description:
          "Ports of services on the host itself, TCP, at the address that jobs ask for names, but for 53 and 5399",
      }),
    resolvers: z
      .array(z.union([z.ipv4(), z.ipv6()], { error: "must be an IP address" }))
      .max(networkBounds.resolvers)
      .optional()
      .meta({ description: "Who is asked for names. Default: whom the host asks" }),
    rate: z
      .string()
      .max(32)
      .refine(isRate, { error: "must be a rate like 10MiB/s, at most 10GiB/s" })
      .optional()
      .meta({ description: "Most bytes a second, each way: at most 10GiB/s. Default: no limit" }),
    connections: z
      .int()
      .min(1)
      .max(networkBounds.connections)
      .optional()
      .meta({ description: "Most connections at once. Default `1000`" }),
    observe: z
      .boolean()
      .optional()
      .meta({ description: "Record what every job with it looks up and reaches. Default false" }),
  })
  .meta({ id: "NetworkSpec", examples: [networkSpecExample] });

export const network = z
  .object({
    name: z.string(),
    source: z.enum(["built-in", "file", "api"]).meta({
      description: "`file`: it stands in the server's berth.yaml and is changed there",
    }),
    allowed: z.boolean().meta({ description: "Whether the caller may submit jobs with it" }),
    digest: z
      .string()
      .meta({ description: "SHA-256 of what it opens: the same in two profiles that open the same" }),
    createdAt: z.iso.datetime().nullable().meta({ description: "null for what nobody created over the API" }),
    updatedAt: z.iso.datetime().nullable(),
    spec: networkSpec,
  })
  .meta({ id: "Network", examples: [networkExample] });

export const networkList = z
  .object({ items: z.array(network) })
  .meta({ id: "NetworkList", examples: [networkListExample] });

export const createNetworkBody = z
  .strictObject({ name: ownNetworkName, spec: networkSpec })
  .meta({ examples: [{ name: "pypi", spec: networkSpecExample }] });
export const updateNetworkBody = z
  .strictObject({ spec: networkSpec })
  .meta({ examples: [{ spec: networkSpecExample }] });
export const proposeNetworkBody = z
  .strictObject({
    jobs: z
      .array(z.uuid({ version: "v7" }))
      .min(1)
      .max(networkBounds.proposedFrom),
  })
  .meta({ examples: [{ jobs: ["0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7"] }] });

export const proposedNetwork = z
  .object({
    spec: networkSpec,
    notes: z.array(z.string()).meta({ description: "What is worth a look before it is used" }),
  })
  .meta({ id: "ProposedNetwork", examples: [proposedNetworkExample] });

export type NetworkSpec = z.output<typeof networkSpec>;
export type Network = z.output<typeof network>;
export type NetworkList = z.output<typeof networkList>;
export type ProposedNetwork = z.output<typeof proposedNetwork>;
