import { exitCodes } from "../../core/exit-codes.ts";
import { oneName } from "./one-name.ts";
import type { NetworkAction } from "./network-action.ts";
import { readSpec } from "./read-spec.ts";
import { showNetwork } from "./show-network.ts";

/** What no flag names stays as it is. */
export async function updateNetwork(action: NetworkAction): Promise<number> {
  const name = oneName(action, "update");
  const berth = await action.cli.connectAsUser();
  const { spec } = await berth.networks.get(name);
  await showNetwork(await berth.networks.update(name, await readSpec(action, spec)), action);
  return exitCodes.ok.code;
}
