import { randomInt } from "node:crypto";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 5;
const ALIAS = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?-[a-z0-9]{5}$/;

/** A name for a run of this task. Of many runs two may be given the same one: the store takes it once. */
export function newAlias(task: string): string {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]);
  return `${task}-${letters.join("")}`;
}

/** Whether a text can be one. */
export function isAlias(text: string): boolean {
  return ALIAS.test(text);
}
