import { routes } from "../routes.ts";
import {
  createNetworkBody,
  network,
  networkList,
  proposedNetwork,
  proposeNetworkBody,
  updateNetworkBody,
} from "../schemas/network/profile.ts";
import type { Operation } from "./operation.ts";

const read = { resource: "networks", verb: "read" } as const;

export const networkOperations = {
  listNetworks: {
    ...routes.listNetworks,
    summary: "List network profiles, by name",
    permission: { resource: "networks", verb: "list" },
    success: { status: 200, body: networkList },
  },
  createNetwork: {
    ...routes.createNetwork,
    summary: "Define a network profile",
    permission: { resource: "networks", verb: "create" },
    body: createNetworkBody,
    success: { status: 201, body: network },
  },
  proposeNetwork: {
    ...routes.proposeNetwork,
    summary: "Propose the smallest profile that would have let jobs through; stores nothing",
    permission: { resource: "networks", verb: "create" },
    body: proposeNetworkBody,
    success: { status: 200, body: proposedNetwork },
  },
  getNetwork: {
    ...routes.getNetwork,
    summary: "Show a network profile",
    permission: read,
    success: { status: 200, body: network },
  },
  updateNetwork: {
    ...routes.updateNetwork,
    summary: "Change a network profile, for jobs submitted from now on",
    permission: { resource: "networks", verb: "update" },
    body: updateNetworkBody,
    success: { status: 200, body: network },
  },
  deleteNetwork: {
    ...routes.deleteNetwork,
    summary: "Delete a network profile that no job has any more",
    permission: { resource: "networks", verb: "delete" },
    success: { status: 204, body: null },
  },
} as const satisfies Record<string, Operation>;
