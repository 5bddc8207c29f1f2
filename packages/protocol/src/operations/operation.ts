import type { z } from "zod";
import type { Route } from "../routes.ts";
import type { Permission } from "./permission.ts";

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
