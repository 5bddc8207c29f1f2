import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { LdapOptions } from "./ldap-options.ts";

export type SocketOptions = Pick<LdapOptions, "startTls" | "ca" | "timeoutMs">;

/** ExtendedRequest 1.3.6.1.4.1.1466.20037 with the message id 1. */
const START_TLS = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from("1.3.6.1.4.1.1466.20037"),
]);
const EXTENDED_RESPONSE = 0x78;
const LONGEST_ANSWER = 4096;

/**
 * A connection to a directory, encrypted where it is to be, before a word is said over it. Made here and not by ldapts: that
 * one takes what comes with the answer to StartTLS for a part of the conversation inside, and connects again in the clear,
 * with the next password, where a connection is lost.
 */
export async function openSocket(
  address: string,
  { startTls, ca, timeoutMs }: SocketOptions,
): Promise<Socket> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isSecure = url.protocol === "ldaps:";
  const socket = connect({ host, port: Number(url.port || (isSecure ? 636 : 389)) });
  const late = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
  try {
    await event(socket, "connect");
    if (!isSecure && !startTls) return socket;
    if (!isSecure) await askForTls(socket);
    const trust = ca === null ? {} : { ca };
    const name = isIP(host) > 0 ? {} : { servername: host };
    const secure = connectTls({ socket, host, minVersion: "TLSv1.2", ...name, ...trust });
    await event(secure, "secureConnect");
    return secure;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

function event(socket: Socket, name: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error);
    const closed = (): void => reject(new Error("the connection was closed"));
    socket.once("error", failed).once("close", closed);
    socket.once(name, () => {
      socket.off("error", failed).off("close", closed);
      resolve();
    });
  });
}

async function askForTls(socket: Socket): Promise<void> {
  socket.write(START_TLS);
  let answer: Buffer = Buffer.alloc(0);
  for (;;) {
    const length = messageLength(answer);
    if (length !== null && answer.length >= length) break;
    if (answer.length > LONGEST_ANSWER) throw new Error("it answers StartTLS with something else");
    answer = Buffer.concat([answer, await block(socket)]);
  }
  // What somebody on the way has put behind it must not be taken for what the server says inside.
  if (answer.length !== messageLength(answer)) throw new Error("more came than the answer to StartTLS");
  const code = resultCode(answer);
  if (code !== 0) throw new Error(`it refuses StartTLS (${code === null ? "no LDAP" : `code ${code}`})`);
}

function block(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const failed = (error?: Error): void => reject(error ?? new Error("the connection was closed"));
    const closed = (): void => failed();
    socket.once("error", failed).once("close", closed);
    const look = (): void => {
      const read: unknown = socket.read();
      if (!(read instanceof Buffer)) return;
      socket.off("readable", look).off("error", failed).off("close", closed);
      resolve(read);
    };
    socket.on("readable", look);
  });
}

/** Of the BER element at the beginning, with its head; null while that is not whole. */
function messageLength(bytes: Buffer): number | null {
  const head = headAt(bytes, 0);
  return head === null ? null : head.begin + head.length;
}

/** Where the content of the element begins that begins there. */
function headAt(bytes: Buffer, at: number): { tag: number; begin: number; length: number } | null {
  const [tag, first] = bytes.subarray(at, at + 2);
  if (tag === undefined || first === undefined) return null;
  if (first < 0x80) return { tag, begin: at + 2, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new Error("it speaks no LDAP");
  if (bytes.length < at + 2 + count) return null;
  return { tag, begin: at + 2 + count, length: bytes.readUIntBE(at + 2, count) };
}

/** Of an ExtendedResponse; null of anything else. */
function resultCode(bytes: Buffer): number | null {
  const message = headAt(bytes, 0);
  const id = message === null ? null : headAt(bytes, message.begin);
  const response = id === null ? null : headAt(bytes, id.begin + id.length);
  if (response?.tag !== EXTENDED_RESPONSE) return null;
  const code = headAt(bytes, response.begin);
  return code?.tag === 0x0a ? (bytes[code.begin] ?? null) : null;
}
