import { join } from "node:path";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { cgroupNameOf } from "./cgroup-name.ts";
import type { EngineSubject } from "./engine-subject.ts";
import { sandboxMaker, subject as cold } from "./local-subject.ts";

/** The local engine with sandboxes that stand ready for the next jobs. */
export const subject: EngineSubject = {
  ...cold,
  name: "local, with sandboxes that wait",
  module: import.meta.url,
  open: (root) =>
    createLocalEngine({
      dataDir: join(root, "data"),
      cgroupName: cgroupNameOf(root),
      sandboxMaker,
      warmSandboxes: 4,
    }),
};
