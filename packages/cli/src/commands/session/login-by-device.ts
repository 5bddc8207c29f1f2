import { setTimeout as sleep } from "node:timers/promises";
import type { Berth, LoggedIn } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { printable } from "../../core/text/printable.ts";

const ASK_EVERY_MS = 2000;

/** Says where the login goes on, and waits for its end. */
export async function byDevice(
  berth: Berth,
  { provider, cli }: { provider: string; cli: Cli },
): Promise<LoggedIn> {
  const { id, userCode, verificationUri, verificationUriComplete } = await berth.sessions.beginDevice({
    provider,
  });
  const { err } = cli;
  await err.line(`Open ${printable(verificationUriComplete ?? verificationUri)}`);
  await err.line(`and check that it shows the code ${printable(userCode)}`);
  for (;;) {
    const login = await berth.sessions.collectDevice(id);
    if (login !== null) return login;
    await sleep(ASK_EVERY_MS);
  }
}
