import type { OutputChunk } from "@berth/sdk";

const LF = 10;

/** Puts the time at which it came before each line of a stream, wherever the pieces were cut. */
export function timestamps(): (chunk: OutputChunk) => Buffer {
  const inLine = { stdout: false, stderr: false };
  return ({ stream, at, data }) => {
    const parts: Uint8Array[] = [];
    const time = Buffer.from(`${at} `);
    for (let start = 0; start < data.length; ) {
      const feed = data.indexOf(LF, start);
      const end = feed === -1 ? data.length : feed + 1;
      if (!inLine[stream]) parts.push(time);
      parts.push(data.subarray(start, end));
      inLine[stream] = feed === -1;
      start = end;
    }
    return Buffer.concat(parts);
  };
}
