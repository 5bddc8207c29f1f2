import { isAbsolute } from "node:path";
import { objectName } from "@berth/protocol";
import { z } from "zod";

/** Names of ways to prove who one is that are always there, or mean something else. */
const taken: ReadonlySet<string> = new Set(["local", "introspection", "certificate"]);

export const providerName = objectName.refine((name) => !taken.has(name), {
  error: "must be another name: this one is taken",
});

const path = z.string().refine(isAbsolute, { error: "must be an absolute path" });
const text = z.string().min(1).max(1000);
const attribute = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9;-]{0,127}$/, { error: "must be the name of an attribute" });

function isLdapUrl(given: string): boolean {
  if (!/^ldaps?:\/\/[^/?#@]+\/?$/.test(given) || !URL.canParse(given)) return false;
  return new URL(given).hostname !== "";
}

/** A filter is read whole, so that nothing in it can change what stands around it. */
function isBalanced(filter: string): boolean {
  let depth = 0;
  for (const character of filter.replace(/\\[0-9a-f]{2}/gi, "")) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0 && filter.startsWith("(") && filter.endsWith(")");
}

const users = z
  .strictObject({
    base: text.meta({ description: "below which they are looked for" }),
    filter: text.refine(isBalanced, { error: "must be a filter in brackets" }).optional(),
    name: attribute.default("uid"),
    display: attribute.default("cn"),
    id: attribute.optional(),
  })
  .meta({
    description:
      "Where people are: `base`, `filter` that must hold beside the name, and the attributes `name` (by which they log in, default `uid`; Active Directory: `sAMAccountName`), `display` (default `cn`) and `id` (what never changes about them; default `objectGUID` or `entryUUID`)",
  });

const groups = z
  .strictObject({
    base: text,
    member: attribute.default("member"),
    name: attribute.default("cn"),
    nested: z.boolean().default(true),
    map: z.record(text, objectName).optional(),
  })
  .meta({
    description:
      "Where groups are: `base`, the attributes `member` and `name` (default `member`, `cn`), `nested: false` where groups in groups do not count, and `map` from names or DNs to groups here, which drops all others. Without it groups of the directory count for nothing",
  });

export const directory = z
  .strictObject({
    servers: z
      .array(z.string().refine(isLdapUrl, { error: "must be like ldap://HOST or ldaps://HOST:PORT" }))
      .min(1)
      .max(8)
      .meta({ description: "`ldap://` or `ldaps://`, asked in their order as long as they answer" }),
    startTls: z
      .boolean()
      .default(true)
      .meta({ description: "`false` lets passwords go over `ldap://` in the clear" }),
    ca: path.optional().meta({ description: "File with whom to trust to sign their certificates (PEM)" }),
    bindDn: text.optional().meta({ description: "Who looks for people; nobody in particular without it" }),
    passwordFile: path.optional().meta({ description: "File with its password" }),
    users,
    groups: groups.optional(),
    timeout: z.int().min(1).max(30).default(5).meta({ description: "Seconds for one question (default 5)" }),
  })
  .refine(({ bindDn, passwordFile }) => (bindDn === undefined) === (passwordFile === undefined), {
    error: "must have both `bindDn` and `passwordFile`, or none of them",
    path: ["passwordFile"],
  });

function isIssuer(given: string): boolean {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return false;
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isHere);
}

const claim = z.string().min(1).max(128);

export const issuer = z.strictObject({
  issuer: z
    .string()
    .refine(isIssuer, { error: "must be a URL that begins with https://, without a query" })
    .meta({ description: "Its URL, as it calls itself" }),
  clientId: text.meta({ description: "What it calls this server" }),
  secretFile: path.optional().meta({ description: "File with the client's secret, where it has one" }),
  ca: path.optional().meta({ description: "File with whom to trust to sign its certificate (PEM)" }),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
    .max(20)
    .default(["profile"])
    .meta({ description: "What is asked for beside `openid` (default `profile`)" }),
  claims: z
    .strictObject({
      name: claim.default("preferred_username"),
      display: claim.default("name"),
      groups: claim.default("groups"),
    })
    .prefault({})
    .meta({
      description:
        "Which claims say what somebody is called (`name`, default `preferred_username`; `email` counts where it is verified), how they are shown (`display`, default `name`) and their groups (`groups`)",
    }),
  groupMap: z
    .record(text, objectName)
    .optional()
    .meta({ description: "From groups there to groups here; all others are dropped" }),
});
