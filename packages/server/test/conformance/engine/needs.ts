import type { Capabilities } from "@berth/protocol";
import { it } from "vitest";
import type { EngineBench } from "../../support/engine-bench.ts";

type Ability = {
  [Name in keyof Capabilities]: Capabilities[Name] extends boolean ? Name : never;
}[keyof Capabilities];

/** `it` for a test of something that an engine may be unable to do: skipped by what it declares, and loudly. */
export function needs({ engine }: EngineBench, ability: Ability): typeof it.skip {
  const isAble = engine.capabilities[ability];
  if (!isAble)
    console.log(`SKIPPED: 1 test of engine "${engine.name}", because capability ${ability} is false`);
  return it.skipIf(!isAble);
}
