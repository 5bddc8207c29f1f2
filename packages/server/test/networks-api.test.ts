import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contact as ContactBody, Network } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFakeEngine } from "../src/engines/fake/engine.ts";
import { ApiBench } from "./support/api-bench.ts";

const defined = { db: { addresses: ["10.1.2.3:5432/tcp"] } };
const pypi = { domains: ["pypi.org", "*.pythonhosted.org"], ports: [443] };

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open(({ policy }) => ({
    policy: { ...policy, network: { defined, allowed: ["internet"], default: "none" } },
  }));
});
afterAll(() => api[Symbol.asyncDispose]());

type As = "root" | "ann";

async function names(as: As): Promise<[string, string, boolean][]> {
  const { items } = (await api.call("GET /api/v1/networks", { as })).body as { items: Network[] };
  return items.map(({ name, source, allowed }) => [name, source, allowed]);
}

const create = (name: string, spec: object, as: As = "root") =>
  api.call("POST /api/v1/networks", { as, body: { name, spec } });
const change = (name: string, spec: object, as: As = "root") =>
  api.call(`PUT /api/v1/networks/${name}`, { as, body: { spec } });
const remove = (name: string, as: As = "root") => api.call(`DELETE /api/v1/networks/${name}`, { as });
const submit = (body: object, as: As = "ann") =>
  api.call("POST /api/v1/jobs", { as, body: { command: "true", ...body } });
const failed = (status: number, code: string) => ({
  status,
  body: expect.objectContaining({ code }) as unknown,
});

describe("network profiles", () => {
  it("are listed by name with those of the server and of its file, and who may use them", async () => {
    expect(await names("ann")).toEqual([
      ["db", "file", false],
      ["internet", "built-in", true],
      ["none", "built-in", true],
    ]);
    expect((await names("root")).every(([, , allowed]) => allowed)).toBe(true);
  });

  it("are created, shown, changed and deleted", async () => {
    const created = await create("pypi", pypi);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: "pypi", source: "api", allowed: true, spec: pypi });
    const { digest } = created.body as Network;
    expect((await api.call("GET /api/v1/networks/pypi")).body).toMatchObject({ digest, allowed: false });
    const changed = await change("pypi", { ...pypi, ports: [443, 80] });
    expect(changed.body).toMatchObject({ spec: { ports: [443, 80] } });
    expect((changed.body as Network).digest).not.toBe(digest);
    expect(((await change("pypi", { ...pypi, description: "as before" })).body as Network).digest).toBe(
      digest,
    );
    expect((await remove("pypi")).status).toBe(204);
    expect(await remove("pypi")).toMatchObject(failed(404, "NETWORK_NOT_FOUND"));
    expect(await api.call("GET /api/v1/networks/pypi")).toMatchObject(failed(404, "NETWORK_NOT_FOUND"));
    expect(await change("pypi", pypi)).toMatchObject(failed(404, "NETWORK_NOT_FOUND"));
  });

  it("are an administrator's to change", async () => {
    for (const answer of [
      await create("mine", {}, "ann"),
      await change("db", {}, "ann"),
      await remove("db", "ann"),
    ])
      expect(answer).toMatchObject(failed(403, "FORBIDDEN"));
  });

  it("have names of their own, and only such as can be names", async () => {
    await create("taken", {});
    expect(await create("taken", {})).toMatchObject(failed(409, "NETWORK_EXISTS"));
    expect(await create("db", {})).toMatchObject(failed(409, "NETWORK_EXISTS"));
    expect(await create("internet", {})).toMatchObject(failed(400, "REQUEST_INVALID"));
    expect(await create("No Name", {})).toMatchObject(failed(400, "REQUEST_INVALID"));
    expect(await api.call("GET /api/v1/networks/No%20Name")).toMatchObject(failed(404, "NETWORK_NOT_FOUND"));
  });

  it("of the server and of its file stay as they are", async () => {
    for (const name of ["db", "internet", "none"]) {
      expect(await change(name, {})).toMatchObject(failed(409, "NETWORK_READ_ONLY"));
      expect(await remove(name)).toMatchObject(failed(409, "NETWORK_READ_ONLY"));
    }
  });

  it("are refused with every entry that nobody should rely on", async () => {
    const spec = {
      domains: ["*", "10.0.0.1", "a..b"],
      addresses: ["10.0.0.1", "8.8.8.8/24:1"],
      ports: [0],
      rate: "1",
    };
    const problemsOf = async (of: object) => {
      const { problems } = (await create("wrong", of)).body as { problems: { field: string }[] };
      return problems.map(({ field }) => field);
    };
    expect(await problemsOf(spec)).toEqual([
      "spec.domains[0]",
      "spec.domains[1]",
      "spec.domains[2]",
      "spec.ports[0]",
      "spec.rate",
    ]);
    expect(await problemsOf({ addresses: spec.addresses })).toEqual([
      "spec.addresses[0]",
      "spec.addresses[1]",
    ]);
  });

  it("take a thousand names and as many addresses, and no more", async () => {
    const domains = Array.from(
      { length: 1000 },
      (_, n) => `${"x".repeat(60)}.${"y".repeat(60)}.${n}.example.org`,
    );
    const addresses = Array.from({ length: 1000 }, (_, n) => `[2a00:${n}::1]:8000-9000/udp`);
    expect((await create("many", { domains, addresses })).status).toBe(201);
    const one = { domains: [...domains, "one.more"] };
    expect(await create("more", one)).toMatchObject(failed(400, "REQUEST_INVALID"));
  });
});

