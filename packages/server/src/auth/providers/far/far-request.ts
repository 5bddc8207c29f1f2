import { type Answer, send, type Sent } from "../../../outbound/send.ts";

export type FarRequest = Omit<Sent, "reach">;
export type FarAnswer = Answer;

/** Asks a server that the operator named, once: it may be anywhere, as most that know people are within a house. */
export function farRequest(asked: FarRequest): Promise<FarAnswer> {
  return send({ ...asked, reach: "anywhere" });
}
