import { type Addresses, text4 } from "./addresses.ts";
import type { KernelSets } from "./kernel-sets.ts";
import { gatewayOf } from "./host-look.ts";
import { bytesOfAddress } from "./place-network.ts";
import { STAMP } from "./ruleset.ts";

type Asked = Pick<KernelSets, "ask">;

/**
 * What the host's own routing needs: a link without ports that has the address by which jobs leave, and rules by which
 * nothing that comes from a job's address is led on unless the table has stamped it. Where somebody takes the table away,
 * nothing of a job leaves this host.
 */
export async function guardRouting(helper: Asked, addresses: Addresses): Promise<void> {
  await raiseGateway(helper, addresses);
  for (const range of rangesOf(addresses)) await helper.ask(`rules ${range} ${stamp}`);
}

export async function unguardRouting(helper: Asked, addresses: Addresses): Promise<void> {
  for (const range of rangesOf(addresses)) await helper.ask(`unrule ${range} ${stamp}`);
  await lowerGateway(helper, addresses);
}

/** The link by which jobs leave. Who has it is seen by others to have the range. */
export async function raiseGateway(helper: Asked, { server, gateway4 }: Addresses): Promise<void> {
  await helper.ask(`gateway ${gatewayOf(server)} ${hex(gateway4)}`);
}

export async function lowerGateway(helper: Asked, { server }: Addresses): Promise<void> {
  await helper.ask(`ungate ${gatewayOf(server)}`);
}

const hex = (address: string): string => bytesOfAddress(address).toString("hex");
const word = (number: number): string => number.toString(16).padStart(8, "0");
const stamp = `${word(STAMP.value)} ${word(STAMP.mask)}`;

function rangesOf({ range4, range6 }: Addresses): string[] {
  const own = [`${hex(text4(range4.first))} ${range4.prefix}`];
  return range6 === null ? own : [...own, `${hex(range6.replace("/64", ""))} 64`];
}
