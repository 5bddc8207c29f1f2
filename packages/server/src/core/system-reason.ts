import { isSystemRefusal, refusalCode, type SystemRefusal, systemRefusals } from "@berth/protocol";

/** What the system refused, in words, and how to mend it where that follows from it. */
export interface SystemReason {
  why: string;
  fix?: string;
}

const RIGHTS = "Let the user that the server runs as write there, or name another place";
const ROOM = "Make room on that disk, then try again";
const FIXES: Readonly<Partial<Record<SystemRefusal, string>>> = {
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EROFS: "Mount it for writing, or name another place",
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EIO: "Look at the disk: the kernel's log says more",
  ENOENT: "Make it, or name another place",
  ENOTDIR: "Name another place",
  EEXIST: "Move it away, or name another place",
  ELOOP: "Name another place",
  EMFILE: "Raise its limit of open files",
  ENFILE: "Raise the host's limit of open files",
  ENOMEM: "Make room in the host's memory",
  EADDRINUSE: "End that program, or choose another port",
  EADDRNOTAVAIL: "Choose an address of this host",
  ENOTFOUND: "Choose an address of this host",
};
/** Where it matters that it is the server that was refused. */
const OF_THE_SERVER: Readonly<Partial<Record<SystemRefusal, string>>> = {
  EACCES: "the server's user may not do that",
  ENOENT: "a part of the path does not exist",
  EEXIST: "something else is there already",
  EMFILE: "the server has too many files open",
};

/** The reason in words, with the system's own word in brackets; else the error's own text. */
export function systemReason(error: unknown): SystemReason {
  const code = refusalCode(error);
  if (!isSystemRefusal(code)) return { why: error instanceof Error ? error.message : String(error) };
  const why = `${OF_THE_SERVER[code] ?? systemRefusals[code]} (${code})`;
  const fix = FIXES[code];
  return fix === undefined ? { why } : { why, fix };
}
