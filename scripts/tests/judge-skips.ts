import { type AllowedSkip, allowedSkips, type Host, thisHost } from "./allowed-skips.ts";

export interface SkippedTest {
  /** From the root of the repository. */
  file: string;
  title: string;
}

export interface JudgedSkips {
  /** Lines to print about what this host cannot have. */
  allowed: string[];
  /** Lines to print about what should have run; none of them means that everything did. */
  refused: string[];
}

/** Tells skipped tests that this host cannot run from those that somebody could have run here, and did not. */
export function judgeSkips(
  skipped: readonly SkippedTest[],
  { host = thisHost, rows = allowedSkips }: { host?: Host; rows?: readonly AllowedSkip[] } = {},
): JudgedSkips {
  const allowed = new Map<string, number>();
  const refused = new Map<string, number>();
  for (const test of skipped) {
    const row = rows.find((each) => isAbout(each, test) && each.holds(host));
    const [lines, line] = row
      ? [allowed, `of ${test.file}, because ${row.because}`]
      : [refused, `of ${test.file}`];
    lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  return { allowed: linesOf("SKIPPED", allowed), refused: linesOf("NOT RUN", refused) };
}

function isAbout({ file, title }: AllowedSkip, test: SkippedTest): boolean {
  return test.file.includes(file) && (title === undefined || title.test(test.title));
}

function linesOf(word: string, found: ReadonlyMap<string, number>): string[] {
  return [...found].map(([what, count]) => `${word}: ${count} ${count === 1 ? "test" : "tests"} ${what}`);
}
