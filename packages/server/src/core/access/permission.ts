import { type Permission, verbs } from "@berth/protocol";

export type Resource = Permission["resource"];
export type Verb = Permission["verb"];

/** Each verb as one bit, so that what a role allows on a resource is one number. */
const bits = Object.fromEntries(verbs.map((verb, n) => [verb, 1 << n])) as Record<Verb, number>;

export function bitOf(verb: Verb): number {
  return bits[verb];
}

export function bitsOf(list: readonly Verb[]): number {
  return list.reduce((all, verb) => all | bits[verb], 0);
}
