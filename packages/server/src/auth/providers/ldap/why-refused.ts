/** What Active Directory adds to "invalid credentials", in hexadecimal, as its own documents name it. */
const REASONS: Readonly<Record<string, string>> = {
  "530": "not at this time of day",
  "531": "not from this computer",
  "532": "the password has expired",
  "533": "the account is disabled",
  "701": "the account has expired",
  "773": "the password has to be changed first",
  "775": "the account is locked out",
};

/**
 * Why Active Directory refuses somebody whose name and password it knows, as in `the account is disabled (533)`; null where the two do
 * not go together, or it says nothing of it.
 */
export function whyRefused(message: string): string | null {
  const code = /AcceptSecurityContext error, data ([0-9a-f]{1,8})\b/.exec(message)?.[1];
  const reason = code === undefined ? undefined : REASONS[code];
  return reason === undefined ? null : `${reason} (${code})`;
}
