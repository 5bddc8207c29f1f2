/** The file `exit`, as native/README.md says. */
export interface ExitRecord {
  init: {
    hasJob: boolean;
    kind: "none" | "exited" | "signaled" | "failed";
    code: number;
    flags: number;
    errno: number;
    part: number;
    outputErrno: number;
    startedMs: number;
    endedMs: number;
    dropped: [number, number];
  };
  shim: {
    isWritten: boolean;
    kind: number;
    flags: number;
    status: number;
    errno: number;
    step: number;
    dropped: [number, number];
    stored: [number, number];
  };
  /** CPU time in µs, processes at most, their limit, refused, peak of memory. */
  used: number[] | null;
}

const kinds = ["none", "exited", "signaled", "failed"] as const;

export function parseExit(bytes: Buffer): ExitRecord {
  const long = (at: number): number => Number(bytes.readBigUInt64LE(at));
  return {
    init: {
      hasJob: bytes.readUInt8(0) === 0x31,
      kind: kinds[bytes.readUInt8(1)] ?? "none",
      code: bytes.readUInt8(2),
      flags: bytes.readUInt8(3),
      errno: bytes.readUInt32LE(4),
      part: bytes.readUInt32LE(8),
      outputErrno: bytes.readUInt32LE(12),
      startedMs: long(16) / 1000,
      endedMs: long(32) / 1000,
      dropped: [long(48), long(56)],
    },
    shim: {
      isWritten: bytes.readUInt8(128) === 0x31,
      kind: bytes.readUInt8(129),
      flags: bytes.readUInt8(130),
      status: bytes.readInt32LE(132),
      errno: bytes.readUInt32LE(136),
      step: bytes.readUInt32LE(140),
      dropped: [long(160), long(168)],
      stored: [long(176), long(184)],
    },
    used: bytes.readUInt8(192) === 0x31 ? [200, 208, 216, 224, 232].map(long) : null,
  };
}
