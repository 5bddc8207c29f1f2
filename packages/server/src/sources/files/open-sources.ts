import { join } from "node:path";
import type { Source } from "../../core/task/source.ts";
import type { Store } from "../../store/store.ts";
import type { Sources } from "../sources.ts";
import { FileSources } from "./file-sources.ts";

/** Trees are kept unless the operator gives them no room; those of jobs that have not ended stay. */
export function openSources(
  {
    dataDir,
    sources: { bytes: mostBytes } = { bytes: 10 * 2 ** 30 },
  }: { dataDir: string; sources?: { bytes: number } },
  { store, report }: { store: Pick<Store, "jobs">; report: (what: string, error: unknown) => void },
): Promise<Sources> {
  const inUse = async (): Promise<Source[]> =>
    (await store.jobs.unfinished()).flatMap(({ source }) => (source === null ? [] : [source]));
  return FileSources.open({
    root: join(dataDir, "sources"),
    mostBytes,
    inUse,
    now: () => Date.now(),
    report,
  });
}
