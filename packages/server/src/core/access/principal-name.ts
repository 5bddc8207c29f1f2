import { ownNames } from "../caller/principal.ts";
import { foldName } from "./fold-name.ts";

/** Longest common name that X.509 knows, in characters. */
const longestName = 64;
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
/** What leaves no mark, or none that all fonts know: fillers, selectors of variants, blank symbols, what is not assigned. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Co}\p{Cn}\u2800\u{1d159}]/u;
/** A space that only looks like the common one, or a second one behind it. */
const OTHER_SPACE = /(?! )\p{Zs}| {2}/u;

/** Why a principal cannot be a certificate's common name; null when it can. */
export function principalProblem(principal: string): string | null {
  if (principal === "") return "must not be empty";
  if (Array.from(principal).length > longestName) return `must be at most ${longestName} characters`;
  // What looks like another name, or would be read as one, must not become a name.
  if (CONTROL.test(principal) || !principal.isWellFormed()) return "must not hold control characters";
  if (INVISIBLE.test(principal) || OTHER_SPACE.test(principal)) {
    return "must not hold invisible characters, or any space but single common ones";
  }
  if (principal.trim() !== principal) return "must not begin or end with a space";
  return principal.normalize("NFC") === principal ? null : "must be in Unicode's normal form NFC";
}

/** Why no account can be called so, beyond what certificates say: its name stands in paths, where these lead elsewhere. */
export function accountNameProblem(name: string): string | null {
  if (name === "." || name === ".." || /[/\\]/.test(name)) return "must not be `.` or `..`, nor hold a slash";
  return givenNameProblem(name);
}

/** Why nobody can be given anything by this name: it is the server's own in some spelling, or no name. Null when somebody can. */
export function givenNameProblem(name: string): string | null {
  return ownNames.includes(foldName(name))
    ? "must not be a name of the server's own"
    : principalProblem(name);
}
