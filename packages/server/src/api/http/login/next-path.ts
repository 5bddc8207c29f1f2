/** What leads back to a page is short. */
const LONGEST = 2000;
const HOME = "/";

/**
 * Where somebody goes on after a login: a path of ours, whatever was asked for. Browsers take `//host`, `/\host` and these with
 * tabs and line ends between for other hosts; what is not plainly a path of ours leads home.
 */
export function readNext(asked: unknown): string {
  if (typeof asked !== "string" || asked.length > LONGEST) return HOME;
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked)) return HOME;
  const here = "http://here.invalid";
  if (!URL.canParse(asked, here)) return HOME;
  const url = new URL(asked, here);
  // Dots may leave a path that begins with two slashes.
  const isOurs = url.origin === here && !url.pathname.startsWith("//");
  return isOurs ? url.pathname + url.search + url.hash : HOME;
}

/** Whatever the request was, what comes next is a GET. */
export const SEE_OTHER = 303;

export function loginPath(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}

export function passwordPath(next: string): string {
  return `/login/password?next=${encodeURIComponent(next)}`;
}

/** What stands in the address under this name, once. */
export function queryOf({ query }: { query: unknown }, name: string): string | undefined {
  const value = (query as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}
