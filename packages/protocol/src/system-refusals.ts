/** What a system refuses, in words that fit a client and a server; either adds how to mend it where it stands. */
export const systemRefusals = {
  EACCES: "this user may not do that",
  EPERM: "the system does not permit it",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the share of the disk is used up",
  EIO: "the device fails",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder",
  EEXIST: "it is there already",
  EFBIG: "the file may grow no larger",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  ENXIO: "nothing is at the other end",
  EMFILE: "too many files are open",
  ENFILE: "the host has too many files open",
  ENOMEM: "the host has no memory left",
  EADDRINUSE: "another program listens there",
  EADDRNOTAVAIL: "no interface of this host has that address",
  ENOTFOUND: "there is no host of that name",
} as const;

export type SystemRefusal = keyof typeof systemRefusals;

/** The system's own word for what it refused, as `ENOSPC`; null for what is no refusal of the system. */
export function refusalCode(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

export function isSystemRefusal(code: string | null): code is SystemRefusal {
  return code !== null && Object.hasOwn(systemRefusals, code);
}
