import type { GivenSecrets } from "../../../core/secrets/secrets-of-job.ts";
import { crashPoint } from "../../../lib/crash-point.ts";
import { OfferedSocket } from "./offered-socket.ts";

const HEAD_BYTES = 16;

/** What the shim gives a job to know, in its own words: native/README.md has the format. */
export function encodeSecrets({ files, env }: GivenSecrets): Buffer {
  const parts: Buffer[] = [Buffer.alloc(HEAD_BYTES)];
  for (const [key, value] of files) {
    const name = Buffer.from(key);
    const sizes = Buffer.alloc(8);
    sizes.writeUInt32LE(name.length);
    sizes.writeUInt32LE(value.length, 4);
    parts.push(sizes, name, Buffer.from(value));
  }
  for (const [name, value] of env) parts.push(Buffer.from(`${name}=`), Buffer.from(value), Buffer.alloc(1));
  const message = Buffer.concat(parts);
  message.write("BSC1", "latin1");
  message.writeUInt32LE(message.length, 4);
  message.writeUInt32LE(files.size, 8);
  message.writeUInt32LE(env.size, 12);
  return message;
}

/** Where a shim takes them; disposed when it has, or will not. */
export interface OfferedSecrets extends Disposable {
  readonly bytes: number;
}

/** Of a job without any nothing is offered. */
export async function offerSecrets(folder: string, given: GivenSecrets | null): Promise<OfferedSecrets> {
  if (given === null) return { bytes: 0, [Symbol.dispose]: () => undefined };
  const message = encodeSecrets(given);
  const offered = new OfferedSocket(folder, "secrets");
  void offered.taken.then((socket) => {
    crashPoint("secrets-asked-for");
    socket.end(message, () => crashPoint("secrets-given"));
  });
  await offered.listening;
  return {
    bytes: message.length,
    [Symbol.dispose]: () => {
      offered[Symbol.dispose]();
      message.fill(0);
    },
  };
}
