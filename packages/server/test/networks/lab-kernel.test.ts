import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: what a host lacks to be played, because ${missing}`);

const asks = `const { whyNoPlay } = await import("${join(import.meta.dirname, "play-network.ts")}"); console.log(whyNoPlay())`;

/** What is said where that was done to what this one program sees of the host. */
function saidAfter(change: string): string {
  const script = `${change} && exec "$0" --input-type=module -e "$1"`;
  const words = ["--mount", "--propagation", "private", "/bin/sh", "-c", script, process.execPath, asks];
  return execFileSync("/usr/bin/unshare", words, { encoding: "utf8" }).trim();
}

describe.skipIf(missing !== null)("a host is not played, and tests say so and do not fail,", () => {
  it("where it has no IPv6", () => {
    expect(saidAfter("mount -t tmpfs none /proc/sys/net/ipv6")).toBe("this host has no IPv6");
  });

  it("where its kernel takes no table", () => {
    // The program ends as it does when the kernel says no.
    const said = saidAfter("mount --bind /bin/false /usr/sbin/nft");
    expect(said).toMatch(/^this kernel takes no tables of the family inet/);
  });

  it("but is where nothing was changed", () => {
    expect(saidAfter("true")).toBe("null");
  });
});
