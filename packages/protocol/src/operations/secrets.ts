import { routes } from "../routes.ts";
import {
  createSecretBody,
  rotatedKey,
  secret,
  secretList,
  updateSecretBody,
} from "../schemas/access/secret.ts";
import type { Operation } from "./operation.ts";

export const secretOperations = {
  listSecrets: {
    ...routes.listSecrets,
    summary: "List secrets with their keys, by name; never what they hold",
    permission: { resource: "secrets", verb: "list" },
    success: { status: 200, body: secretList },
  },
  createSecret: {
    ...routes.createSecret,
    summary: "Keep a secret for jobs",
    permission: { resource: "secrets", verb: "create" },
    body: createSecretBody,
    success: { status: 201, body: secret },
  },
  rotateSecretKey: {
    ...routes.rotateSecretKey,
    summary: "Seal all secrets by a new master key",
    permission: { resource: "secrets", verb: "admin" },
    success: { status: 200, body: rotatedKey },
  },
  getSecret: {
    ...routes.getSecret,
    summary: "Show a secret's keys; never what they hold",
    permission: { resource: "secrets", verb: "read" },
    success: { status: 200, body: secret },
  },
  updateSecret: {
    ...routes.updateSecret,
    summary: "Set and delete keys of a secret, for jobs submitted from now on",
    permission: { resource: "secrets", verb: "update" },
    body: updateSecretBody,
    success: { status: 200, body: secret },
  },
  deleteSecret: {
    ...routes.deleteSecret,
    summary: "Delete a secret that no job waits for or has",
    permission: { resource: "secrets", verb: "delete" },
    success: { status: 204, body: null },
  },
} as const satisfies Record<string, Operation>;
