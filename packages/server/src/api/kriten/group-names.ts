import type { Context } from "../../operations/context.ts";

/** How groups are written, by the key that they are kept under; a group that nobody made is its key. */
export async function groupNames({ store }: Pick<Context, "store">): Promise<(key: string) => string> {
  const names = new Map((await store.groups.list()).map(({ key, name }) => [key, name]));
  return (key) => names.get(key) ?? key;
}
