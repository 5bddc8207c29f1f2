/**
 * Whether a path matches a pattern in which `*` stands for any part of a name and `**`, as a whole name, for any
 * number of folders. Never backtracks further than one star, so that no pattern is slow.
 */
export function matchPath(pattern: string, path: string): boolean {
  return matchSequence(pattern.split("/"), path.split("/"), { star: "**", equal: matchName });
}

/** Whether a pattern has to be searched for, or names one path. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes("*");
}

function matchName(pattern: string, name: string): boolean {
  return matchSequence(pattern.split(""), name.split(""), { star: "*", equal: (a, b) => a === b });
}

interface Rules {
  star: string;
  equal: (pattern: string, item: string) => boolean;
}

/** The classic wildcard walk: on a mismatch the last star takes one item more. */
function matchSequence(
  pattern: readonly string[],
  items: readonly string[],
  { star, equal }: Rules,
): boolean {
  let [p, i, lastStar, taken] = [0, 0, -1, 0];
  while (i < items.length) {
    const wanted = pattern[p];
    if (wanted === star) {
      lastStar = p;
      taken = i;
      p += 1;
    } else if (wanted !== undefined && equal(wanted, items[i] ?? "")) {
      p += 1;
      i += 1;
    } else if (lastStar >= 0) {
      p = lastStar + 1;
      taken += 1;
      i = taken;
    } else {
      return false;
    }
  }
  while (pattern[p] === star) p += 1;
  return p === pattern.length;
}
