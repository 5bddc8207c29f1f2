import type { Cli } from "../../core/cli.ts";
import type { Flags, FlagValues } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { readInput } from "../submit/read-input.ts";
import { definitionFlags } from "./definition-action.ts";

/** Flags of runners: where the code of their tasks comes from. */
export const runnerFlags = {
  ...definitionFlags,
  git: { type: "string", about: "Git repository of its code", value: "URL", field: "url" },
  ref: { type: "string", about: "Branch, tag or commit of it (else main)", value: "NAME", field: "ref" },
  subdir: { type: "string", about: "Folder of it that commands begin in", value: "PATH", field: "subdir" },
  "git-token": {
    type: "string",
    about: "Secret whose key `token` is shown to its host over HTTP",
    value: "SECRET",
    field: "credentials",
  },
  "git-user": {
    type: "string",
    about: "Whom that is shown for (else git)",
    value: "NAME",
    field: "credentials",
  },
  "git-key": {
    type: "string",
    about: "Secret whose key `key` is the private key for ssh",
    value: "SECRET",
    field: "credentials",
  },
  "known-hosts": {
    type: "string",
    about: "What ssh-keyscan prints of its host, a file",
    value: "FILE",
    path: true,
    field: "credentials",
  },
  "git-ca": {
    type: "string",
    about: "Certificates of who signs that of its https host, a file",
    value: "FILE",
    path: true,
    field: "ca",
  },
  submodules: { type: "boolean", about: "Have its submodules come too", field: "submodules" },
  image: { type: "string", about: "Image that its tasks run in", value: "NAME", field: "image" },
} as const satisfies Flags;

/** What these flags say of a runner; the rest of it is the server's to check. */
export async function sourceFields(flags: FlagValues<typeof runnerFlags>, cli: Cli): Promise<object> {
  const { git, ref, subdir, submodules, image } = flags;
  const credentials = await credentialsOf(flags, cli);
  const ca = await authorityOf(flags, cli);
  return {
    ...(git !== undefined && { url: git }),
    ...(ref !== undefined && { ref }),
    ...(subdir !== undefined && { subdir }),
    ...(submodules && { submodules }),
    ...(image !== undefined && { image }),
    ...(credentials !== null && { credentials }),
    ...(ca !== null && { ca }),
  };
}

async function authorityOf(flags: FlagValues<typeof runnerFlags>, cli: Cli): Promise<string | null> {
  const { "git-ca": file } = flags;
  if (file === undefined) return null;
  const read = await readInput(file, { flag: "--git-ca", stdin: cli.surroundings.stdin });
  if (typeof read === "string") return read;
  throw new UsageError("Cannot use --git-ca: it is no text", "Name a file of certificates as PEM");
}

async function credentialsOf(flags: FlagValues<typeof runnerFlags>, cli: Cli): Promise<object | null> {
  const { "git-token": token, "git-user": username, "git-key": key, "known-hosts": hosts } = flags;
  if (token !== undefined && key !== undefined)
    throw new UsageError(
      "Cannot show both a token and a key",
      "Name --git-token over HTTP, --git-key over ssh",
    );
  if (key !== undefined) {
    const wanted = "Name --known-hosts, a file of what `ssh-keyscan HOST` prints";
    if (hosts === undefined)
      throw new UsageError("Cannot use --git-key: the host's own key is not known", wanted);
    const read = await readInput(hosts, { flag: "--known-hosts", stdin: cli.surroundings.stdin });
    if (typeof read !== "string") throw new UsageError("Cannot use --known-hosts: it is no text", wanted);
    return { sshKey: { secret: key }, knownHosts: read };
  }
  if (token !== undefined) return { token: { secret: token }, ...(username !== undefined && { username }) };
  if (username !== undefined || hosts !== undefined)
    throw new UsageError(
      "Cannot show anything to the host: no secret is named",
      "Name --git-token or --git-key",
    );
  return null;
}
