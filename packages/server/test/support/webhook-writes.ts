import { createHmac } from "node:crypto";
import type { OperationName } from "@berth/protocol";
import type { ApiBench } from "./api-bench.ts";
import { deliveryWrites } from "./delivery-writes.ts";

type Writes = Partial<Record<OperationName, () => Promise<string>>>;

const key = Buffer.from("A".repeat(32), "base64");

/** How webhooks of a task "hello" are changed and called, and what is sent when jobs end is sent again, in an order in which all of it can be; each tells what it acted on. */
export function webhookWrites(
  call: (request: string, body?: object) => Promise<unknown>,
  api: () => ApiBench,
): Writes {
  const name = "pushed";
  const path = "/api/v1/webhooks";
  const after = async (answer: Promise<unknown>): Promise<string> => (await answer, name);
  return {
    ...deliveryWrites(call, api),
    async createWebhook() {
      await call("POST /api/v1/secrets", {
        name: "hook",
        values: { key: `whsec_${key.toString("base64")}` },
      });
      return await after(call(`POST ${path}`, { name, spec: { task: "hello", secret: "hook" } }));
    },
    async runWebhook() {
      const headers = signed("{}");
      const { body } = await api().call(`POST ${path}/${name}/run`, { as: null, body: "{}", headers });
      return (body as { job: string }).job;
    },
    updateWebhook: () => after(call(`PATCH ${path}/${name}`, { spec: { description: "on push" } })),
    rollBackWebhook: () => after(call(`POST ${path}/${name}/rollback`, { version: 1 })),
    deleteWebhook: () => after(call(`DELETE ${path}/${name}`)),
  };
}

function signed(body: string): Record<string, string> {
  const [id, time] = ["msg_1", String(Math.floor(Date.now() / 1000))];
  const signature = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": `v1,${signature}` };
}
