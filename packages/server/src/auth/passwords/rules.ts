import { foldName } from "../../core/access/fold-name.ts";

const SHORTEST = 12;
const LONGEST = 256;
const FEWEST_DIFFERENT = 5;

/** What people choose first, without the figures and signs around it. */
const usual: ReadonlySet<string> = new Set(
  (
    "abc abcd abcdef abcdefg abcdefgh account admin administrator adminadmin asdf asdfgh asdfghjkl baseball berth " +
    "berthberth changeit changeme company default football geheim hello helloworld iloveyou letmein letmeinplease " +
    "login master monkey mypassword mysecret newpassword passpass password passwordpassword passwort princess " +
    "qwer qwert qwerty qwertyqwerty qwertyuiop qwertz qwertzuiop root secret secretpassword server starwars summer " +
    "sunshine superman superuser supersecret temporary test testing testtest thisisapassword trustno welcome " +
    "welcomeback whatever winter spring autumn zxcvbn zxcvbnm"
  ).split(" "),
);

/** How people write letters where a rule wants figures. */
const meant: Readonly<Record<string, string>> = {
  "@": "a",
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  $: "s",
  "7": "t",
};

/** What lies side by side on a keyboard. */
const rows = [
  "012345678901234567890",
  "09876543210987654321",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
];
const OTHER = /[^\p{L}]/gu;

/**
 * Why this is no password for somebody of this name; null when it is one. Length counts, and that nobody guesses it in
 * the first thousand tries; which characters it is made of does not.
 */
export function passwordProblem(password: string, name: string): string | null {
  const length = Array.from(password).length;
  if (length < SHORTEST) return `must be at least ${SHORTEST} characters`;
  if (length > LONGEST) return `must be at most ${LONGEST} characters`;
  if (!password.isWellFormed()) return "must not hold half a surrogate pair";
  if (new Set(password).size < FEWEST_DIFFERENT)
    return `must hold at least ${FEWEST_DIFFERENT} different characters`;
  const folded = foldName(password);
  const rest = folded.replaceAll(foldName(name), "");
  if (rest.length < folded.length && rest.length < SHORTEST - 4) return "must be more than the name";
  return isUsual(folded) ? "must not be one that many people choose" : null;
}

function isUsual(folded: string): boolean {
  if (rows.some((row) => row.includes(folded)) || usual.has(folded.replaceAll(OTHER, ""))) return true;
  const text = folded.replace(/^[^\p{L}]+/u, "");
  const spelled = Array.from(text, (char) => meant[char] ?? char).join("");
  const hasLetters = /\p{L}/u;
  for (const word of usual) {
    if (spelled.startsWith(word) && !hasLetters.test(text.slice(word.length))) return true;
  }
  return false;
}
