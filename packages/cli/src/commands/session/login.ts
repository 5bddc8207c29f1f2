import { resolve } from "node:path";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { credentialsFolder } from "../../core/settings/credentials.ts";
import { askPassword, oneLine, readSecret } from "../../core/prompt/ask-password.ts";
import { saveFiles } from "../../core/settings/save-files.ts";
import { profileName, saveProfile } from "../../core/settings/profiles.ts";
import { byDevice } from "./login-by-device.ts";
import { UsageError } from "../../core/usage-error.ts";

export const login = defineCommand({
  arguments: [],
  flags: {
    user: {
      type: "string",
      about: "Log in by name and password, as this user",
      value: "NAME",
      field: "name",
    },
    provider: {
      type: "string",
      about: "Who is to say who you are (default local: the server itself)",
      value: "NAME",
      field: "provider",
    },
    device: {
      type: "boolean",
      about: "Go on in a browser, on whatever device: --provider names an issuer",
    },
    "password-file": {
      type: "string",
      about: "File with the password; - reads it from stdin",
      value: "FILE",
      path: true,
      field: "password",
    },
    "token-file": {
      type: "string",
      about: "File with the token to keep; - reads it from stdin",
      value: "FILE",
      path: true,
    },
    profile: { type: "string", about: "Keep it under this name, beside others", value: "NAME" },
    cert: { type: "boolean", about: "Get a short-lived certificate for gRPC into ~/.berth/creds" },
    ttl: {
      type: "string",
      about: "How long the certificate is valid (default 24h)",
      value: "TIME",
      field: "ttl",
    },
    ...jsonFlag,
  },
  details: [
    "Tries the server with the token or the password first; keeps URL, token and",
    "--ca for your eyes only, in ~/.config/berth/config.json. BERTH_PROFILE chooses",
    "among what was kept by --profile; without it the last login counts. With --cert",
    "a key is made here and never sent.",
  ],
  hides: ["grpc"],
  shows: ["ca"],
  examples: [
    { line: "berth login --url https://berth.example.org --user ann", about: "asks for the password" },
    { line: "berth login --url https://berth.example.org --token-file token", about: "once" },
    { line: "berth login --cert", about: "each day, for gRPC" },
  ],
  async run({ flags }, cli) {
    const name = flags.profile ?? profileName(cli.surroundings.env);
    if (!/^[\w.-]{1,64}$/.test(name) || name.startsWith("__"))
      throw new UsageError(`Cannot keep it as "${name}"`, "Name it by letters, figures, `-`, `_` and `.`");
    const { berth, kept, note } = await come(flags, { name, cli });
    const issued = flags.cert ? await getCertificate(berth, { ttl: flags.ttl, cli }) : null;
    if (flags.json) await cli.out.json({ url: berth.url, config: kept, certificate: issued });
    else {
      await cli.out.line(`Logged in at ${berth.url}${kept === null ? "" : `, kept in ${kept}`}`);
      if (issued)
        await cli.out.line(`Certificate of "${issued.name}" until ${issued.notAfter}, in ${issued.folder}`);
    }
    if (note !== null) await cli.err.line(`berth: ${note}`);
    return exitCodes.ok.code;
  },
});

type Berth = Awaited<ReturnType<Cli["connect"]>>;

interface Come {
  /** A client whose server knows who it is. */
  berth: Berth;
  /** Where that is kept; null where it was known before. */
  kept: string | null;
  note: string | null;
}

interface LoginFlags {
  user: string | undefined;
  provider: string | undefined;
  device: boolean;
  "password-file": string | undefined;
  "token-file": string | undefined;
}

async function come(flags: LoginFlags, { name, cli }: { name: string; cli: Cli }): Promise<Come> {
  const tokenFile = flags["token-file"];
  if (flags.device) {
    if (flags.provider === undefined || flags.user !== undefined || tokenFile !== undefined)
      throw new UsageError(
        "Cannot log in by a device: it takes --provider and neither --user nor --token-file",
        "Name the issuer: berth login --device --provider NAME",
      );
    const nobody = await cli.connect({ token: null });
    const { token } = await byDevice(nobody, { provider: flags.provider, cli });
    const kept = await keep(cli, name, { url: nobody.url, token });
    return { berth: await cli.connect({ token }), kept, note: null };
  }
  if (flags.user !== undefined) {
    if (tokenFile !== undefined)
      throw new UsageError("Cannot log in twice: --user and --token-file", "Leave one of them out");
    return byPassword({ ...flags, user: flags.user }, { name, cli });
  }
  if (tokenFile === undefined) {
    const berth = await cli.connect();
    await berth.access.whoAmI();
    return { berth, kept: null, note: null };
  }
  const token = (await readSecret(tokenFile, { flag: "--token-file", cli })).trim();
  const berth = await cli.connect({ token });
  await berth.access.whoAmI();
  return {
    berth,
    kept: await keep(cli, name, { url: berth.url, token }),
    note: null,
  };
}

async function byPassword(
  { user, provider, "password-file": file }: LoginFlags & { user: string },
  { name, cli }: { name: string; cli: Cli },
): Promise<Come> {
  const nobody = await cli.connect({ token: null });
  const password =
    file === undefined
      ? await askPassword(`Password of "${user}" at ${nobody.url}: `, cli)
      : oneLine(await readSecret(file, { flag: "--password-file", cli }));
  const { token, mustChangePassword } = await nobody.sessions.create({ name: user, password, provider });
  const kept = await keep(cli, name, { url: nobody.url, token });
  const note = mustChangePassword
    ? "this password was chosen by somebody else: choose one with `berth user password`"
    : null;
  return { berth: await cli.connect({ token }), kept, note };
}

/** With the authority by which the server was known. */
async function keep(cli: Cli, name: string, known: { url: string; token: string }): Promise<string> {
  const { ca } = cli.settings();
  return saveProfile(cli.surroundings.env, name, { ...known, ...(ca !== null && { ca: resolve(ca) }) });
}

async function getCertificate(
  berth: Berth,
  { ttl, cli }: { ttl: string | undefined; cli: Cli },
): Promise<{ name: string; notAfter: string; serial: string; folder: string }> {
  const { path: folder } = credentialsFolder(cli.surroundings.env);
  const { makeRequest } = await import("../certificate/make-request.ts");
  const { refuseOtherName } = await import("../certificate/refuse-other-name.ts");
  const { csr, key } = await makeRequest({ ec: false });
  const { ca, certificate, name, notAfter, serial } = await berth.certificates.issue({ csr, ttl });
  const fix = "Name another folder with BERTH_CLIENT_CRED_LOCATION, or take that key away";
  try {
    await refuseOtherName(folder, { name, fix });
  } catch (refusal) {
    // For whom it is only the server knew. Its key goes no further than here, so nobody has a use for it.
    await berth.certificates.revoke(serial).catch(() => undefined);
    throw refusal;
  }
  await saveFiles(folder, { "ca.crt": ca, "client.key": key, "client.crt": certificate });
  return { name, notAfter, serial, folder };
}
