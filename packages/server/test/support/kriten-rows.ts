import { expect, it } from "vitest";
import type { ApiBench, Caller } from "./api-bench.ts";

/** A request as Kriten publishes it, and its answer. */
export interface KritenRow {
  /** As whom; null: nobody. Default: the administrator. */
  as?: Caller | null;
  sent?: unknown;
  headers?: Record<string, string>;
  status?: number;
  /** The whole body. */
  answer: unknown;
  /** How many rows a list says that it has. */
  count?: number;
}

export const kriten = "/kriten/api/v1";
export const mask = "************";

export function text(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
export const unixDate = text(
  /^(Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d UTC \d{4}$/,
);
export const uuid = text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const time = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** What a run of this task is answered. */
export function created(task: string): object {
  return { msg: "job created successfully", id: text(new RegExp(`^${task}-[a-z0-9]{5}$`)) };
}

export function error(said: unknown, more: object = {}): object {
  return { error: said, ...more };
}

/** Plays rows in order: what one makes, later ones find. Behind a request may stand in brackets what is special about it. */
export function play(use: () => ApiBench, rows: Readonly<Record<string, KritenRow>>): void {
  it.each(Object.entries(rows))("%s", async (request, row) => {
    const { as = "root", sent, headers = {}, status = 200, answer, count } = row;
    const [method, path] = request.replace(/ \(.*/, "").split(" ");
    const given = await use().call(`${method} ${kriten}${path}`, { as, body: sent, headers });
    const range = given.headers["content-range"];
    const many = count === undefined ? undefined : String(count);
    expect({ status: given.status, body: given.body, range }).toEqual({ status, body: answer, range: many });
  });
}
