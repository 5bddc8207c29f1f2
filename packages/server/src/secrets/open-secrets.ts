import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import type { SecretStore } from "../store/secret-store.ts";
import { AuditKeys, type AuditKeysParts } from "./audit-keys.ts";
import { JobSecrets } from "./job-secrets.ts";
import { MasterKeys } from "./master-keys.ts";
import { mountedFiles } from "./mounted-files.ts";
import { Secrets } from "./secrets.ts";

interface SecretSettings {
  dataDir: string;
  /** `keys`: null for a file of the server's own. */
  secrets: { keys: ConstructorParameters<typeof MasterKeys>[0] | null; folder: string | null };
}

function masterKeysOf({ dataDir, secrets: { keys } }: SecretSettings): MasterKeys {
  return new MasterKeys(keys ?? { kind: "own-file", path: join(dataDir, "secret-keys") });
}

/** Secrets as they are kept, and as jobs are given them. */
export async function openSecrets(
  settings: SecretSettings,
  { store, clock }: { store: SecretStore; clock: Clock },
): Promise<{ secrets: Secrets; jobSecrets: JobSecrets }> {
  const { folder } = settings.secrets;
  const secrets = await Secrets.open({
    store,
    keys: masterKeysOf(settings),
    mounted: folder === null ? null : mountedFiles(folder),
    now: () => clock.now(),
  });
  return { secrets, jobSecrets: new JobSecrets({ secrets, store }) };
}

/** The keys of audit trails, under the same master keys. */
export function openAuditKeys(
  settings: SecretSettings,
  store: AuditKeysParts["store"],
  clock: Pick<Clock, "now">,
): AuditKeys {
  return new AuditKeys({ store, keys: masterKeysOf(settings), now: () => clock.now() });
}
