import type { End } from "../../../core/job/end.ts";
import type { Job } from "../../../core/job/job.ts";
import type { Stage } from "../../../core/stages/stage.ts";
import { isCommitId } from "../../../core/task/ref.ts";
import { knownHostsFile, type Source } from "../../../core/task/source.ts";
import { reasonIn, sentenceOf, type SourceReason } from "../../../core/task/source-reason.ts";
import { readSourceUrl, type SourceUrl } from "../../../core/task/source-url.ts";
import { type NetworkRules } from "../../../core/network/profile.ts";
import { sourceBounds } from "@berth/protocol";
import { printable } from "../../../lib/text/printable.ts";
import { crashPoint } from "../../../lib/crash-point.ts";
import type { JobSecrets } from "../../../secrets/job-secrets.ts";
import type { Seen } from "../../../sources/door/door.ts";
import type { Doors } from "../../../sources/door/doors.ts";
import type { Sources } from "../../../sources/sources.ts";
import type { Store } from "../../../store/store.ts";
import type { ReconcilerContext } from "../../context.ts";
import { CLONE_SCRIPT, cloneExit, DOOR, gitConfig, RELAY } from "./clone-script.ts";
import { type Launcher, LaunchRefused, type StageLaunch } from "./launcher.ts";

export interface CloneParts {
  doors: Doors;
  store: Pick<Store, "jobs">;
  sources: Pick<Sources, "take">;
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
/** Characters of what the door has seen that are worth showing. */
const MOST_DETAIL = 300;

/**
 * Fetches the code of a job's task in the job's own sandbox, as its user, without a network: the one way out is a door of the
 * server's to the host and port of the runner. Credentials are files in its memory.
 */
export function cloneLauncher(parts: CloneParts): Launcher {
  const { doors, store, sources, report } = parts;
  return {
    launch: (job, stage) => launch(parts, job, stage),
    explain: (end, said, { stage }) => explained(end, { said, seen: doors.seen(stage.id) }),
    async succeeded(job, said, { keepTree }) {
      const [, commit = ""] = /^commit (\S+)\n$/m.exec(said) ?? [];
      const source = sourceOf(job);
      const isAsked = isCommitId(commit) && (!isCommitId(source.ref) || source.ref === commit);
      if (!isAsked) return failedEnd("damaged");
      crashPoint("source-fetched");
      const found = { ...source, commit };
      // Where it cannot be kept this job has it all the same, and the next one fetches it again.
      if (keepTree !== null)
        await sources
          .take(found, keepTree)
          .catch((error: unknown) => report.fault(`Cannot keep the code of job "${job.id}"`, error));
      await store.jobs.update(job.id, { source: found });
      return null;
    },
    over: ({ id }) => doors.close(id),
  };
}

async function launch(
  { doors, jobSecrets, rulesOf, allowed }: CloneParts,
  job: Job,
  stage: Stage,
): Promise<StageLaunch> {
  const source = sourceOf(job);
  const { url: text, ref, credentials, mostBytes, submodules, network } = source;
  const url = readSourceUrl(text);
  if ("problem" in url) throw new Error(`The url of job "${job.id}" ${url.problem}`);
  const rules = network === null ? null : await rulesOf(network);
  if (network !== null && rules === null) throw new LaunchRefused(failedEnd("refused_address"));
  const { host, port } = url;
  const door = { id: stage.id, name: DOOR, host, port, rules, allowed, mostBytes: mostBytes + SLACK_BYTES };
  const isSsh = url.transport === "ssh";
  const config = gitConfig({ origin: credentials?.kind === "token" ? originOf(url) : null, isSsh });
  const hosts = credentials?.kind === "ssh" ? knownHostsFile(credentials.knownHosts, url) : "";
  const user = credentials?.kind === "token" ? credentials.user : "";
  const numbers = [mostBytes, sourceBounds.entries, SECONDS, submodules ? 1 : 0].map(String);
  return {
    command: "/bin/sh",
    args: ["-c", CLONE_SCRIPT, "clone", url.text, ref, ...numbers, config, RELAY, hosts, user],
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

/** What ended by the job's own walls keeps its cause. What the door has seen is known: what git says is its host's word too. */
function explained(end: End, { said, seen }: { said: string; seen: Seen | null }): End {
  const { cause } = end;
  const exitCode = typeof cause.evidence["exitCode"] === "number" ? cause.evidence["exitCode"] : null;
  const { code, message, evidence } = failedEnd(seen?.reason ?? reasonOf(exitCode, said), seen?.detail).cause;
  return { ...end, cause: { code, message, evidence: { ...cause.evidence, ...evidence } } };
}

function reasonOf(exitCode: number | null, said: string): SourceReason {
  switch (exitCode) {
    case cloneExit.slow:
    case 124:
      return "too_slow";
    case cloneExit.noCommit:
      return "no_such_ref";
    case cloneExit.tooManyFiles:
      return "too_many_files";
    case cloneExit.tooLarge:
    // What the shell makes of SIGXFSZ.
    case 128 + 25:
      return "too_large";
    default:
      return reasonIn(said);
  }
}

/** `detail` is what the door has seen: it says what an operator could open, or what its owner has to correct. */
function failedEnd(reason: SourceReason, detail?: string): End {
  const more = detail === undefined ? "" : `: ${printable(detail, { most: MOST_DETAIL })}`;
  const message = `${sentenceOf(reason)}${more}`;
  return { state: "failed", cause: { code: "source_failed", message, evidence: { reason } } };
}
