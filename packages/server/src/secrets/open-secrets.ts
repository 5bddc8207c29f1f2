import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import type { SecretStore } from "../store/secret-store.ts";
import { JobSecrets } from "./job-secrets.ts";
import { MasterKeys } from "./master-keys.ts";
import { mountedFiles } from "./mounted-files.ts";
import { Secrets } from "./secrets.ts";

interface SecretSettings {
  dataDir: string;
  /** `keys`: null for a file of the server's own. */
  secrets: { keys: ConstructorParameters<typeof MasterKeys>[0] | null; folder: string | null };
}

/** Secrets as they are kept, and as jobs are given them. */
export async function openSecrets(
  { dataDir, secrets: { keys, folder } }: SecretSettings,
  { store, clock }: { store: SecretStore; clock: Clock },
): Promise<{ secrets: Secrets; jobSecrets: JobSecrets }> {
  const own = { kind: "own-file", path: join(dataDir, "secret-keys") } as const;
  const secrets = await Secrets.open({
    store,
    keys: new MasterKeys(keys ?? own),
    mounted: folder === null ? null : mountedFiles(folder),
    now: () => clock.now(),
  });
  return { secrets, jobSecrets: new JobSecrets({ secrets, store }) };
}
