/** What the system refused, in words, and how to mend it where that follows from it. */
export interface SystemReason {
  why: string;
  fix?: string;
}

const RIGHTS = "Let the user that the server runs as write there, or name another place";
const ROOM = "Make room on that disk, then try again";
const REASONS: Readonly<Record<string, SystemReason>> = {
  EACCES: { why: "the server's user may not do that", fix: RIGHTS },
  EPERM: { why: "the system does not permit it", fix: RIGHTS },
  EROFS: { why: "the file system is read-only", fix: "Mount it for writing, or name another place" },
  ENOSPC: { why: "the disk is full", fix: ROOM },
  EDQUOT: { why: "the share of the disk is used up", fix: ROOM },
  EIO: { why: "the disk fails", fix: "Look at the disk: the kernel's log says more" },
  ENOENT: { why: "a part of the path does not exist", fix: "Make it, or name another place" },
  ENOTDIR: { why: "a part of the path is no folder", fix: "Name another place" },
  EEXIST: { why: "something else is there already", fix: "Move it away, or name another place" },
  ELOOP: { why: "its links lead in a circle", fix: "Name another place" },
  EMFILE: { why: "the server has too many files open", fix: "Raise its limit of open files" },
  ENFILE: { why: "the host has too many files open", fix: "Raise the host's limit of open files" },
  ENOMEM: { why: "the host has no memory left", fix: "Make room in the host's memory" },
  EADDRINUSE: { why: "another program listens there", fix: "End that program, or choose another port" },
  EADDRNOTAVAIL: { why: "no interface of this host has that address", fix: "Choose an address of this host" },
  ENOTFOUND: { why: "there is no host of that name", fix: "Choose an address of this host" },
};

/** The reason in words, with the system's own word in brackets; else the error's own text. */
export function systemReason(error: unknown): SystemReason {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const known = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  if (known !== undefined) return { ...known, why: `${known.why} (${code})` };
  return { why: error instanceof Error ? error.message : String(error) };
}
