import { BerthError, isBerthError, isSystemRefusal, refusalCode } from "@berth/protocol";
import { systemReason } from "../../core/system-reason.ts";

/** Work on the files of uploads: what the system refuses there is said as STORAGE_FAILED. */
export async function keeping<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (isBerthError(error) || !isSystemRefusal(refusalCode(error))) throw error;
    const { why, fix } = systemReason(error);
    throw new BerthError("STORAGE_FAILED", `Cannot keep an upload: ${why}`, {
      ...(fix !== undefined && { fix }),
      cause: error,
    });
  }
}
