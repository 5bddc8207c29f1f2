import type { RunnerSpec } from "@berth/protocol";
import { secretMask } from "@berth/protocol";

/** What Kriten fetches where nothing is said. */
export const USUAL_BRANCH = "main";

/** How an image is remembered that is not run: where the operator has it passed over. */
const NOTE = "Kriten image: ";

export function noteOfImage(image: string): Pick<RunnerSpec, "description"> {
  return { description: `${NOTE}${image}` };
}

/** A runner as a list shows it. */
export function runnerRow({ name, spec }: { name: string; spec: RunnerSpec }) {
  const { image, ref = USUAL_BRANCH, description } = spec;
  const noted = description?.startsWith(NOTE) === true ? description.slice(NOTE.length) : "";
  return { name, image: image ?? noted, gitURL: addressOf(spec), branch: ref };
}

/** The same with what it has, but not with what that is. */
export function shownRunner(
  { name, spec }: { name: string; spec: RunnerSpec },
  secretKeys: readonly string[],
): Record<string, unknown> {
  const { branch, ...row } = runnerRow({ name, spec });
  const token = spec.credentials === undefined ? "" : secretMask;
  return { secret: masked(secretKeys), ...row, token, branch };
}

export function masked(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, secretMask]));
}

/** An address may name for whom a token is shown; a password in it is refused like any that stands where all may read it. */
export function placeOf(gitURL: string): { url: string; username?: string } {
  const url = URL.parse(gitURL);
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  if (url === null || !isHttp || url.username === "" || url.password !== "") return { url: gitURL };
  const { username } = url;
  url.username = "";
  return { url: url.href, username };
}

function addressOf({ url = "", credentials }: RunnerSpec): string {
  const username = credentials !== undefined && "token" in credentials ? credentials.username : undefined;
  const parsed = username === undefined ? null : URL.parse(url);
  if (parsed === null || username === undefined) return url;
  parsed.username = username;
  return parsed.href;
}
