import { Doors } from "../../../sources/door/doors.ts";
import type { Uploads } from "../../../uploads/uploads.ts";
import { cloneLauncher, type CloneParts } from "./clone.ts";
import type { Launchers } from "./launcher.ts";
import { unpackLauncher } from "./unpack.ts";

/** What each kind of stage before the user's is for, until it is disposed. */
export function openLaunchers({
  uploads,
  ...parts
}: Omit<CloneParts, "doors"> & { uploads: Uploads }): { launchers: Launchers } & AsyncDisposable {
  const doors = new Doors();
  return {
    launchers: { unpack: unpackLauncher(uploads), clone: cloneLauncher({ ...parts, doors }) },
    [Symbol.asyncDispose]: () => doors[Symbol.asyncDispose](),
  };
}
