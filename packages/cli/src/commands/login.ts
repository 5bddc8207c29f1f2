import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Cli } from "../core/cli.ts";
import { defineCommand, jsonFlag } from "../core/define-command.ts";
import { exitCodes } from "../core/exit-codes.ts";
import { credentialsFolder } from "../core/settings/credentials.ts";
import { saveFiles } from "../core/settings/save-files.ts";
import { configPath } from "../core/settings/settings.ts";
import { systemReason } from "../core/text/system-error.ts";
import { UsageError } from "../core/usage-error.ts";

export const login = defineCommand({
  arguments: [],
  flags: {
    "token-file": {
      type: "string",
      about: "File with the token to keep; - reads it from stdin",
      value: "FILE",
      path: true,
    },
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
    "Tries the server with the token first; keeps URL, token and --ca for your eyes",
    "only, in ~/.config/berth/config.json. With --cert a key is made here, which is",
    "never sent.",
  ],
  hides: ["grpc"],
  shows: ["ca"],
  examples: [
    { line: "berth login --url https://berth.example.org --token-file token", about: "once" },
    { line: "berth login --cert", about: "each day, for gRPC" },
  ],
  async run({ flags }, cli) {
    const { berth, kept } = await tried(flags["token-file"], cli);
    const issued = flags.cert ? await getCertificate(berth, { ttl: flags.ttl, cli }) : null;
    if (flags.json) await cli.out.json({ url: berth.url, config: kept, certificate: issued });
    else {
      await cli.out.line(`Logged in at ${berth.url}${kept === null ? "" : `, kept in ${kept}`}`);
      if (issued)
        await cli.out.line(`Certificate of "${issued.name}" until ${issued.notAfter}, in ${issued.folder}`);
    }
    return exitCodes.ok.code;
  },
});

type Berth = Awaited<ReturnType<Cli["connect"]>>;

/** A client whose server has taken the token; the token is kept when it is new. */
async function tried(
  tokenFile: string | undefined,
  cli: Cli,
): Promise<{ berth: Berth; kept: string | null }> {
  const { env } = cli.surroundings;
  if (tokenFile === undefined) {
    const berth = await cli.connect();
    await berth.jobs.list({ limit: 1 }).page();
    return { berth, kept: null };
  }
  const token = (await readToken(tokenFile, cli)).trim();
  const berth = await cli.connect({ token });
  await berth.jobs.list({ limit: 1 }).page();
  const path = configPath(env);
  const { ca } = cli.settings();
  const kept = { url: berth.url, token, ...(ca !== null && { ca: resolve(ca) }) };
  await saveFiles(dirname(path), { "config.json": `${JSON.stringify(kept, null, 2)}\n` });
  return { berth, kept: path };
}

async function readToken(file: string, { surroundings }: Cli): Promise<string> {
  if (file === "-") return text(surroundings.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `Cannot read --token-file "${file}": ${systemReason(error)?.why ?? "it cannot be read"}`,
      "Name a file that holds the token alone",
    );
  }
}

async function getCertificate(
  berth: Berth,
  { ttl, cli }: { ttl: string | undefined; cli: Cli },
): Promise<{ name: string; notAfter: string; serial: string; folder: string }> {
  const { path: folder } = credentialsFolder(cli.surroundings.env);
  const { makeRequest } = await import("./certificate/make-request.ts");
  const { refuseOtherName } = await import("./certificate/refuse-other-name.ts");
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
