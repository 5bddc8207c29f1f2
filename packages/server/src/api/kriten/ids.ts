import { foldName } from "../../core/access/fold-name.ts";
import type { Context } from "../../operations/context.ts";
import { derivedId, isDerivedId } from "./shape/derived-id.ts";

/** The account's own id; of one that is none (the administrator's token, say) one that its name gives. */
export function userId({ accounts }: Pick<Context, "accounts">, name: string): string {
  return accounts.find(name)?.id ?? derivedId("user", name);
}

/** However it is written: the same for all ways to write it. */
export function groupId(name: string): string {
  return derivedId("group", foldName(name));
}

export function roleId(name: string): string {
  return derivedId("role", name);
}

/** The name for an id of a user's; any other text is a name itself. An id comes before a name that looks like it. */
export function userNamed({ accounts }: Pick<Context, "accounts">, text: string): string {
  return accounts.all().find(({ id }) => id === text)?.name ?? text;
}

/** The name for an id of a group's; any other text is a name itself. */
export async function groupNamed({ store }: Pick<Context, "store">, text: string): Promise<string> {
  if (!isDerivedId(text)) return text;
  return (await store.groups.list()).find(({ key }) => groupId(key) === text)?.name ?? text;
}

/** The name for an id of a role's; any other text is a name itself. */
export function roleNamed({ roles }: Pick<Context, "roles">, text: string): string {
  if (!isDerivedId(text)) return text;
  return roles.all.find(({ name }) => roleId(name) === text)?.name ?? text;
}
