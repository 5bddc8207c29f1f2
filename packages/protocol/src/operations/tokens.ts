import { routes } from "../routes.ts";
import { createdToken, createTokenBody, listTokensQuery, token, tokenList } from "../schemas/access/token.ts";
import type { Operation } from "./operation.ts";

export const tokenOperations = {
  createToken: {
    ...routes.createToken,
    summary: "Make a token for a principal, which is shown once",
    permission: { resource: "tokens", verb: "create" },
    body: createTokenBody,
    success: { status: 201, body: createdToken },
  },
  listTokens: {
    ...routes.listTokens,
    summary: "List tokens, oldest first",
    permission: { resource: "tokens", verb: "list" },
    query: listTokensQuery,
    success: { status: 200, body: tokenList },
  },
  getToken: {
    ...routes.getToken,
    summary: "Show a token: whose it is, what for, and until when",
    permission: { resource: "tokens", verb: "read" },
    success: { status: 200, body: token },
  },
  deleteToken: {
    ...routes.deleteToken,
    summary: "Revoke a token: what is open by it ends too",
    permission: { resource: "tokens", verb: "delete" },
    success: { status: 204, body: null },
  },
} as const satisfies Record<string, Operation>;
