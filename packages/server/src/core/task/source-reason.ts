import { printable } from "../../lib/text/printable.ts";
import type { End } from "../job/end.ts";

/** Characters of what the server has seen that are worth showing. */
const MOST_DETAIL = 300;

/** Why the code of a task could not be fetched. */
export type SourceReason = keyof typeof reasons;

/** What each comes to in words, for whoever ran the task: nothing in them is the host's own. */
const reasons = {
  host_not_found: "there is no such host",
  unreachable: "its host cannot be reached, or fails",
  refused_address: "its host may not be reached from here",
  untrusted_host: "its host does not prove that it is the one: by its certificate, or its ssh key",
  not_authorised: "its host does not let this runner in: its credentials are wrong, or are missing",
  no_such_repository: "its host has no such repository, or shows it to nobody without other credentials",
  no_such_ref: "the repository has no such branch, tag or commit",
  redirected: "its host leads elsewhere, which is not followed: put the new address into the runner",
  too_large: "it is larger than the runner's `sourceLimit`",
  disk_limit:
    "it does not fit into what its job may have of the disk: raise `resources.disk`, of the task or its runner",
  no_room: "the server's disk has no room for it",
  leads_out: "the runner's `subdir` leads out of the repository, by a link",
  too_many_files: "it has more files than a source may have",
  too_slow: "its host took too long",
  damaged: "what its host sent is not whole, or not sound",
  failed: "git failed, as the log of stage `clone` says",
} as const;

/** The first that fits holds. Words of git and ssh in the language C. */
const words: readonly (readonly [RegExp, SourceReason])[] = [
  [
    /Host key verification failed|SSL certificate problem|server certificate verification failed|certificate/i,
    "untrusted_host",
  ],
  [/Authentication failed|could not read (?:Username|Password)|terminal prompts disabled/i, "not_authorised"],
  [
    /Permission denied|returned error: 40[13]|HTTP Basic: Access denied|error in libcrypto/i,
    "not_authorised",
  ],
  [/couldn't find remote ref|not our ref|Server does not allow request for unadvertised/i, "no_such_ref"],
  [/returned error: 30\d|unable to update url base from redirection/i, "redirected"],
  [
    /repository .* not found|does not appear to be a git repository|returned error: 404|not valid: is this a git repository/i,
    "no_such_repository",
  ],
  [/Could not resolve host|Name or service not known/i, "host_not_found"],
  [/died of signal 25|File too large|exceeds maximum allowed size/i, "too_large"],
  [/Disk quota exceeded/i, "disk_limit"],
  [/No space left on device/i, "no_room"],
  [/Operation too slow|timed out/i, "too_slow"],
  [
    /fsck error|index-pack (?:failed|died)|pack (?:is corrupted|has bad|signature mismatch)|invalid (?:path|index-pack)|object corrupt|bad object|inflate|protocol error|hasDot|mismatched algorithms/i,
    "damaged",
  ],
  [
    /early EOF|unexpected disconnect|RPC failed|returned error: 5\d\d|Connection (?:refused|reset|closed)|SOCKS5|the door is shut|there is no door|Failed to connect|Recv failure|Could not read from remote/i,
    "unreachable",
  ],
];

/** By what git and ssh say, which its host has a say in. */
export function reasonIn(said: string): SourceReason {
  return words.find(([pattern]) => pattern.test(said))?.[1] ?? "failed";
}

/** `detail` is what the server itself has seen: it says what an operator could open, or what its owner has to correct. */
export function sourceFailed(reason: SourceReason, detail?: string): End {
  const more = detail === undefined ? "" : `: ${printable(detail, { most: MOST_DETAIL })}`;
  const message = `Cannot fetch the task's code: ${reasons[reason]}${more}`;
  return { state: "failed", cause: { code: "source_failed", message, evidence: { reason } } };
}
