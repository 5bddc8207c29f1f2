/** The command line, or a file it names, is wrong: nothing was sent to a server. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** One sentence in the imperative: how to mend it. */
  readonly fix: string;
  /** What there is to choose from, below the sentence. */
  readonly lines: readonly string[];

  constructor(message: string, fix: string, options: { cause?: unknown; lines?: readonly string[] } = {}) {
    const { lines = [], ...rest } = options;
    super(message, rest);
    this.fix = fix;
    this.lines = lines;
  }
}
