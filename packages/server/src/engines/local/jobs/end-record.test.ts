import { describe, expect, it } from "vitest";
import { decodeEnd, isComplete, RECORD_BYTES } from "./end-record.ts";

interface Written {
  init?: {
    kind: number;
    code?: number;
    flags?: number;
    errno?: number;
    part?: number;
    outputErrno?: number;
    endedUs?: number;
  };
  shim?: { kind: number; status?: number; flags?: number; errno?: number; endedUs?: number };
  dropped?: readonly [number, number, number, number];
}

/** The bytes as native/README.md lays them out. */
function note({ init, shim, dropped = [0, 0, 0, 0] }: Written): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.write(init ? "1" : "-", "latin1");
  if (init) {
    bytes.set([init.kind, init.code ?? 0, init.flags ?? 0], 1);
    bytes.writeUInt32LE(init.errno ?? 0, 4);
    bytes.writeUInt32LE(init.part ?? 0, 8);
    bytes.writeUInt32LE(init.outputErrno ?? 0, 12);
    bytes.writeBigUInt64LE(BigInt(init.endedUs ?? 0), 32);
  }
  if (shim) {
    bytes.set([0x31, shim.kind, shim.flags ?? 0], 128);
    bytes.writeInt32LE(shim.status ?? 0, 132);
    bytes.writeUInt32LE(shim.errno ?? 0, 136);
    bytes.writeBigUInt64LE(BigInt(shim.endedUs ?? 0), 144);
  }
  [48, 56, 160, 168].forEach((at, n) => bytes.writeBigUInt64LE(BigInt(dropped[n] ?? 0), at));
  return bytes;
}

const ended = { kind: 1, status: 0, endedUs: 9_000_999 };

describe("what pid 1 and the shim have written of an end", () => {
  it.each([
    { title: "an exit", init: { kind: 1, code: 137 }, end: { kind: "exited", code: 137 } },
    { title: "a signal", init: { kind: 2, code: 9 }, end: { kind: "signaled", signal: 9, core: false } },
    {
      title: "a signal with a core",
      init: { kind: 2, code: 11, flags: 1 },
      end: { kind: "signaled", signal: 11, core: true },
    },
    {
      title: "a program that is not there",
      init: { kind: 3, errno: 2, part: 1 },
      end: { kind: "failed", part: "program", errno: 2 },
    },
    {
      title: "a message it could not read",
      init: { kind: 3, errno: 22, part: 7 },
      end: { kind: "failed", part: "message", errno: 22 },
    },
  ])("is $title, as pid 1 says", ({ init, end }) => {
    expect(decodeEnd(note({ init, shim: ended }))?.end).toEqual(end);
    // Also where the shim was killed after it.
    expect(decodeEnd(note({ init }))?.end).toEqual(end);
  });

  it("says why no more of the output was kept, also of what the shim found in the pipes", () => {
    const exit = { kind: 1 };
    const reasonOf = (written: Written): number | undefined => decodeEnd(note(written))?.unkeptErrno;
    expect(reasonOf({ init: { ...exit, outputErrno: 28 }, shim: ended, dropped: [5, 0, 0, 0] })).toBe(28);
    const full = { ...ended, errno: 28 };
    expect(reasonOf({ init: exit, shim: full, dropped: [0, 0, 0, 5] })).toBe(28);
    // Of the index alone: the server writes that itself.
    expect(reasonOf({ init: exit, shim: full })).toBe(0);
    expect(reasonOf({ init: exit, shim: { ...full, flags: 8 }, dropped: [0, 0, 0, 5] })).toBe(0);
    expect(reasonOf({ init: exit, shim: ended })).toBe(0);
  });

  it("is the signal that ended pid 1, where that said nothing", () => {
    expect(decodeEnd(note({ shim: { kind: 1, status: 9 } }))?.end).toEqual({
      kind: "signaled",
      signal: 9,
      core: false,
    });
  });

  it.each([
    { kind: 1, status: -1 },
    { kind: 1, status: 0 },
    { kind: 3, status: 0 },
  ])("is not known where pid 1 said nothing, and the shim only %j", (shim) => {
    expect(decodeEnd(note({ shim }))?.end.kind).toBe("unknown");
  });

  it("is nothing where both were killed before, or the note is not whole", () => {
    expect(decodeEnd(note({}))).toBeNull();
    expect(decodeEnd(Buffer.from("-"))).toBeNull();
    expect(isComplete(note({ init: { kind: 1 } }))).toBe(false);
    expect(isComplete(note({ shim: ended }))).toBe(true);
  });

  it("has the moment of main's end, else that of the sandbox's", () => {
    expect(decodeEnd(note({ init: { kind: 1, endedUs: 5_000_999 }, shim: ended }))?.endedAt).toBe(5000);
    expect(decodeEnd(note({ init: { kind: 3, errno: 2, part: 1 }, shim: ended }))?.endedAt).toBe(9000);
  });

  it("sums what both have dropped, and says nothing of it where the shim could not", () => {
    const init = { kind: 1 };
    const dropped = [1, 20, 300, 4000] as const;
    expect(decodeEnd(note({ init, shim: ended, dropped }))?.output.dropped).toEqual({
      stdout: 301,
      stderr: 4020,
    });
    expect(decodeEnd(note({ init, dropped }))?.output.dropped).toBeNull();
  });

  it("counts all output where pid 1 has stored it all, also before the shim has ended", () => {
    const counted = decodeEnd(note({ init: { kind: 1, flags: 2 }, dropped: [5, 6, 0, 0] }));
    expect(counted?.output.dropped).toEqual({ stdout: 5, stderr: 6 });
    expect(decodeEnd(note({ init: { kind: 1 }, dropped: [5, 6, 0, 0] }))?.output.dropped).toBeNull();
  });

  it("tells what was used, where the shim has noted that", () => {
    const bytes = note({ init: { kind: 1 } });
    expect(decodeEnd(bytes)?.used).toBeNull();
    bytes.write("1", 192, "latin1");
    const numbers = [1_500n, 4n, 0xffff_ffff_ffff_ffffn, 0n, 4096n];
    numbers.forEach((value, n) => bytes.writeBigUInt64LE(value, 200 + 8 * n));
    expect(decodeEnd(bytes)?.used).toEqual({
      cpuUs: 1500,
      pidsPeak: 4,
      pidsMax: null,
      pidsRefused: 0,
      peakMemoryBytes: 4096,
    });
  });
});
