import { randomUUID } from "node:crypto";
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

export interface PacketDoor extends Door {
  /** Resolves when all that had come is heard. */
  heard(): Promise<void>;
}

/** A word to itself comes behind all others; where the queue is full there is no room for it. */
const AGAIN_MS = 50;
/** A host that lets nothing come to itself holds nobody up. */
const MOST_TRIES = 20;
const WORD_BYTES = 36;

/** Answers what comes by UDP. */
export async function openPacketDoor({ address, port, answer, onProblem }: DoorOptions): Promise<PacketDoor> {
  const socket = createSocket("udp4");
  socket.bind(port, address);
  await once(socket, "listening");
  socket.on("error", onProblem);
  const own = socket.address().port;
  // From an address that is no job's, so that what hides these leaves it as it is.
  const speaker = createSocket("udp4");
  speaker.bind(0, "127.0.0.1");
  await once(speaker, "listening");
  speaker.on("error", onProblem);
  let isOpen = true;
  const words = new Map<string, () => void>();
  socket.on("message", (message, { address: from, port: back }) => {
    // Wherever the host's own rules let it come from: nobody else knows it.
    const hear = message.length === WORD_BYTES ? words.get(message.toString("latin1")) : undefined;
    if (hear !== undefined) return hear();
    answer(from, message).then((reply) => {
      // What cannot be sent is lost, as packets are: whoever asked asks again.
      if (reply !== null && isOpen) socket.send(reply, back, from, () => undefined);
    }, onProblem);
  });
  const heard = async (): Promise<void> => {
    const word = randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    words.set(word, resolve);
    let tries = 0;
    const say = (): void => {
      if (!isOpen || (tries += 1) > MOST_TRIES) resolve();
      else speaker.send(word, own, address, () => undefined);
    };
    const timer = setInterval(say, AGAIN_MS);
    say();
    await promise;
    clearInterval(timer);
    words.delete(word);
  };
  return {
    port: own,
    heard,
    async [Symbol.asyncDispose]() {
      isOpen = false;
      const closed = [socket, speaker].map((one) => once(one, "close"));
      for (const one of [socket, speaker]) one.close();
      await Promise.all(closed);
    },
  };
}
