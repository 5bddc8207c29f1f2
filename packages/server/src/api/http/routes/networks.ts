import type { Network } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { viewContact } from "../../../core/job/job-view.ts";
import type { Context } from "../../../operations/context.ts";
import { createNetwork } from "../../../operations/networks/create-network.ts";
import { deleteNetwork } from "../../../operations/networks/delete-network.ts";
import { getNetwork } from "../../../operations/networks/get-network.ts";
import { listContacts } from "../../../operations/networks/list-contacts.ts";
import { listNetworks, type ShownNetwork } from "../../../operations/networks/list-networks.ts";
import { proposeNetwork } from "../../../operations/networks/propose-network.ts";
import { updateNetwork } from "../../../operations/networks/update-network.ts";
import { addOperation } from "../operation-route.ts";

export function addNetworks(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listNetworks", async ({ caller }) => ({
    items: (await listNetworks(context, { caller })).map(view),
  }));
  addOperation(app, "createNetwork", async ({ caller, body }) =>
    view(await createNetwork(context, { caller, ...body })),
  );
  addOperation(app, "proposeNetwork", ({ caller, body: { jobs } }) =>
    proposeNetwork(context, { caller, jobs }),
  );
  addOperation(app, "getNetwork", async ({ caller, params: { name } }) =>
    view(await getNetwork(context, { caller, name })),
  );
  addOperation(app, "updateNetwork", async ({ caller, params: { name }, body: { spec } }) =>
    view(await updateNetwork(context, { caller, name, spec })),
  );
  addOperation(app, "deleteNetwork", ({ caller, params: { name } }) =>
    deleteNetwork(context, { caller, name }),
  );

  addOperation(app, "listContacts", async ({ caller, params: { id }, query }) => {
    const { items, next } = await listContacts(context, { caller, id, filter: query });
    return { items: items.map(viewContact), next: next === null ? null : String(next) };
  });
}

function view({ name, source, allowed, digest, createdAt, updatedAt, spec }: ShownNetwork): Network {
  const times = { createdAt: isoOrNull(createdAt), updatedAt: isoOrNull(updatedAt) };
  return { name, source, allowed, digest, ...times, spec };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
