import { cliReference } from "../generators/cli.ts";
import { configReference } from "../generators/config.ts";
import { errorReference } from "../generators/errors.ts";
import { generatedClient } from "../generators/generated-client.ts";
import { grpcMessages } from "../generators/grpc.ts";
import { limitReference } from "../generators/limits.ts";
import { openApiReference } from "../generators/openapi.ts";

/** Files that are made from the sources, committed, and checked to be what the sources say. */
export type Generator = {
  /** The generated files, as paths from the repository's root: a file name or a folder ending in "/". */
  owns: readonly string[];
  /** Writes the files below `root`, at the paths that `owns` names. */
  write(root: string): Promise<void>;
};

export const generators: readonly Generator[] = [
  cliReference,
  configReference,
  errorReference,
  grpcMessages,
  limitReference,
  openApiReference,
  generatedClient,
];
