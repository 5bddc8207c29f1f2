import { NotTaken, openBeneath } from "./plain-file.ts";

export interface ReadRequest {
  path: string;
  maxBytes: number;
}

/** The first `maxBytes` + 1 bytes of a regular file below `root`; null when there is none. */
export async function readFileBeneath(root: string, request: ReadRequest): Promise<Uint8Array | null> {
  const { path, maxBytes } = request;
  const file = await openBeneath(root, path).catch((error: unknown) => {
    if (error instanceof NotTaken) return null;
    throw error;
  });
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, maxBytes + 1));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}
