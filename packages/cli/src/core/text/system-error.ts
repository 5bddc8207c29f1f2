import {
  isSystemRefusal,
  refusalCode,
  type SystemRefusal,
  systemRefusals,
} from "@berth/protocol/system-refusals";

/** What the system refused, in words. `fix` is for whoever sits at this machine. */
export interface SystemReason {
  why: string;
  fix: string;
}

const RIGHTS = "Change who may do that, or name another file";
const ROOM = "Make room there, or send it elsewhere";
const LOOK_UP = "Look up what it means on this system";
const FIXES: Readonly<Partial<Record<SystemRefusal, string>>> = {
  ENOENT: "Name one that is there",
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EISDIR: "Name a file",
  ENOTDIR: "Name another path",
  EEXIST: "Name another, or remove it",
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EROFS: "Send it elsewhere",
  EFBIG: "Raise the limit of file sizes, or send it elsewhere",
  EIO: "Send it elsewhere, and look at the device",
  EMFILE: "Raise the limit of open files",
  ENAMETOOLONG: "Name a shorter one",
  ELOOP: "Name another path",
  ENXIO: "Send it elsewhere",
};

/** The reason in words, with the system's own in brackets; null for what is no refusal of the system. */
export function systemReason(error: unknown): SystemReason | null {
  const code = refusalCode(error);
  if (code === null) return null;
  if (!isSystemRefusal(code)) return { why: `the system says ${code}`, fix: LOOK_UP };
  return { why: `${systemRefusals[code]} (${code})`, fix: FIXES[code] ?? LOOK_UP };
}
