import type { z } from "zod";
import type { Route } from "../routes.ts";

/** The nouns of the contract, as roles name them. */
export const resources = ["jobs", "uploads", "certificates", "engines", "server"] as const;

/** What can be done to them, as roles name it. */
export const verbs = [
  "read",
  "list",
  "create",
  "update",
  "delete",
  "execute",
  "stop",
  "open",
  "admin",
] as const;

/** What a caller must be allowed to do. Deny is the default; owners may act on what is theirs. */
export interface Permission {
  resource: (typeof resources)[number];
  verb: (typeof verbs)[number];
}

/** One thing a user can do over REST. The server's routes, the SDK and the OpenAPI document come from here. */
export interface Operation extends Route {
  summary: string;
  /** null: open to everybody (health and documents only). */
  permission: Permission | null;
  query?: z.ZodType;
  body?: z.ZodType;
  /** HTTP status of success, with its body; null where the body is a stream or empty. */
  success: { status: number; body: z.ZodType | null; mediaTypes?: readonly string[] };
}
