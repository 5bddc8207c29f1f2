import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "..", "..");
const contract = join("packages", "protocol");

/** The messages and services of gRPC, from the files below packages/protocol/proto. */
export const grpcMessages = {
  owns: ["packages/protocol/src/gen/"],
  async write(root: string): Promise<void> {
    const buf = join(repository, "node_modules", ".bin", "buf");
    await run(buf, ["generate", "--clean", "--output", join(root, contract)], {
      cwd: join(repository, contract),
    });
  },
};
