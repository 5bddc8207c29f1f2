import { BerthError } from "@berth/protocol";

export function messageReplayed(
  webhook: string,
  why = "its job, or the webhook that it was for, is gone",
): BerthError {
  return new BerthError(
    "MESSAGE_REPLAYED",
    `Cannot run webhook "${webhook}": this call came before, and ${why}`,
  );
}
