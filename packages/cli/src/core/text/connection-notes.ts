import type { ConnectionChange } from "@berth/sdk";
import type { Output } from "../output.ts";
import { printable } from "./printable.ts";

/** Says that the server does not answer while something is followed, and that it does again. */
export function connectionNotes(err: Output): (change: ConnectionChange) => void {
  return (change) => {
    const text =
      change.state === "back"
        ? "The server answers again"
        : `The server does not answer: ${reasonOf(change.error)}; trying again for five minutes`;
    // Along with what goes on: nobody waits until it is read.
    if (!err.broken.aborted) err.remark(`berth: ${printable(text)}`).catch(() => undefined);
  };
}

/** The end of the sentence: who follows a job knows which server it is on. */
function reasonOf({ message }: Error): string {
  return message.replace(/^Cannot reach (?:the server )?"[^"]*": /, "");
}
