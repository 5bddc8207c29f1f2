import { readAddress } from "../../src/core/network/cidr.ts";

/** Packets as a privileged program puts them on a job's link, byte for byte: nothing but what is said here checks them. */
interface Packet {
  from: string;
  to: string;
  /** The number of the protocol. Default 17: UDP from port 7777 to port 9, on which nobody answers. */
  protocol?: number;
  /** What is behind the header. Default: a datagram of UDP. */
  payload?: Buffer;
  /** Of IPv4: options, whose length is a multiple of 4. Of IPv6: headers between, the first of which is `next`. */
  options?: Buffer;
  next?: number;
  /** Of IPv4: the part of a fragmented packet that it is. */
  fragment?: { id: number; at: number; isLast: boolean };
}

const HOST_END = Buffer.from("02be00000001", "hex");
const JOB_END = Buffer.from("02be00000002", "hex");
const UDP = 17;
const FRAGMENT = 44;
/** An answer would be answered by the job's own kernel, as nobody there asked. */
const SILENT_PORT = 9;

function bytesOf(address: string): Buffer {
  const read = readAddress(address);
  if (!read) throw new Error(address);
  const digits = read.value.toString(16).padStart(read.version === 4 ? 8 : 32, "0");
  return Buffer.from(digits, "hex");
}

/** The frame that carries the packet from the job to the host. */
export function frameOf(packet: Packet): Buffer {
  const isV6 = packet.to.includes(":");
  const kind = Buffer.from(isV6 ? "86dd" : "0800", "hex");
  return Buffer.concat([HOST_END, JOB_END, kind, isV6 ? packet6(packet) : packet4(packet)]);
}

function packet4({ from, to, protocol = UDP, payload, options = Buffer.alloc(0), fragment }: Packet): Buffer {
  const body = payload ?? datagram({ from, to });
  const head = Buffer.alloc(20);
  head[0] = 0x40 | ((20 + options.length) / 4);
  head.writeUInt16BE(20 + options.length + body.length, 2);
  head.writeUInt16BE(fragment?.id ?? 1, 4);
  head.writeUInt16BE(fragment ? (fragment.isLast ? 0 : 0x2000) | (fragment.at / 8) : 0, 6);
  head[8] = 64;
  head[9] = protocol;
  bytesOf(from).copy(head, 12);
  bytesOf(to).copy(head, 16);
  const whole = Buffer.concat([head, options]);
  whole.writeUInt16BE(checksum(whole), 10);
  return Buffer.concat([whole, body]);
}

function packet6({ from, to, protocol = UDP, payload, options = Buffer.alloc(0), next }: Packet): Buffer {
  const body = payload ?? datagram({ from, to });
  const head = Buffer.alloc(8);
  head[0] = 0x60;
  head.writeUInt16BE(options.length + body.length, 4);
  head[6] = next ?? protocol;
  head[7] = 64;
  return Buffer.concat([head, bytesOf(from), bytesOf(to), options, body]);
}

/** A datagram in two parts. */
export function partsOf({ from, to, id }: { from: string; to: string; id: number }): Buffer[] {
  const whole = datagram({ from, to, size: 24 });
  return [0, 16].map((at) => {
    const payload = whole.subarray(at, at + 16);
    const isLast = at > 0;
    if (!to.includes(":")) return frameOf({ from, to, payload, fragment: { id, at, isLast } });
    const options = Buffer.alloc(8);
    options[0] = UDP;
    options.writeUInt16BE(at | Number(!isLast), 2);
    options.writeUInt32BE(id, 4);
    return frameOf({ from, to, payload, next: FRAGMENT, options });
  });
}

/** With its checksum, without which the kernel takes it for none of a connection. */
export function datagram({
  from,
  to,
  port = SILENT_PORT,
  size = 8,
}: {
  from: string;
  to: string;
  port?: number;
  size?: number;
}): Buffer {
  const data = Buffer.alloc(8 + size);
  data.writeUInt16BE(7777, 0);
  data.writeUInt16BE(port, 2);
  data.writeUInt16BE(data.length, 4);
  const over = Buffer.alloc(4);
  over.writeUInt16BE(data.length, 0);
  over[3] = UDP;
  data.writeUInt16BE(checksum(Buffer.concat([bytesOf(from), bytesOf(to), over, data])) || 0xffff, 6);
  return data;
}

/** A segment of TCP that asks for nothing the kernel would know of. */
export function segment({ from, to, flags }: { from: string; to: string; flags: number }): Buffer {
  const data = Buffer.alloc(20);
  data.writeUInt16BE(7777, 0);
  data.writeUInt16BE(80, 2);
  data[12] = 0x50;
  data[13] = flags;
  data.writeUInt16BE(1000, 14);
  const over = Buffer.alloc(4);
  over.writeUInt16BE(data.length, 0);
  over[3] = 6;
  data.writeUInt16BE(checksum(Buffer.concat([bytesOf(from), bytesOf(to), over, data])), 16);
  return data;
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65_536);
  return ~sum & 0xffff;
}
