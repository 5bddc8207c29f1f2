/** A test that passed, though not at its first try. */
export interface SecondTry {
  /** From the root of the repository. */
  file: string;
  title: string;
  /** What went wrong at the first try. */
  fault: string;
}

export interface JudgedSecondTries {
  lines: string[];
  areTooMany: boolean;
}

/** How many tests of this run may pass at their second try: BERTH_TEST_SECOND_TRIES, none unless given. */
export function secondTriesAllowed(env: NodeJS.ProcessEnv = process.env): number {
  return Number(env["BERTH_TEST_SECOND_TRIES"] ?? 0);
}

/**
 * Names every test that needed a second try, with what went wrong at its first. One or two in five thousand may be the host's
 * doing; more of them are no chance, and fail the run.
 */
export function judgeSecondTries(tries: readonly SecondTry[], allowed: number): JudgedSecondTries {
  const lines = tries.map(
    ({ file, title, fault }) => `SECOND TRY: ${file}: "${title}" failed at first: ${firstLine(fault)}`,
  );
  const areTooMany = tries.length > allowed;
  if (!areTooMany) return { lines, areTooMany };
  const why = `FAILED: ${tries.length} tests needed a second try, and ${allowed} may: find out what each of them hangs on`;
  return { lines: [...lines, why], areTooMany };
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
