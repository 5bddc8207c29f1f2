import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import { HostServers, serversIn } from "./resolv-conf.ts";

const addresses = (text: string): string[] => serversIn(text).map(({ address }) => address);

it("names at most three servers, by their addresses", () => {
  const text =
    "# nameserver 9.9.9.9\nsearch a.b\n nameserver 10.0.0.1 \nnameserver\t::1\nnameserver host\nnameserver fe80::1%lo\nnameserver 1.1.1.1\n";
  expect(addresses(text)).toEqual(["10.0.0.1", "::1", "fe80::1%lo"]);
  expect(addresses("")).toEqual([]);
});

it("is read again when it has changed, is another file, or is gone", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "resolv.conf");
  const servers = new HostServers(path);
  const now = (): string[] => servers.now().map(({ address }) => address);
  expect(now()).toEqual([]);
  writeFileSync(path, "nameserver 10.0.0.1\n");
  expect(servers.now()).toEqual([{ address: "10.0.0.1", port: 53 }]);
  writeFileSync(`${path}.new`, "nameserver 10.0.0.2\n");
  renameSync(`${path}.new`, path);
  expect(now()).toEqual(["10.0.0.2"]);
  rmSync(path);
  expect(now()).toEqual([]);
});
