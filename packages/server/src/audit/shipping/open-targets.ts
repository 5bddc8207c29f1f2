import { hostname } from "node:os";
import { BerthError } from "@berth/protocol";
import { webhookKeyOf } from "../../core/audit/webhook-signature.ts";
import { reachOf } from "../../outbound/reach.ts";
import { readCa, readSecret } from "../../outbound/read-files.ts";
import { syslogTarget } from "./syslog-target.ts";
import type { Target } from "./target.ts";
import { webhookTarget } from "./webhook-target.ts";

/** What an operator has set; files are named by their paths. */
export interface TargetSettings {
  syslog: { host: string; port: number; isEncrypted: boolean; ca: string | null } | null;
  webhook: { url: string; secret: string; ca: string | null } | null;
  /** Ranges of addresses that are closed, and may be reached. */
  allowed: readonly string[];
}

/** Reads the files that the settings name; nothing is sent yet. Throws SETTINGS_INVALID. */
export async function openTargets(
  { syslog, webhook, allowed }: TargetSettings,
  { now }: { now: () => number },
): Promise<Target[]> {
  const targets: Target[] = [];
  if (syslog !== null) {
    const { host, port, isEncrypted, ca } = syslog;
    const tls = isEncrypted ? { ca: await caOf(ca) } : null;
    targets.push(syslogTarget({ host, port, tls, ownHost: hostname() }));
  }
  if (webhook !== null) {
    const { url, secret, ca } = webhook;
    const key = webhookKeyOf(await readSecret(secret));
    if (key === null) throw noKey(secret);
    const reach = reachOf(allowed);
    targets.push(webhookTarget({ url: new URL(url), key, ca: await caOf(ca), reach, now }));
  }
  return targets;
}

async function caOf(path: string | null): Promise<string | null> {
  return path === null ? null : await readCa(path);
}

function noKey(path: string): BerthError {
  return new BerthError(
    "SETTINGS_INVALID",
    `Cannot use "${path}": its first line must be whsec_ and 24 to 64 bytes in base64 behind it`,
    { fix: `Make one: (umask 077; echo "whsec_$(openssl rand -base64 32)" > ${path})` },
  );
}
