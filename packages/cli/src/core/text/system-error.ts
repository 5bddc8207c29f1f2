/** What the system refused, in words. `fix` is for whoever sits at this machine. */
export interface SystemReason {
  why: string;
  fix: string;
}

const RIGHTS = "Change who may do that, or name another file";
const REASONS: Readonly<Record<string, SystemReason>> = {
  ENOENT: { why: "it does not exist", fix: "Name one that is there" },
  EACCES: { why: "this user may not do that", fix: RIGHTS },
  EPERM: { why: "the system does not permit it", fix: RIGHTS },
  EISDIR: { why: "it is a folder", fix: "Name a file" },
  ENOTDIR: { why: "a part of the path is no folder", fix: "Name another path" },
  EEXIST: { why: "it is there already", fix: "Name another, or remove it" },
  ENOSPC: { why: "the disk is full", fix: "Make room there, or send it elsewhere" },
  EDQUOT: { why: "your share of the disk is used up", fix: "Make room there, or send it elsewhere" },
  EROFS: { why: "the file system is read-only", fix: "Send it elsewhere" },
  EFBIG: { why: "the file may grow no larger", fix: "Raise the limit of file sizes, or send it elsewhere" },
  EIO: { why: "the device fails", fix: "Send it elsewhere, and look at the device" },
  EMFILE: { why: "too many files are open", fix: "Raise the limit of open files" },
  ENAMETOOLONG: { why: "the name is too long", fix: "Name a shorter one" },
  ELOOP: { why: "its links lead in a circle", fix: "Name another path" },
  ENXIO: { why: "nothing is at the other end", fix: "Send it elsewhere" },
};

/** The reason in words, with the system's own in brackets; null for what is no refusal of the system. */
export function systemReason(error: unknown): SystemReason | null {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (!/^E[A-Z0-9]+$/.test(code)) return null;
  const known = REASONS[code];
  if (known === undefined)
    return { why: `the system says ${code}`, fix: "Look up what it means on this system" };
  return { why: `${known.why} (${code})`, fix: known.fix };
}
