import { randomBytes } from "node:crypto";

/** Short, as each job that the server runs bears it. */
export function newServerId(): string {
  return randomBytes(8).toString("base64url");
}
