export interface SseEvent {
  id: string;
  event: string;
  data: unknown;
}

/** The server-sent events of an answer, as they come; comments are passed over. */
export async function* readSse(response: Response): AsyncGenerator<SseEvent, void> {
  if (!response.ok || response.body === null)
    throw new Error(`Cannot read events: status ${response.status}`);
  let pending = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (pending + text).split("\n\n");
    pending = blocks.pop() ?? "";
    for (const block of blocks.filter((one) => !one.startsWith(":"))) yield parseEvent(block);
  }
}

function parseEvent(block: string): SseEvent {
  const fields = Object.fromEntries(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  return {
    id: fields["id"] ?? "",
    event: fields["event"] ?? "",
    data: JSON.parse(fields["data"] ?? "null") as unknown,
  };
}
