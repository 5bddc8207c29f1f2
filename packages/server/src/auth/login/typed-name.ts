import { foldName } from "../../core/access/fold-name.ts";

/** Of a folded name: some characters fold to eighteen others. */
const LONGEST = 256;
/** What nobody sees, and directories pass over: nobody is called so. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;

/**
 * The name that somebody means who types this one. Directories pass over spaces around a name, and over what cannot be
 * seen in it; with each spelling as a name of its own, passwords could be guessed as often as there are spellings. Null for
 * what is nobody's name.
 */
export function readTypedName(typed: string): string | null {
  const name = typed.normalize("NFC").replace(/\s+/gu, " ").trim();
  const isNobody = name === "" || UNSEEN.test(name) || foldName(name).length > LONGEST;
  return isNobody ? null : name;
}
