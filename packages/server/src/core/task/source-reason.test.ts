import { expect, it } from "vitest";
import { reasonIn, type SourceReason, sourceFailed } from "./source-reason.ts";

/** As git, curl and ssh write them. */
const said: readonly (readonly [SourceReason, string])[] = [
  ["untrusted_host", "Host key verification failed.\nfatal: Could not read from remote repository."],
  [
    "untrusted_host",
    "fatal: unable to access 'https://a/': SSL certificate problem: self-signed certificate",
  ],
  ["untrusted_host", "server certificate verification failed. CAfile: none CRLfile: none"],
  ["not_authorised", "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://a/'"],
  ["not_authorised", "fatal: could not read Username for 'https://a': terminal prompts disabled"],
  ["not_authorised", "fatal: could not read Password for 'https://git@a'"],
  ["not_authorised", "git@a: Permission denied (publickey).\nfatal: Could not read from remote repository."],
  ["not_authorised", "error: RPC failed; The requested URL returned error: 401"],
  ["not_authorised", "fatal: The requested URL returned error: 403"],
  ["not_authorised", 'Load key "/run/key": error in libcrypto'],
  ["no_such_ref", "fatal: couldn't find remote ref refs/heads/nope"],
  ["no_such_ref", "fatal: remote error: upload-pack: not our ref 0123"],
  ["no_such_ref", "error: Server does not allow request for unadvertised object 0123"],
  ["redirected", "fatal: unable to access 'http://a/': The requested URL returned error: 301"],
  ["redirected", "fatal: unable to update url base from redirection:"],
  ["no_such_repository", "fatal: repository 'https://a/b/' not found"],
  ["no_such_repository", "fatal: '/b' does not appear to be a git repository"],
  ["no_such_repository", "fatal: The requested URL returned error: 404"],
  ["no_such_repository", "fatal: http://a/info/refs not valid: is this a git repository?"],
  ["host_not_found", "fatal: unable to access 'https://a/': Could not resolve host: a"],
  ["host_not_found", "ssh: Could not resolve hostname a: Name or service not known"],
  ["too_large", "error: index-pack died of signal 25"],
  ["too_large", "fatal: write error: File too large"],
  ["too_large", "fatal: pack exceeds maximum allowed size (1.00 KiB)"],
  ["disk_limit", "error: unable to create file a: Disk quota exceeded"],
  ["no_room", "fatal: write error: No space left on device"],
  ["too_slow", "error: RPC failed; curl 28 Operation too slow. Less than 1000 bytes/sec transferred"],
  ["too_slow", "ssh: connect to host a port 22: Connection timed out"],
  ["damaged", "error: object 0123: hasDotdot: contains '..'\nfatal: fsck error in packed object"],
  ["damaged", "fatal: pack is corrupted (SHA1 mismatch)"],
  ["damaged", "fatal: index-pack failed"],
  ["unreachable", "fatal: early EOF"],
  ["unreachable", "fetch-pack: unexpected disconnect while reading sideband packet"],
  ["unreachable", "fatal: unable to access 'https://a/': The requested URL returned error: 503"],
  ["unreachable", "ssh: connect to host a port 22: Connection refused"],
  ["unreachable", "fatal: unable to access 'https://a/': Failed to connect to a port 443 after 2 ms"],
  ["failed", "fatal: the remote end hung up in some new way"],
  ["failed", ""],
];

it.each(said)("is %s where it is said: %s", (reason, text) => {
  expect(reasonIn(text)).toBe(reason);
});

it("ends the job by a cause that names the reason, and what the server has seen of it", () => {
  expect(sourceFailed("no_such_ref")).toEqual({
    state: "failed",
    cause: {
      code: "source_failed",
      message: "Cannot fetch the task's code: the repository has no such branch, tag or commit",
      evidence: { reason: "no_such_ref" },
    },
  });
  expect(sourceFailed("too_slow", "after\n60 s")).toMatchObject({
    cause: { message: String.raw`Cannot fetch the task's code: its host took too long: after\u{a}60 s` },
  });
  expect(sourceFailed("failed", "x".repeat(10_000)).cause?.message.length).toBeLessThan(500);
});
