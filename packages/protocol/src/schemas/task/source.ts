import { z } from "zod";
import { parseDuration, parseSize } from "../../units.ts";
import { definedName } from "../access/object-name.ts";
import { secretKey } from "../access/secret.ts";

/** Bounds of where the code of tasks comes from. */
export const sourceBounds = {
  /** Characters. */
  url: 2000,
  ref: 250,
  subdir: 500,
  knownHosts: 16 * 2 ** 10,
  ca: 64 * 2 ** 10,
  /** Bytes of a repository, where its runner says nothing. */
  bytes: 2 ** 30,
  mostBytes: 20 * 2 ** 30,
  /** Files and folders of one commit. */
  entries: 100_000,
} as const;

const secretReference = (key: string) =>
  z.strictObject({
    secret: definedName.meta({ description: "The secret that holds it" }),
    key: secretKey.optional().meta({ description: `The key of it. Default \`${key}\`` }),
  });

const tokenCredentials = z.strictObject({
  token: secretReference("token").meta({ description: "What is shown as the password, over HTTP" }),
  username: z
    .string()
    .regex(/^[A-Za-z0-9._@+-]{1,200}$/, { error: "must be 1 to 200 letters, digits and ._@+-" })
    .optional()
    .meta({ description: "Whom it is shown for. Default `git`" }),
});

const keyCredentials = z.strictObject({
  sshKey: secretReference("key").meta({ description: "A private key without a passphrase, over ssh" }),
  knownHosts: z.string().min(1).max(sourceBounds.knownHosts).meta({
    description:
      "The host's public keys, as `ssh-keyscan HOST` or `known_hosts` has them, or the keys alone: nobody else is shown the key",
  }),
});

const isSize = (text: string): boolean => {
  const bytes = parseSize(text);
  return bytes !== null && bytes >= 2 ** 20 && bytes <= sourceBounds.mostBytes;
};
const isRefresh = (text: string): boolean => parseDuration(text) !== null;

/** Where the code of a runner's tasks comes from. */
export const sourceOptions = {
  url: z.string().min(1).max(sourceBounds.url).optional().meta({
    description:
      "A git repository: `https://`, `http://`, `ssh://` or `user@host:path`. Its files are in `/work` when a task begins. Default: none",
  }),
  ref: z.string().min(1).max(sourceBounds.ref).optional().meta({
    description: "A branch, a tag, or a whole commit id. Default `main`",
  }),
  subdir: z.string().min(1).max(sourceBounds.subdir).optional().meta({
    description:
      "The folder of it that commands begin in, and no link that leads out of it. Default: the uppermost",
  }),
  credentials: z
    .union([tokenCredentials, keyCredentials], {
      error: "must be a `token` for HTTP, or an `sshKey` with `knownHosts` for ssh",
    })
    .optional()
    .meta({ description: "What is shown to its host; tasks never see it. Default: nothing" }),
  ca: z.string().min(1).max(sourceBounds.ca).optional().meta({
    description:
      "Certificates (PEM) of who signs that of its `https://` host: nobody else is trusted to then. Default: whom the host of the engine trusts",
  }),
  refresh: z.string().max(32).refine(isRefresh, { error: "must be written like 30s" }).optional().meta({
    description:
      "How long it is taken for unchanged where a branch or a tag led; after that its host is asked. Default `30s`",
  }),
  sourceLimit: z
    .string()
    .max(32)
    .refine(isSize, { error: "must be written like 1GiB, from 1MiB to 20GiB" })
    .optional()
    .meta({ description: "How large it may be. Default `1GiB`" }),
  submodules: z.boolean().optional().meta({
    description: "Whether its submodules come too, those of the same host. Default false",
  }),
};

export const runnerImage = z
  .string()
  .regex(/^[a-z0-9][A-Za-z0-9._:/@-]{0,499}$/, { error: "must be like registry.example/name:tag" })
  .optional()
  .meta({
    description:
      "A container image that its tasks run in, for engines that have such (`roots` of their capabilities); others refuse the run. Default: the programs of the engine's host",
  });
