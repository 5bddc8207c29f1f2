import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { openApiReference } from "./openapi.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "..", "..");
const types = "e2e/generated-client/gen/api.ts";

/** The types that a generator nobody here wrote makes of the OpenAPI document: what a user of it would get. */
export const generatedClient = {
  owns: [types],
  async write(root: string): Promise<void> {
    await openApiReference.write(root);
    const path = join(root, types);
    await mkdir(dirname(path), { recursive: true });
    const program = join(repository, "e2e/generated-client/node_modules/openapi-typescript/bin/cli.js");
    await run(process.execPath, [program, join(root, "docs/reference/openapi.json"), "--output", path]);
  },
};
