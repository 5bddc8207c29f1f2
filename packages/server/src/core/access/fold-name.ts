/**
 * The key of a name: names with one key are one account's, however they are written. Upper case first: it is the
 * direction in which `ß` and `SS`, `ς` and `σ` meet.
 */
export function foldName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
