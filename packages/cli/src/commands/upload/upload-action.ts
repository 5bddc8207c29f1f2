import type { Berth, Upload } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { type FlagValues, jsonFlag } from "../../core/define-command.ts";

export const uploadFlags = { ...jsonFlag } as const;

export interface UploadAction {
  /** The words after the action. */
  words: readonly string[];
  flags: FlagValues<typeof uploadFlags>;
  cli: Cli;
}

const PAGE = 200;

/** All uploads that the user may see. */
export async function allUploads(berth: Berth): Promise<Upload[]> {
  const uploads: Upload[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await berth.uploads.list({ limit: PAGE, cursor });
    uploads.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return uploads;
}
