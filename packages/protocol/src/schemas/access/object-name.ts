import { z } from "zod";

const text = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const parts = /^(?=.{1,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Whether a text can be the name of what people name themselves: a label as DNS has it. Such a name needs no escape anywhere. */
export function isObjectName(name: string): boolean {
  return text.test(name);
}

export const objectName = z.string().regex(text, {
  error: "must be 1 to 63 letters a-z, digits and -, with a letter or digit at both ends",
});

/** Whether a text can be the name of a runner, a task, a schedule, a webhook or a secret: labels with dots between them. */
export function isDefinedName(name: string): boolean {
  return parts.test(name);
}

export const definedName = z.string().regex(parts, {
  error:
    "must be 1 to 63 letters a-z, digits, - and ., with a letter or digit at both ends and beside each dot",
});
