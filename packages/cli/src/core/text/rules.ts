import type { Rules } from "@berth/sdk";
import { UsageError } from "../usage-error.ts";

/** A rule as people write it: 'read,list jobs *'. What verbs and resources there are is the server's to say. */
export function readRule(text: string): Rules[number] {
  const [verbs, resource, names, ...more] = text.trim().split(/\s+/);
  if (verbs === undefined || resource === undefined || names === undefined || more.length > 0)
    throw new UsageError(
      `Cannot read the rule "${text}"`,
      "Write verbs, a resource and names: 'read,list jobs *'",
    );
  const rule = { verbs: verbs.split(","), resource, names: names.split(",") };
  return rule as unknown as Rules[number];
}

/** The same the other way. */
export function writeRule({ verbs, resource, names }: Rules[number]): string {
  return `${verbs.join(",")} ${resource} ${names.join(",")}`;
}