describe("a job with a network", () => {
  it("is refused where the profile is not there, or not its caller's to use", async () => {
    const unknown = await submit({ network: "nowhere" });
    expect(unknown).toMatchObject(failed(400, "NETWORK_UNKNOWN"));
    expect(unknown.text).toContain("known: db, internet,");
    const other = await submit({ network: "db" });
    expect(other).toMatchObject(failed(403, "NETWORK_NOT_ALLOWED"));
    expect(other.text).toContain('\\"ann\\" may not use network profile \\"db\\", only none, internet');
    expect(await submit({ observe: true })).toMatchObject(failed(400, "REQUEST_INVALID"));
  });

  it("is granted what the profile opens at that moment, which then cannot be deleted", async () => {
    await create("moving", pypi);
    const shown = await submit({ network: "moving", observe: true }, "root");
    expect([shown.status, shown.body]).toMatchObject([201, { network: "moving" }]);
    const { id } = shown.body as { id: string };
    await change("moving", { public: true });
    const job = await api.context.store.jobs.get(id);
    const rules = await api.context.store.networks.rules(job?.network?.digest ?? "");
    expect([job?.network?.observe, rules]).toMatchObject([true, { isPublic: false, domains: pypi.domains }]);
    const refused = await remove("moving");
    expect(refused).toMatchObject(failed(409, "NETWORK_IN_USE"));
    expect(refused.text).toContain(id);
    await api.jobs.move(id, "failed");
    expect((await remove("moving")).status).toBe(204);
    expect((await api.call(`GET /api/v1/jobs/${id}`, { as: "root" })).body).toMatchObject({
      network: "moving",
    });
  });

  it("has the network that the operator has set where it names none", async () => {
    await using other = await ApiBench.open(({ policy }) => ({
      policy: { ...policy, network: { defined, allowed: ["db"], default: "db" } },
    }));
    const shown = async (body: object) =>
      (await other.call("POST /api/v1/jobs", { body: { command: "true", ...body } })).body as {
        network: string;
      };
    expect(await shown({})).toMatchObject({ network: "db", spec: { command: "true" } });
    expect(await shown({ network: "none" })).toMatchObject({ network: "none" });
  });

  it("is refused by an engine that cannot hold its profile, never weakened", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "berth-networks-"));
    await using engine = await createFakeEngine({
      root: folder.path,
      capabilities: { networkProfiles: ["none", "internet", "connections"] },
    });
    await using other = await ApiBench.open(({ policy }) => ({
      engines: new Map([["fake", engine]]),
      policy: { ...policy, network: { defined, allowed: ["db", "internet"], default: "none" } },
    }));
    const answer = (network: string) =>
      other.call("POST /api/v1/jobs", { body: { command: "true", network } });
    expect((await answer("internet")).status).toBe(201);
    const refused = await answer("db");
    expect(refused).toMatchObject(failed(409, "NETWORK_UNAVAILABLE"));
    expect(refused.text).toContain('cannot hold the network profile \\"db\\": no \\"cidr\\"');
  });
});

describe("the contacts of a job", () => {
  it("are shown page by page to whom the job is shown", async () => {
    const job = await api.jobOf("running", { network: { name: "db", digest: "d", observe: true } });
    const contact = {
      name: null,
      address: "10.0.0.5",
      protocol: "tcp",
      packets: 1,
      firstAt: 0,
      lastAt: 1000,
    } as const;
    const contactRows = [
      { ...contact, port: 1, outcome: "refused", bytesOut: null, bytesIn: null } as const,
      { ...contact, port: 2, outcome: "reached", bytesOut: 10, bytesIn: 20 } as const,
    ];
    const contacts = { reached: 1, refused: 1, others: 0 };
    await api.context.store.jobs.transition(job.id, "succeeded", { at: 1, contacts, contactRows });
    expect((await api.call(`GET /api/v1/jobs/${job.id}`)).body).toMatchObject({ contacts });
    const path = `GET /api/v1/jobs/${job.id}/contacts`;
    const { items, next } = (await api.call(`${path}?limit=1`)).body as {
      items: ContactBody[];
      next: string;
    };
    expect(items).toMatchObject([{ port: 1, firstAt: "1970-01-01T00:00:00.000Z" }]);
    const rest = (await api.call(`${path}?cursor=${next}`)).body;
    expect(rest).toMatchObject({ items: [{ port: 2, bytesIn: 20 }], next: null });
    expect((await api.call(`${path}?outcome=reached`)).body).toMatchObject({ items: [{ port: 2 }] });
    expect(await api.call(`${path}?cursor=x`)).toMatchObject(failed(400, "CURSOR_INVALID"));
    expect(await api.call(path, { as: "bob" })).toMatchObject(failed(404, "JOB_NOT_FOUND"));
    const without = await api.jobOf("succeeded");
    const none = { items: [], next: null };
    expect((await api.call(`GET /api/v1/jobs/${without.id}/contacts`)).body).toEqual(none);
    expect((await api.call(`GET /api/v1/jobs/${without.id}`)).body).not.toHaveProperty("contacts");
  });
});
