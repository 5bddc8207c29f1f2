/** A whole commit id, of SHA-1 or SHA-256: what it stands for never changes. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** What no name of git holds: spaces, control characters, and what git's own words for revisions are made of. */
const forbidden = /[\p{Cc}\s~^:?*[\]\\]|\.\.|@\{|\/\/|\.$|\.lock(?:\/|$)|^\/|\/$|^[-+]|^@$|(?:^|\/)\./u;

/** Why a text can be neither branch, tag nor commit, as git has names; null where it can. */
export function whyNoRef(text: string): string | null {
  if (!forbidden.test(text)) return null;
  return "must be a branch, a tag or a whole commit id, as git writes them";
}
