import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import type { Contact } from "../../../core/network/contact.ts";
import { closedRules } from "../../../core/network/profile.ts";
import { JobNames } from "./job-names.ts";
import { type Lookup, writeLookup } from "./lookups.ts";

const contact: Contact = {
  name: null,
  address: "11.0.0.1",
  protocol: "tcp",
  port: 443,
  outcome: "reached",
  packets: 3,
  bytesOut: 100,
  bytesIn: 200,
  firstAt: 10,
  lastAt: 20,
};
const lookup: Lookup = { at: 5, name: "a.org", type: "A", outcome: "answered", addresses: ["11.0.0.1"] };
const network = { name: "b7-1", address4: "10.88.1.1", address6: null };

/** On a host that can give no job a network. */
function namesNowhere(): JobNames {
  const networks = {
    lack: { why: "it has no nft", fix: "install it" },
    abilities: ["none"] as const,
    open: () => Promise.resolve(),
    gateway4: null,
    table: null,
    onMended: () => undefined,
  };
  return new JobNames({ networks, onNotice: () => undefined });
}

it("contacts bear the name that last led to their address, and names that were refused are among them", async () => {
  await using folder = tempFolder();
  const lookups = join(folder.path, "lookups");
  const asked: Lookup[] = [
    lookup,
    { ...lookup, at: 6, name: "b.org" },
    { ...lookup, at: 7, name: "tracker.org", outcome: "not-granted", addresses: [] },
    { ...lookup, at: 8, name: "tracker.org", type: "AAAA", outcome: "not-granted", addresses: [] },
    { ...lookup, at: 8, name: "inside.org", outcome: "closed", addresses: ["10.0.0.5"] },
    { ...lookup, at: 9, name: "none.org", outcome: "empty", addresses: [] },
  ];
  writeFileSync(lookups, asked.map(writeLookup).join(""));
  await using names = namesNowhere();
  const unknown = { ...contact, address: "11.0.0.9" };
  const { list, refused } = await names.named(
    { list: [contact, unknown], refused: 2, hasAsked: true },
    { network, lookups },
  );
  const untold = {
    protocol: null,
    port: null,
    outcome: "refused",
    packets: 1,
    bytesOut: null,
    bytesIn: null,
  };
  expect(list).toEqual([
    { ...contact, name: "b.org" },
    unknown,
    { ...untold, name: "tracker.org", address: null, packets: 2, firstAt: 7, lastAt: 8 },
    { ...untold, name: "inside.org", address: "10.0.0.5", firstAt: 8, lastAt: 8 },
  ]);
  expect(refused).toBe(5);
});

it("contacts of a job that asked for nothing are as they were", async () => {
  await using folder = tempFolder();
  await using names = namesNowhere();
  const contacts = { list: [contact], refused: 0 };
  expect(
    await names.named({ ...contacts, hasAsked: false }, { network, lookups: join(folder.path, "none") }),
  ).toEqual(contacts);
});

it("a job is not admitted where nobody can answer it, and to dismiss it is nothing", async () => {
  await using names = namesNowhere();
  const job = { network, granted: { digest: "one", rules: closedRules }, lookups: "/nowhere" };
  await expect(names.admit(job)).rejects.toThrow("This host can give no job a network");
  await names.dismiss(network);
});
