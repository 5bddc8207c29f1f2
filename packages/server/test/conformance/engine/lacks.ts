import type { Capabilities } from "@berth/protocol";
import type { EngineBench } from "../../support/engine-bench.ts";

type Ability = {
  [Name in keyof Capabilities]: Capabilities[Name] extends boolean ? Name : never;
}[keyof Capabilities];

/** True for what an engine declares that it cannot do: for `it.skipIf`, and loudly. */
export function lacks({ engine }: EngineBench, ability: Ability): boolean {
  const isAble = engine.capabilities[ability];
  if (!isAble)
    console.log(`SKIPPED: 1 test of engine "${engine.name}", because capability ${ability} is false`);
  return !isAble;
}
