import type { End } from "../../../core/job/end.ts";
import type { Job } from "../../../core/job/job.ts";
import { stopCause } from "../../../core/cause/stop-cause.ts";
import type { Stage } from "../../../core/stages/stage.ts";
import { isCommitId } from "../../../core/task/ref.ts";
import { subdirOf } from "../../../core/task/job-of-task.ts";
import { knownHostsFile, type Source } from "../../../core/task/source.ts";
import { sourceFailed } from "../../../core/task/source-reason.ts";
import { readSourceUrl, type SourceUrl } from "../../../core/task/source-url.ts";
import { type NetworkRules } from "../../../core/network/profile.ts";
import { sourceBounds } from "@berth/protocol";
import { crashPoint } from "../../../lib/crash-point.ts";
import type { JobSecrets } from "../../../secrets/job-secrets.ts";
import type { Doors } from "../../../sources/door/doors.ts";
import type { CopyTree, Sources } from "../../../sources/sources.ts";
import type { Store } from "../../../store/store.ts";
import type { ReconcilerContext } from "../../context.ts";
import { CLONE_SCRIPT, DOOR, gitConfig, RELAY } from "./clone-script.ts";
import { Flights } from "./flights.ts";
import { whyNotCloned } from "./why-not-cloned.ts";
import { type LaunchAbout, type Launcher, LaunchRefused, type StageLaunch } from "./launcher.ts";

export interface CloneParts {
  doors: Doors;
  store: Pick<Store, "jobs">;
  sources: Pick<Sources, "take" | "known" | "treeOf" | "nameOf">;
  report: Pick<ReconcilerContext["report"], "fault">;
  jobSecrets: Pick<JobSecrets, "ofSource">;
  /** What a network profile opens now; null where there is none of that name. */
  rulesOf: (profile: string) => Promise<NetworkRules | null>;
  /** What may be reached beside the public: ranges. */
  allowed: readonly string[];
}

/** git and its helpers; a limit of the job below this would only break them. */
const SECONDS = 300;
/** Beside the pack itself something of the protocol comes in. */
const SLACK_BYTES = 2 ** 20;

/**
 * Fetches the code of a job's task in the job's own sandbox, as its user, without a network: the one way out is a door of the
 * server's to the host and port of the runner. Credentials are files in its memory.
 */
export function cloneLauncher(parts: CloneParts): Launcher {
  const { doors } = parts;
  const flights = new Flights();
  const kept = new Set<string>();
  return {
    launch: (job, stage, about) => launch({ ...parts, flights }, { job, stage, about }),
    explain: (end, said, { job, stage }) => whyNotCloned(end, { job, said, seen: doors.seen(stage.id) }),
    async succeeded(job, said, { stage, keepTree }) {
      const end = await take(parts, { job, said, keepTree });
      if (end === null) kept.add(stage.id);
      return end;
    },
    async over({ id }) {
      flights.leave(id, kept.delete(id));
      await doors.close(id);
    },
  };
}

/** What a stage has said at its end: the commit that it has fetched, or that what is kept is still what its ref leads to. */
async function take(
  { store, sources, report }: CloneParts,
  { job, said, keepTree }: { job: Job; said: string; keepTree: CopyTree | null },
): Promise<End | null> {
  const [, word = "", commit = ""] = /^(commit|kept) (\S+)\n$/m.exec(said) ?? [];
  const source = sourceOf(job);
  const isAsked = isCommitId(commit) && (!isCommitId(source.ref) || source.ref === commit);
  if (!isAsked) return sourceFailed("damaged");
  crashPoint("source-fetched");
  const found = { ...source, commit };
  // Its folder is empty then, and nothing of it is anybody's tree.
  if (word === "kept" && (await sources.treeOf(found)) === null)
    return { state: "failed", cause: stopCause.engineFailed("the kept code of its commit was removed") };
  const copy = word === "kept" ? () => Promise.reject(new Error("There is nothing to keep")) : keepTree;
  // Where it cannot be kept this job has it all the same, and the next one fetches it again.
  if (copy !== null)
    await sources
      .take(found, copy)
      .catch((error: unknown) => report.fault(`Cannot keep the code of job "${job.id}"`, error));
  await store.jobs.update(job.id, { source: found });
  return null;
}

async function launch(
  { doors, jobSecrets, rulesOf, allowed, sources, flights }: CloneParts & { flights: Flights },
  { job, stage, about: { canKeep, signal } }: { job: Job; stage: Stage; about: LaunchAbout },
): Promise<StageLaunch> {
  const source = sourceOf(job);
  const name = canKeep ? sources.nameOf(source) : null;
  const hasWaited = name !== null && (await flights.join(name, { stageId: stage.id, signal }));
  const known = name === null ? null : await sources.known(source);
  const { url: text, ref, credentials, mostBytes, submodules, network } = source;
  const ca = source.ca ?? "";
  const url = readSourceUrl(text);
  if ("problem" in url) throw new Error(`The url of job "${job.id}" ${url.problem}`);
  const rules = network === null ? null : await rulesOf(network);
  if (network !== null && rules === null) throw new LaunchRefused(sourceFailed("refused_address"));
  const { host, port } = url;
  const door = { id: stage.id, name: DOOR, host, port, rules, allowed, mostBytes: mostBytes + SLACK_BYTES };
  const isSsh = url.transport === "ssh";
  const origin = credentials?.kind === "token" ? originOf(url) : null;
  const config = gitConfig({ origin, isSsh, hasCa: ca !== "" });
  const hosts = credentials?.kind === "ssh" ? knownHostsFile(credentials.knownHosts, url) : "";
  const user = credentials?.kind === "token" ? credentials.user : "";
  const numbers = [mostBytes, sourceBounds.entries, SECONDS, submodules ? 1 : 0].map(String);
  const kept = [known ?? "", hasWaited ? "1" : "0", subdirOf(job.spec.view) ?? "", ca];
  return {
    command: "/bin/sh",
    args: ["-c", CLONE_SCRIPT, "clone", url.text, ref, ...numbers, config, RELAY, hosts, user, ...kept],
    stdin: null,
    secrets: await jobSecrets.ofSource(job),
    openDoor: (folder) => doors.open({ ...door, folder }),
  };
}

function sourceOf({ id, source }: Job): Source {
  if (source === null) throw new Error(`Job "${id}" has no source to be fetched`);
  return source;
}

function originOf({ text }: SourceUrl): string {
  return new URL(text).origin;
}
