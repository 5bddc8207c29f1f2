import { join } from "node:path";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { cgroupNameOf } from "./cgroup-name.ts";
import type { EngineSubject } from "./engine-subject.ts";
import { sandboxMaker, subject as cold } from "./local-subject.ts";

/** The local engine with sandboxes that stand ready for the next jobs, which it looks over so often where that is said. */
function warm(lookOver: { lookOverEveryMs?: number }): EngineSubject {
  return {
    ...cold,
    name: "local, with sandboxes that wait",
    module: import.meta.url,
    open: (root) =>
      createLocalEngine({
        dataDir: join(root, "data"),
        cgroupName: cgroupNameOf(root),
        sandboxMaker,
        warmSandboxes: 4,
        ...lookOver,
      }),
  };
}

export const subject = warm({});
export const subjectThatLooksOften = warm({ lookOverEveryMs: 250 });
