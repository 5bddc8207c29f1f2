import { networkBounds, networkSpec, objectName, ownNetworkName } from "@berth/protocol";
import { z } from "zod";
import { check } from "../core/input/check.ts";
import { rulesOf } from "../core/network/rules-of.ts";
import { directory, issuer, providerName } from "./login-sections.ts";
import { readYaml, type SettingsFile } from "./settings-file.ts";

/** A setting that is a list or a map. `docs/reference/config.md` is made from these. */
export interface Section<Schema extends z.ZodType = z.ZodType> {
  /** The environment variable, whose value is YAML. */
  env: `BERTH_${string}`;
  /** Where it stands in berth.yaml. */
  yaml: string;
  /** What it may be; its descriptions are its documentation. */
  schema: Schema;
  /** What holds where nobody sets it. */
  default: z.input<Schema>;
  about: string;
  /** As it stands in berth.yaml. */
  example: string;
}

/** Ties the default to the schema. */
function section<Schema extends z.ZodType>(one: Section<Schema>): Section<Schema> {
  return one;
}

export const sections = {
  networks: section({
    env: "BERTH_NETWORKS",
    yaml: "networks",
    schema: z
      .record(ownNetworkName, networkSpec)
      .refine((all) => Object.keys(all).length <= networkBounds.profiles, {
        error: `must hold at most ${networkBounds.profiles} profiles`,
      })
      .superRefine((all, context) => {
        for (const [name, spec] of Object.entries(all)) {
          const made = rulesOf(spec);
          for (const { at, message } of "problems" in made ? made.problems : [])
            context.addIssue({ code: "custom", path: [name, "addresses", at], message });
        }
      }),
    default: {},
    about:
      "Network profiles, by name: what jobs that ask for one may reach. Those that stand here win over such as were created over the API, which cannot change them",
    example: `networks:
  pypi:
    domains: [pypi.org, "*.pythonhosted.org"]
  database:
    addresses: ["10.1.2.3:5432/tcp"]
    observe: true`,
  }),
  ldap: section({
    env: "BERTH_LDAP",
    yaml: "ldap",
    schema: z.record(providerName, directory).refine((all) => Object.keys(all).length <= 8, {
      error: "must hold at most 8 directories",
    }),
    default: {},
    about:
      "Directories that people log in by (LDAP, Active Directory), by the name under which they are chosen: `berth login --provider NAME`",
    example: `ldap:
  company:
    servers: [ldaps://dc1.example.com, ldaps://dc2.example.com]
    bindDn: cn=berth,ou=services,dc=example,dc=com
    passwordFile: /etc/berth/ldap-password
    users: { base: "ou=people,dc=example,dc=com" }
    groups: { base: "ou=groups,dc=example,dc=com" }`,
  }),
  oidc: section({
    env: "BERTH_OIDC",
    yaml: "oidc",
    schema: z.record(providerName, issuer).refine((all) => Object.keys(all).length <= 8, {
      error: "must hold at most 8 issuers",
    }),
    default: {},
    about:
      "Issuers of OpenID Connect that people log in by, by the name under which they are chosen: `berth login --device --provider NAME`",
    example: `oidc:
  sso:
    issuer: https://id.example.com
    clientId: berth
    secretFile: /etc/berth/oidc-secret`,
  }),
  enginesAllowed: section({
    env: "BERTH_ENGINES_ALLOWED",
    yaml: "enginesAllowed",
    schema: z.array(z.union([z.literal("*"), objectName])).max(100),
    default: ["*"],
    about:
      "Engines that everybody who may submit jobs may submit them to; `*` is all. Others are for those with a role that allows `execute` on them, and are refused to others with ENGINE_NOT_ALLOWED",
    example: `enginesAllowed: [local]`,
  }),
  networkAllowed: section({
    env: "BERTH_NETWORK_ALLOWED",
    yaml: "network.allowed",
    schema: z.array(objectName).max(networkBounds.profiles),
    default: [],
    about:
      "Network profiles that everybody may submit jobs with, besides `none`. Others are for those with a role that allows `execute` on them, and are refused to others with NETWORK_NOT_ALLOWED",
    example: `network:
  allowed: [internet, pypi]`,
  }),
};

/** What each entry of a map may hold, where it says so; a list of names says all by its text. */
export function fieldsOf(schema: z.ZodType): { name: string; about: string }[] {
  if (!(schema instanceof z.ZodRecord) || !(schema.valueType instanceof z.ZodObject)) return [];
  const shape = schema.valueType.shape as Record<string, z.ZodType>;
  return Object.entries(shape).map(([name, field]) => ({ name, about: field.meta()?.description ?? "" }));
}

export type SectionValues = {
  [Name in keyof typeof sections]: z.output<(typeof sections)[Name]["schema"]>;
};

/**
 * The value of each: the environment over berth.yaml over the default, checked by its schema. Problems name each wrong
 * entry by its place: `networks.pypi.ports[0] in berth.yaml must be ...`.
 */
export function readSections(
  {
    env,
    file,
    path,
  }: { env: Readonly<Record<string, string | undefined>>; file: SettingsFile; path: string },
  problems: string[],
): SectionValues {
  const read = ([name, one]: [string, Section]): [string, unknown] => {
    const text = env[one.env] || undefined;
    if (text !== undefined) return [name, readText(one, text, problems)];
    const value = file.sections.get(one.yaml) ?? one.default;
    return [
      name,
      readValue(one, { value, place: (entry) => `${entry} in ${path}`, name: one.yaml }, problems),
    ];
  };
  // Every value is what its schema made; where one is null the caller throws before anybody sees it.
  return Object.fromEntries(Object.entries(sections).map(read)) as SectionValues;
}

function readText(one: Section, text: string, problems: string[]): unknown {
  const yaml = readYaml(text);
  if ("root" in yaml)
    return readValue(one, { value: yaml.root, place: (entry) => entry, name: one.env }, problems);
  problems.push(...yaml.faults.map((fault) => `${one.env} must be YAML: ${fault}`));
  return null;
}

function readValue(
  { schema }: Section,
  { value, place, name }: { value: unknown; place: (entry: string) => string; name: string },
  problems: string[],
): unknown {
  const checked = check(schema, value);
  if ("value" in checked) return checked.value;
  problems.push(...checked.problems.map(({ field, message }) => `${place(entryOf(name, field))} ${message}`));
  return null;
}

/** A field of a section's value as one finds it in the file. */
function entryOf(name: string, field: string): string {
  if (field === "body") return name;
  return field.startsWith("[") ? name + field : `${name}.${field}`;
}
