import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "../../../lib/replace-file.ts";
import type { Addresses } from "./addresses.ts";
import { gatewayOf, whyNoRange } from "./host-look.ts";
import type { KernelSets } from "./kernel-sets.ts";
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
  for (const range of addresses.ranges) await helper.ask(`rules ${range} ${stamp}`);
}

export async function unguardRouting(helper: Asked, addresses: Addresses): Promise<void> {
  for (const range of addresses.ranges) await helper.ask(`unrule ${range} ${stamp}`);
  await lowerGateway(helper, addresses);
}

/** The link by which jobs leave. Who has it is seen by others to have the range. */
async function raiseGateway(helper: Asked, { server, gateway4 }: Addresses): Promise<void> {
  await helper.ask(`gateway ${gatewayOf(server)} ${hex(gateway4)}`);
}

async function lowerGateway(helper: Asked, { server }: Pick<Addresses, "server">): Promise<void> {
  await helper.ask(`ungate ${gatewayOf(server)}`);
}

const hex = (address: string): string => bytesOfAddress(address).toString("hex");
const word = (number: number): string => number.toString(16).padStart(8, "0");
const stamp = `${word(STAMP.value)} ${word(STAMP.mask)}`;

interface Claim {
  addresses: Addresses;
  /** The same, as the setting has it. */
  range: string;
  /** A file that is there while there may be something on the host, and says of which ranges. */
  mark: string;
}

/**
 * Since this server was started somebody may have come to have the range: what is made with the first container, or another
 * server. One that comes at this very moment looks as this one does, once it can be seen itself: at most one goes on.
 */
export async function claimRange(helper: Asked, { addresses, range, mark }: Claim): Promise<void> {
  const earlier = readMark(mark);
  if (earlier?.includes(addresses.ranges.join("\n"))) return;
  demandRange(range, addresses);
  mkdirSync(dirname(mark), { recursive: true, mode: 0o700 });
  // Jobs that go on with addresses of another range are guarded as long as they do: the next server looks again.
  const stays = earlier !== null && addresses.keepsOthers;
  if (earlier !== null && !stays) await leaveEarlier(helper, { server: addresses.server, mark });
  replaceFile(mark, [...addresses.ranges, ...(stays ? [earlier] : [])].join("\n"), { flush: true });
  try {
    await raiseGateway(helper, addresses);
    demandRange(range, addresses);
  } catch (error) {
    rmSync(mark, { force: true });
    await lowerGateway(helper, addresses);
    throw error;
  }
}

/** Takes away what an earlier server needed that had other ranges, or on a host that could hold networks then. */
export async function leaveEarlier(
  helper: Asked,
  { server, mark }: { server: string; mark: string },
): Promise<void> {
  const ranges = readMark(mark)?.split("\n") ?? [];
  for (const range of ranges) if (range !== "") await helper.ask(`unrule ${range} ${stamp}`);
  await lowerGateway(helper, { server });
  rmSync(mark, { force: true });
}

/** null where nothing is on the host. */
function readMark(mark: string): string | null {
  try {
    return readFileSync(mark, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function demandRange(range: string, { server }: Addresses): void {
  const taken = whyNoRange(range, server);
  if (taken) throw new Error(`Cannot give a job a network: ${taken.why}. ${taken.fix}`);
}
