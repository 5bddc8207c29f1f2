/** The command line, or a file it names, is wrong: nothing was sent to a server. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** One sentence in the imperative: how to mend it. */
  readonly fix: string;

  constructor(message: string, fix: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.fix = fix;
  }
}
