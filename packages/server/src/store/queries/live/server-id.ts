import { createHash, randomBytes } from "node:crypto";

/** Of 8 bytes. */
const LENGTH = 11;
const DOT = ".";

/**
 * Short, as each job that the server runs bears it. Where the database may be of servers with data folders of their own, it begins with
 * what its `folder` is known by.
 */
export function newServerId(folder: string | null = null): string {
  const random = randomBytes(8).toString("base64url");
  return folder === null ? random : `${shortOf(folder)}${DOT}${random}`;
}

/** How the ids of all servers of the same data folder begin; null for a server that has no other beside it. */
export function folderPrefixOf(serverId: string): string | null {
  return serverId[LENGTH] === DOT ? serverId.slice(0, LENGTH + DOT.length) : null;
}

function shortOf(folder: string): string {
  return createHash("sha256").update(folder).digest("base64url").slice(0, LENGTH);
}
