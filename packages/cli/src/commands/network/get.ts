import { exitCodes } from "../../core/exit-codes.ts";
import { oneName } from "./one-name.ts";
import type { NetworkAction } from "./network-action.ts";
import { showNetwork } from "./show-network.ts";

export async function getNetwork(action: NetworkAction): Promise<number> {
  const name = oneName(action, "get");
  const berth = await action.cli.connectAsUser();
  await showNetwork(await berth.networks.get(name), action);
  return exitCodes.ok.code;
}
