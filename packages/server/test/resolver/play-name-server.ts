import { createSocket, type RemoteInfo, type Socket as PacketSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { HEADER_BYTES, RCODE, writeReply } from "../../src/lib/dns/message.ts";
import { writeStreamMessage } from "../../src/lib/dns/stream-messages.ts";
import { writeRecord } from "../../src/lib/dns/write-records.ts";

/** A question as a server of names gets it. */
export interface PlayedQuestion {
  id: number;
  /** The bytes of the question itself. */
  question: Buffer;
  name: string;
  by: "packet" | "stream";
}

/** What a server of names does with a question: what it sends back, each as one message. */
export type Play = (
  asked: PlayedQuestion,
  by: { packets: PacketSocket; back: RemoteInfo | null },
) => readonly Buffer[] | Promise<readonly Buffer[]>;

export interface PlayNameServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** All that was asked, in order. */
  readonly asked: readonly PlayedQuestion[];
}

/** A server of names that answers as a test wants, by UDP and by TCP at the same port: any that is free, unless it is said. */
export async function playNameServer(
  play: Play,
  { address = "127.0.0.1", port: wanted = 0 } = {},
): Promise<PlayNameServer> {
  const asked: PlayedQuestion[] = [];
  const { packets, streams, port } = await listen(address, wanted);
  const hear = (message: Buffer, by: "packet" | "stream"): PlayedQuestion => {
    const played = { ...readQuestion(message), by };
    asked.push(played);
    return played;
  };
  packets.on("message", (message, back) => {
    void Promise.resolve(play(hear(message, "packet"), { packets, back })).then((replies) => {
      for (const reply of replies) packets.send(reply, back.port, back.address);
    });
  });
  const open = new Set<Socket>();
  streams.on("connection", (socket) => {
    open.add(socket.on("error", () => undefined));
    socket.on("data", (bytes: Buffer) => {
      void Promise.resolve(play(hear(bytes.subarray(2), "stream"), { packets, back: null })).then(
        (replies) => {
          for (const reply of replies) socket.write(writeStreamMessage(reply));
        },
      );
    });
  });
  return {
    address,
    port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      const closed = [once(packets, "close"), once(streams, "close")];
      packets.close();
      streams.close();
      await Promise.all(closed);
    },
  };
}

/** One port for both, which another program may have for one of them. */
async function listen(
  address: string,
  wanted: number,
): Promise<{ packets: PacketSocket; streams: Server; port: number }> {
  for (;;) {
    const streams = createServer();
    streams.listen(wanted, address);
    await once(streams, "listening");
    const bound = streams.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const packets = createSocket("udp4");
    const isBound = await new Promise<boolean>((resolve) => {
      packets.once("error", () => resolve(false));
      packets.bind(port, address, () => resolve(true));
    });
    if (isBound) return { packets, streams, port };
    streams.close();
  }
}

function readQuestion(message: Buffer): Omit<PlayedQuestion, "by"> {
  const labels: string[] = [];
  let offset = HEADER_BYTES;
  for (let length = message[offset] ?? 0; length !== 0; length = message[offset] ?? 0) {
    labels.push(message.toString("latin1", offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  const question = message.subarray(HEADER_BYTES, offset + 5);
  return { id: message.readUInt16BE(0), question, name: labels.join(".") };
}

export interface PlayedAnswer {
  rcode?: number;
  id?: number;
  question?: Buffer;
  isTruncated?: boolean;
  records?: readonly { name: string; type: string; ttl?: number; data: string | Buffer }[];
}

/** The honest answer to it, but for what is said otherwise. */
export function answerTo(asked: PlayedQuestion, answer: PlayedAnswer = {}): Buffer {
  const {
    rcode = RCODE.fine,
    id = asked.id,
    question = asked.question,
    isTruncated = false,
    records = [],
  } = answer;
  return writeReply(
    { id, opcode: 0, wantsRecursion: true },
    {
      rcode,
      question,
      isTruncated,
      records: records.map(({ ttl = 60, ...rest }) => writeRecord({ ttl, ...rest })),
    },
  );
}
