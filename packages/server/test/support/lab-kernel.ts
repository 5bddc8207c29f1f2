import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const NFT = "/usr/sbin/nft";
const table = `table inet lab {
  chain any {
    type filter hook forward priority filter; policy accept;
  }
}
`;

/** Why this host's kernel has no networks for tests to play with; null where it has, and where nobody may ask it. */
export function whyNoLabKernel(): string | null {
  if (!existsSync("/proc/sys/net/ipv6/conf")) return "this host has no IPv6";
  if (process.getuid?.() !== 0 || !existsSync(NFT)) return null;
  const asked = spawnSync("/usr/bin/unshare", ["--net", NFT, "-c", "-f", "-"], {
    input: table,
    encoding: "utf8",
  });
  if (asked.status === 0) return null;
  return `this kernel takes no tables of the family inet: ${asked.stderr.split("\n", 1).join("")}`;
}
