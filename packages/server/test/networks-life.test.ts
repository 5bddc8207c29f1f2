import type { ContactList, ProposedNetwork } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcessServer({
    BERTH_NETWORKS: '{db: {addresses: ["10.0.0.5:5432"]}, watched: {public: true, observe: true}}',
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const script = [
  "reach=tcp,1.1.1.1,443,one.example.org",
  "refuse=tcp,10.0.0.6,5432",
  "refuse=tcp,10.0.0.6,5432",
  "refuse=udp,fd00::53,53",
  "exit=0",
];

async function ended(spec: { network?: string; observe?: boolean }, args: readonly string[] = script) {
  const { id } = await server.api.submit({ command: "fake", args: [...args], ...spec });
  const job = await server.api.end(id);
  const answer = await server.api.request(`/api/v1/jobs/${id}/contacts`);
  return { job, contacts: (await answer.json()) as ContactList };
}

it("says in a job's record what its profile refused it, whatever it ended with", async () => {
  const { job, contacts } = await ended({ network: "db" });
  expect(job).toMatchObject({
    state: "succeeded",
    network: "db",
    contacts: { reached: 0, refused: 3, others: 0 },
    cause: {
      code: "exit",
      evidence: {
        networkRefused:
          '2 attempts to 10.0.0.6:5432 and 1 attempt to [fd00::53]:53/udp were refused by the network profile "db"',
      },
    },
  });
  expect(contacts).toMatchObject({
    items: [
      { outcome: "refused", address: "10.0.0.6", port: 5432, packets: 2, bytesOut: null },
      { outcome: "refused", address: "fd00::53", port: 53, protocol: "udp" },
    ],
    next: null,
  });
});

it("records what was reached where the job or its profile asks for it", async () => {
  const reached = { outcome: "reached", address: "1.1.1.1", port: 443, name: "one.example.org" };
  for (const spec of [{ network: "db", observe: true }, { network: "watched" }]) {
    const { job, contacts } = await ended(spec);
    expect(job).toMatchObject({ contacts: { reached: 1, refused: 3, others: 0 } });
    expect(contacts.items.at(-1)).toMatchObject(reached);
  }
  const { job } = await ended({ network: "watched", observe: false });
  expect(job).toMatchObject({ contacts: { reached: 0, refused: 3 } });
});

it("keeps a thousand destinations one by one, and counts the others", async () => {
  const many = Array.from({ length: 1200 }, (_, n) => `refuse=tcp,10.1.${n >> 8}.${n & 255},1`);
  const { job, contacts } = await ended({ network: "db" }, [...many, "exit=0"]);
  expect(job).toMatchObject({ contacts: { reached: 0, refused: 1200, others: 200 } });
  expect(contacts.items).toHaveLength(200);
});

it("tells nothing of a job that reached nothing and was refused nothing, or has no network", async () => {
  for (const spec of [{ network: "db" }, {}]) {
    const { job, contacts } = await ended(spec, ["exit=0"]);
    expect(job).not.toHaveProperty("contacts");
    expect(contacts).toEqual({ items: [], next: null });
  }
});

it("proposes the smallest profile that would have let jobs do what they did and tried", async () => {
  const propose = async (jobs: string[]) => {
    const answer = await server.api.request("/api/v1/networks/propose", {
      method: "POST",
      body: JSON.stringify({ jobs }),
    });
    return { status: answer.status, body: (await answer.json()) as ProposedNetwork & { code: string } };
  };
  const { job: seen } = await ended({ network: "watched" });
  const { status, body } = await propose([seen.id]);
  expect([status, body.spec]).toEqual([
    200,
    {
      domains: ["one.example.org"],
      ports: [443],
      protocols: ["tcp"],
      addresses: ["10.0.0.6:5432/tcp", "[fd00::53]:53/udp"],
    },
  ]);
  // What is proposed can be defined as it is.
  const create = { name: "proposed", spec: body.spec };
  const made = await server.api.request("/api/v1/networks", { method: "POST", body: JSON.stringify(create) });
  expect(made.status).toBe(201);
  const { job: unseen } = await ended({ network: "db" });
  expect((await propose([unseen.id])).body.notes).toContain(
    `Job ${unseen.id} was not observed: only what it was refused is known`,
  );
  const { job: idle } = await ended({ network: "watched" }, ["exit=0"]);
  expect(await propose([idle.id])).toMatchObject({ status: 409, body: { code: "NETWORK_NOTHING_SEEN" } });
  const nobodys = "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7";
  expect(await propose([seen.id, nobodys])).toMatchObject({ status: 404, body: { code: "JOB_NOT_FOUND" } });
});
