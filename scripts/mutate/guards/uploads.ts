import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const tests = "packages/server/test";
const sdk = "packages/sdk";
const sweeps = `${server}/reconciler/sweeps/uploads.test.ts`;
const patience = `${server}/api/http/input/body-patience.ts`;
const patienceTest = `${server}/api/http/input/body-patience.test.ts`;

/** Contents that clients send, folders that they pack, and what becomes of archives. */
export const uploads: readonly Guard[] = [
  {
    guard: "small uploads are not free",
    file: `${server}/uploads/uploads.ts`,
    take: "return Math.max(bytes, LEAST_COUNTED);",
    leave: "return bytes;",
    test: `${tests}/upload-shares.test.ts`,
    title: "tiny ones",
  },
  {
    guard: "one principal sends a few uploads at once",
    file: `${server}/uploads/uploads.ts`,
    take: "?.size ?? 0) < MOST_AT_ONCE",
    leave: "?.size ?? 0) < Infinity",
    test: `${tests}/upload-shares.test.ts`,
    title: "at once",
  },
  {
    guard: "a part that is whole by now is not deleted as a part",
    file: `${server}/uploads/uploads.ts`,
    take: ` || (unfinished === true && upload.state === "complete")`,
    test: `${tests}/upload-mistakes.test.ts`,
    title: "whole by now",
  },
  {
    guard: "an upload that somebody has used meanwhile is not swept",
    file: `${server}/uploads/uploads.ts`,
    take: "const outcome = await store.delete(upload, { unusedSince });",
    leave: "const outcome = await store.delete(upload, {});",
    test: sweeps,
    title: "goes by what",
  },
  {
    guard: "files that are new are left alone by the sweep",
    file: `${server}/reconciler/sweeps/uploads.ts`,
    take: "if (writtenAt > now - keepUnknownMs) continue;",
    test: sweeps,
    title: "removes what nobody",
  },
  {
    guard: "a content that is lost can be sent once more",
    file: `${server}/operations/uploads/receive-upload.ts`,
    take: " && (await keeping(uploads.files.holds(found.name)))",
    test: `${tests}/uploads.test.ts`,
    title: "once more where",
  },
  {
    guard: "an upload with a content encoding is refused",
    file: `${server}/api/http/routes/uploads.ts`,
    take: `if (encoding !== undefined && encoding !== "identity") throw unsupported(\`content encoding "\${encoding}"\`);`,
    leave: "void encoding;",
    test: `${tests}/upload-mistakes.test.ts`,
    title: "packed on its way",
  },
  {
    guard: "the time of a body stands still while the server lets it wait",
    file: patience,
    take: "const leftMs = clock?.stop() ?? null;",
    leave: "const leftMs: number | null = null;",
    test: patienceTest,
    title: "does not count",
  },
  {
    guard: "the time of a body goes on after the server has let it wait",
    file: patience,
    take: "if (leftMs !== null) clock?.begin(leftMs);",
    leave: "void leftMs;",
    test: patienceTest,
    title: "does not count",
  },
  {
    guard: "a request that came whole is not cut",
    file: patience,
    take: "if (!request.complete) cut",
    leave: "cut",
    test: patienceTest,
    title: "leaves a request alone",
  },
  {
    guard: "a name in an archive that begins at the root is refused",
    file: `${server}/reconciler/walk/launches/unpack-script.ts`,
    take: "then code=${unpackExit.absoluteName}",
    leave: "then :",
    test: `${tests}/unpack-archives.test.ts`,
    title: "absolute.tar",
  },
  {
    guard: "no link that took a file's place is followed when a folder is packed",
    file: `${sdk}/src/folder/read-file.ts`,
    take: "constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK",
    leave: "constants.O_RDONLY | constants.O_NONBLOCK",
    test: `${sdk}/test/pack-folder.test.ts`,
    title: "becomes a link",
  },
  {
    guard: "going on with a folder does not read what lies before",
    file: `${sdk}/src/folder/tar-of.ts`,
    take: "    if (sent >= part.bytes) continue;\n",
    test: `${sdk}/test/pack-folder.test.ts`,
    title: "gone on with where it was",
  },
  {
    guard: "a folder that changed does not take what another has sent",
    file: `${sdk}/src/resources/upload/send-content.ts`,
    take: `query: { unfinished: "true" }, `,
    test: `${sdk}/test/upload-neighbours.test.ts`,
    title: "not taken from somebody",
  },
  {
    guard: "what another sends counts as progress",
    file: `${sdk}/src/resources/upload/send-content.ts`,
    take: "if (found !== null) note(found.offset);",
    test: `${sdk}/test/upload-neighbours.test.ts`,
    title: "as long as that moves",
  },
  {
    guard: "a job is asked about before its folder is packed",
    file: `${sdk}/src/resources/upload/send-folder.ts`,
    take: "  if (isFolder(files) || isFolder(archive)) await checkJob(rest, whole, options);\n",
    test: `${sdk}/test/uploads.test.ts`,
    title: "would refuse",
  },
  {
    guard: "the command line asks about a job before its folder is packed",
    file: "packages/cli/src/commands/submit/send-folder.ts",
    take: "  await berth.jobs.check({ ...request, archive: folder }, { signal: interrupts.first });\n",
    test: "packages/cli/test/folders.test.ts",
    title: "before anything of a folder",
  },
];
