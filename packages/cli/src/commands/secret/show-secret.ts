import type { Secret } from "@berth/sdk";
import type { SecretAction } from "./secret-action.ts";

export async function showSecret(secret: Secret, { flags, cli }: SecretAction): Promise<void> {
  if (flags.json) return cli.out.json(secret);
  const { name, source, version, values } = secret;
  const from = source === "files" ? "mounted files" : `version ${version}`;
  await cli.out.line(`${name}  ${from}`);
  for (const [key, mask] of Object.entries(values)) await cli.out.line(`  ${key}  ${mask}`);
}
