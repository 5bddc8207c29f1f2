import { exitCodes } from "../../core/exit-codes.ts";
import { oneName } from "./one-name.ts";
import type { NetworkAction } from "./network-action.ts";
import { readSpec } from "./read-spec.ts";
import { showNetwork } from "./show-network.ts";

export async function createNetwork(action: NetworkAction): Promise<number> {
  const name = oneName(action, "create");
  const spec = await readSpec(action);
  const berth = await action.cli.connectAsUser();
  await showNetwork(await berth.networks.create(name, spec), action);
  return exitCodes.ok.code;
}
