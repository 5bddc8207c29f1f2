import { describe, expect, it } from "vitest";
import type { Contact } from "../../../src/core/network/contact.ts";
import { internetRules } from "../../../src/core/network/profile.ts";
import type { StoredNetwork } from "../../../src/store/store.ts";
import type { StoreBench } from "../../support/store-bench.ts";

function sampleNetwork(change: Partial<StoredNetwork> = {}): StoredNetwork {
  const spec = { domains: ["pypi.org"] };
  return { name: "pypi", digest: "d1", spec, createdAt: 1000, updatedAt: 1000, ...change };
}

function sampleContact(change: Partial<Contact> = {}): Contact {
  return {
    name: null,
    address: "10.0.0.5",
    protocol: "tcp",
    port: 5432,
    outcome: "refused",
    packets: 3,
    bytesOut: null,
    bytesIn: null,
    firstAt: 1000,
    lastAt: 2000,
    ...change,
  };
}

/** What a job of this profile has been granted. */
const granted = (name: string, digest: string) => ({ name, digest, observe: false });

export function describeNetworks(use: () => StoreBench): void {
  const networks = () => use().store.networks;

  describe("network profiles", () => {
    it("are found by name, once each, and listed by it", async () => {
      const pypi = sampleNetwork();
      expect(await networks().insert(pypi)).toBe(true);
      expect(await networks().insert({ ...pypi, digest: "other" })).toBe(false);
      expect(await networks().insert(sampleNetwork({ name: "db" }))).toBe(true);
      expect(await networks().get("pypi")).toEqual(pypi);
      expect(await networks().get("nowhere")).toBeNull();
      expect((await networks().list()).map(({ name }) => name)).toEqual(["db", "pypi"]);
    });

    it("change as a whole, and keep when they were created", async () => {
      await networks().insert(sampleNetwork({ name: "changing" }));
      const spec = { public: true };
      expect(await networks().update("changing", { spec, digest: "d2", at: 5000 })).toBe(true);
      const changed = sampleNetwork({ name: "changing", spec, digest: "d2", updatedAt: 5000 });
      expect(await networks().get("changing")).toEqual(changed);
      expect(await networks().update("nowhere", { spec, digest: "d2", at: 5000 })).toBe(false);
    });

    it("are deleted once", async () => {
      await networks().insert(sampleNetwork({ name: "leaving" }));
      expect(await networks().delete("leaving")).toBe(true);
      expect(await networks().delete("leaving")).toBe(false);
      expect(await networks().get("leaving")).toBeNull();
    });

    it("name the jobs that have not ended and use them", async () => {
      const network = granted("used", "used");
      const running = await use().insertIn("running", { network });
      const queued = await use().insert({ network });
      await use().insertIn("succeeded", { network });
      await use().insertIn("running", { network: granted("unused", "used") });
      expect(await networks().users("used", 5)).toEqual([running.id, queued.id].toSorted());
      expect(await networks().users("used", 1)).toHaveLength(1);
    });
  });

  describe("what a job was granted", () => {
    it("comes back with it, and stays for as long as a job names it", async () => {
      const network = { name: "kept", digest: "kept", observe: true };
      const first = await use().insert({ network }, { networkRules: internetRules });
      await use().insert({ network }, { networkRules: internetRules });
      expect((await use().store.jobs.get(first.id))?.network).toEqual(network);
      expect((await use().store.jobs.get((await use().insert()).id))?.network).toBeNull();
      // Of jobs that are gone; whoever changes a profile takes it away.
      const gone = await use().insert(
        { network: granted("gone", "gone") },
        { networkRules: { ...internetRules, connections: 1 } },
      );
      expect(await networks().rules("gone")).toMatchObject({ connections: 1 });
      await use().move(gone.id, "failed");
      await use().store.jobs.delete(gone.id);
      await networks().insert(sampleNetwork({ name: "sweeper" }));
      await networks().delete("sweeper");
      expect(await networks().rules("kept")).toEqual(internetRules);
      expect(await networks().rules("gone")).toBeNull();
    });
  });

  describe("contacts", () => {
    const page = { outcome: null, after: null, limit: 10 };

    it("are stored with the end of their job, in order, and go with it", async () => {
      const job = await use().insertIn("running", { network: granted("pypi", "d1") });
      const reached = sampleContact({
        name: "\ud800 pypi.org",
        address: "2606:4700::1",
        protocol: "udp",
        port: 443,
        outcome: "reached",
        bytesOut: 2 ** 40,
        bytesIn: 0,
      });
      const lookedUp = sampleContact({ name: "x.org", address: null, protocol: null, port: null });
      const contactRows = [reached, sampleContact(), lookedUp];
      const contacts = { reached: 1, refused: 6, others: 0 };
      const ended = await use().store.jobs.transition(job.id, "failed", { at: 3000, contacts, contactRows });
      expect(ended?.contacts).toEqual(contacts);
      expect((await use().store.jobs.get(job.id))?.contacts).toEqual(contacts);
      expect(await networks().contacts(job.id, page)).toEqual({ items: contactRows, next: null });
      const first = await networks().contacts(job.id, { ...page, limit: 2 });
      expect(first).toEqual({ items: contactRows.slice(0, 2), next: 1 });
      const second = await networks().contacts(job.id, { ...page, after: first.next, limit: 2 });
      expect(second).toEqual({ items: contactRows.slice(2), next: null });
      const refused = await networks().contacts(job.id, { ...page, outcome: "refused" });
      expect(refused.items.map(({ port }) => port)).toEqual([5432, null]);
      await use().store.jobs.delete(job.id);
      expect(await networks().contacts(job.id, page)).toEqual({ items: [], next: null });
    });

    it("are not stored where somebody else has ended the job", async () => {
      const job = await use().insertIn("succeeded");
      const late = {
        at: 3000,
        contacts: { reached: 0, refused: 1, others: 0 },
        contactRows: [sampleContact()],
      };
      expect(await use().store.jobs.transition(job.id, "failed", late)).toBeNull();
      expect(await networks().contacts(job.id, page)).toEqual({ items: [], next: null });
    });

    it("count in what their job takes", async () => {
      const endedAt = 2_000_000_000_000;
      const takes = async (contactRows: Contact[]): Promise<number> => {
        const job = await use().insertIn("running");
        const contacts = contactRows.length === 0 ? null : { reached: 0, refused: 1, others: 0 };
        await use().store.jobs.transition(job.id, "failed", { at: endedAt, endedAt, contacts, contactRows });
        const after = { id: "", endedAt: endedAt - 1 };
        const all = await use().store.jobs.finished({ endedBefore: endedAt + 1, limit: 10, after });
        await use().store.jobs.delete(job.id);
        return all.find(({ id }) => id === job.id)?.recordBytes ?? 0;
      };
      const none = await takes([]);
      const many = Array.from({ length: 300 }, (_, port) => sampleContact({ port: port + 1 }));
      expect((await takes(many)) - none).toBeGreaterThan(300 * 100);
    });
  });
}
