import { longestLine } from "./lines.ts";
import { unreadable } from "./translate-error.ts";

/** One server-sent event. `type` is `message` where the server names none; `id` is the last one seen. */
export interface ServerSentEvent {
  type: string;
  id: string | null;
  data: string;
}

/** Parses server-sent events line by line; comments (heartbeats) are passed over, half an event at the end too. */
export async function* parseSse(
  lines: AsyncIterable<string>,
  options: { url: string },
): AsyncGenerator<ServerSentEvent, void> {
  let id: string | null = null;
  let type = "";
  let data: string[] = [];
  let size = 0;
  for await (const line of lines) {
    if (line === "") {
      if (data.length > 0) yield { type: type === "" ? "message" : type, id, data: data.join("\n") };
      type = "";
      data = [];
      size = 0;
      continue;
    }
    const { field, value } = splitField(line);
    if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "event") type = value;
    else if (field === "data") {
      size += value.length;
      if (size > longestLine) throw unreadable(options.url, `an event is longer than ${longestLine} bytes`);
      data.push(value);
    }
  }
}

function splitField(line: string): { field: string; value: string } {
  const colon = line.indexOf(":");
  if (colon === -1) return { field: line, value: "" };
  const from = line[colon + 1] === " " ? colon + 2 : colon + 1;
  return { field: line.slice(0, colon), value: line.slice(from) };
}
