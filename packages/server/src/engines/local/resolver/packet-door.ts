import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Where jobs ask for names. */
export interface DoorOptions {
  address: string;
  /** 0 for any that is free. */
  port: number;
  /** What is sent back to where a message came from; null for nothing. */
  answer: (from: string, message: Buffer) => Promise<Buffer | null>;
  onProblem: (error: unknown) => void;
}

export interface Door extends AsyncDisposable {
  readonly port: number;
}

/** Answers what comes by UDP. */
export async function openPacketDoor({ address, port, answer, onProblem }: DoorOptions): Promise<Door> {
  const socket = createSocket("udp4");
  socket.bind(port, address);
  await once(socket, "listening");
  socket.on("error", onProblem);
  let isOpen = true;
  socket.on("message", (message, { address: from, port: back }) => {
    answer(from, message).then((reply) => {
      // What cannot be sent is lost, as packets are: whoever asked asks again.
      if (reply !== null && isOpen) socket.send(reply, back, from, () => undefined);
    }, onProblem);
  });
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      isOpen = false;
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}
