import { BerthError, type Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { noteRefusal } from "../access/note-refusal.ts";
import type { Context } from "../context.ts";

const use: Permission = { resource: "images", verb: "execute" };

/**
 * Images are granted by their whole reference, letter by letter, whether any engine here has such: `a/b:1` is not `a/b`.
 * Nobody may use one without a role that says so. Throws IMAGE_NOT_ALLOWED.
 */
export async function demandImage(
  { access, audit }: Pick<Context, "access" | "audit">,
  { caller, image, what }: { caller: Caller; image: string; what: string },
): Promise<void> {
  if (await access.allows(caller, use, { called: image })) return;
  noteRefusal({ audit }, caller, { permission: use, name: image });
  throw new BerthError(
    "IMAGE_NOT_ALLOWED",
    `${what}: "${caller.principal.name}" may not use image "${image}"`,
  );
}
