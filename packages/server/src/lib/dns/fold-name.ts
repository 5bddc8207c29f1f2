/** A name in the form in which two spellings of one are the same: lower case, without the dot at the end. */
export function foldName(name: string): string {
  // Only as DNS folds: other letters have small ones that are letters of ASCII.
  const lower = name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
