import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Addresses } from "./addresses.ts";
import { lowerGateway, raiseGateway } from "./guard.ts";
import { whyNoRange } from "./host-look.ts";
import type { KernelSets } from "./kernel-sets.ts";

interface Claim {
  addresses: Addresses;
  /** The same, as the setting has it. */
  range: string;
  /** A file that is there while there may be something on the host. */
  mark: string;
}

/**
 * Since this server was started somebody may have come to have the range: what is made with the first container, or another
 * server. One that comes at this very moment looks as this one does, once it can be seen itself: at most one goes on.
 */
export async function claimRange(helper: KernelSets, { addresses, range, mark }: Claim): Promise<void> {
  if (existsSync(mark)) return;
  demandRange(range, addresses);
  mkdirSync(dirname(mark), { recursive: true, mode: 0o700 });
  writeFileSync(mark, "", { flush: true });
  try {
    await raiseGateway(helper, addresses);
    demandRange(range, addresses);
  } catch (error) {
    rmSync(mark, { force: true });
    await lowerGateway(helper, addresses);
    throw error;
  }
}

function demandRange(range: string, { server }: Addresses): void {
  const taken = whyNoRange(range, server);
  if (taken) throw new Error(`Cannot give a job a network: ${taken.why}. ${taken.fix}`);
}
