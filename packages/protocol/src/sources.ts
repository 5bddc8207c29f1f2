/**
 * Where a job's code comes from. A job has exactly one source, and the field that bears its name tells which. A new
 * source is a name here with its form in `Source`, a member in `schemas/job-spec.ts`, and what the server makes of it:
 * whoever reads a source is then told by its types to read the new one too.
 */
export const sourceNames = ["command"] as const;

export type SourceName = (typeof sourceNames)[number];

/** A program on the host's toolchain. */
export interface CommandSource {
  command: string;
  args: readonly string[];
}

export type Source = { kind: "command" } & CommandSource;

/** The source of a spec, as it was submitted or as it is shown. */
export function sourceOf({ command, args }: CommandSource): Source {
  return { kind: "command", command, args };
}

/** A source as one line for people: what a list shows of a job. */
export function sourceLine(spec: CommandSource): string {
  const source = sourceOf(spec);
  switch (source.kind) {
    case "command":
      return [source.command, ...source.args].join(" ");
    default:
      return source.kind satisfies never;
  }
}
