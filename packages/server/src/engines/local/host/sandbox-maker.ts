import { release } from "node:os";
import { DEFAULT_RUNTIME, type SandboxMaker } from "../local-engine-options.ts";
import type { RuntimeKind } from "./runtime-kind.ts";

/** The first kernel that can restrict a mount by a call of its own. */
const LEAST_KERNEL = [5, 12] as const;

export interface ChosenMaker {
  maker: SandboxMaker;
  /** One clause. */
  why: string;
}

/** Who does, and why: an operator who names a runtime of theirs means that one. */
export function sandboxMakerOf(
  { sandboxMaker, runtime }: { sandboxMaker: SandboxMaker; runtime: string },
  { kind, kernel = release() }: { kind: RuntimeKind; kernel?: string },
): ChosenMaker {
  const byRuntime = (why: string) => ({ maker: "runtime", why }) as const;
  if (sandboxMaker === "runtime") return byRuntime("BERTH_SANDBOX_MAKER is runtime");
  if (runtime !== DEFAULT_RUNTIME) return byRuntime("BERTH_RUNTIME names another than the usual one");
  if (kind.name !== "crun") return byRuntime("the runtime does not bring the list of system calls");
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10));
  const isOld = major < LEAST_KERNEL[0] || (major === LEAST_KERNEL[0] && minor < LEAST_KERNEL[1]);
  if (isOld) return byRuntime(`this kernel is ${kernel}, older than ${LEAST_KERNEL.join(".")}`);
  return { maker: "berth", why: "BERTH_SANDBOX_MAKER is berth" };
}

/** The same as it is just now: Berth's own program takes the list of system calls from what the runtime made of it, once. */
export function makerNow(chosen: ChosenMaker, { hasFilter }: { hasFilter: boolean }): ChosenMaker {
  if (chosen.maker === "runtime" || hasFilter) return chosen;
  return {
    maker: "runtime",
    why: "it has not told how the kernel takes the list of system calls, without which Berth makes none itself",
  };
}
