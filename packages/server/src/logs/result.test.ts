import { describe, expect, it } from "vitest";
import { findDocument, maxResultBytes, parseResult, resultInOutput } from "./result.ts";

async function find(output: string, cut = false): Promise<string | null> {
  const found = await findDocument(Buffer.from(output), { cut });
  return found && Buffer.from(found).toString();
}

/** A log that holds this text on stdout. */
function logOf(output: string): Parameters<typeof resultInOutput>[0] {
  const bytes = Buffer.from(output);
  return { tail: async (_jobId, _stream, most) => bytes.subarray(Math.max(bytes.length - most, 0)) };
}

function resultOf(output: string): ReturnType<typeof resultInOutput> {
  return resultInOutput(logOf(output), { jobId: "j", stdoutBytes: Buffer.byteLength(output) });
}

describe("findDocument", () => {
  it.each([
    ["nothing in output without markers", "hello\n", null],
    ["nothing after a single marker", "^JSON\n{}\n", null],
    ["what stands between two markers", 'hello\n^JSON\n{"a":1}\n^JSON\nbye\n', '{"a":1}\n'],
    ["the first of two documents", "^JSON\n1\n^JSON\n^JSON\n2\n^JSON\n", "1\n"],
    ["a document whose last line end is missing", "^JSON\n1\n^JSON", "1\n"],
    ["a document with carriage returns", "^JSON\r\n1\r\n^JSON\r\n", "1\r\n"],
    ["nothing when markers stand within lines", "say ^JSON\n1\n^JSON now\n", null],
    ["nothing when lines end with markers", "say ^JSON\n1\nsay ^JSON\n", null],
    ["an empty document", "^JSON\n^JSON\n", ""],
  ])("gives %s", async (_title, output, document) => {
    expect(await find(output)).toBe(document);
  });

  it("lets others have their turn in an output that is made of markers", async () => {
    let turns = 0;
    const timer = setInterval(() => undefined, 1000);
    const count = (): void => {
      turns += 1;
      if (timer.hasRef()) setImmediate(count);
    };
    setImmediate(count);
    expect(await find("^JSON\n".repeat(300_001), true)).toBe("");
    timer.unref();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it("leaves out a marker whose beginning was cut off", async () => {
    expect(await find("rest of one}\n^JSON\nlog\n^JSON\n2\n^JSON\n", true)).toBe("2\n");
    expect(await find("log\n^JSON\n1\n^JSON\n", true)).toBe("1\n");
  });
});

describe("resultInOutput", () => {
  it("gives the value, nothing, or the reason with its place", async () => {
    expect(await resultOf('^JSON\n{"a":[1]}\n^JSON\n')).toEqual({ resultJson: '{"a":[1]}', problem: null });
    expect(await resultOf("no markers\n")).toEqual({ resultJson: null, problem: null });
    expect(await resultOf("")).toEqual({ resultJson: null, problem: null });
    expect(await resultOf("^JSON\n{'a':1}\n^JSON\n")).toEqual({
      resultJson: null,
      problem: 'The result on stdout is not taken: Unexpected "\'" where a key belongs at line 1, column 2',
    });
  });

  it("keeps what was written but for the blanks between, and takes null for no result", async () => {
    const text =
      '{ "id" : 9007199254740993 ,\n\t"pi": [ 3.14159265358979323846, 1.10 ], " a b ": "\\u0041 \\n" }';
    expect((await resultOf(`^JSON\n${text}\n^JSON\n`)).resultJson).toBe(
      '{"id":9007199254740993,"pi":[3.14159265358979323846,1.10]," a b ":"\\u0041 \\n"}',
    );
    expect(await resultOf("^JSON\n null\n^JSON\n")).toEqual({ resultJson: null, problem: null });
  });

  it("finds a result at the end of much output, and looks no further back than 2 MiB", async () => {
    const noise = "noise\n".repeat(2 ** 19);
    expect(await resultOf(`${noise}^JSON\n1\n^JSON\n`)).toEqual({ resultJson: "1", problem: null });
    expect(await resultOf(`^JSON\n1\n^JSON\n${noise}`)).toEqual({ resultJson: null, problem: null });
  });

  it("takes a document of 1 MiB and refuses a larger one", async () => {
    const documentOf = (size: number): string => `"${"x".repeat(size - 3)}"\n`;
    expect((await resultOf(`^JSON\n${documentOf(maxResultBytes)}^JSON\n`)).problem).toBeNull();
    expect((await resultOf(`^JSON\n${documentOf(maxResultBytes + 1)}^JSON\n`)).problem).toMatch(
      /larger than 1048576/,
    );
  });
});

describe("ABUSE 10: parseResult", () => {
  it.each([
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22]), "It is not UTF-8"],
    ["a byte order mark", Buffer.from("\ufeff{}"), "A byte order mark stands at line 1, column 1"],
    [
      "a file that was read one byte past the most",
      Buffer.alloc(maxResultBytes + 1, " "),
      "It is larger than 1048576 bytes",
    ],
  ])("refuses %s", async (_title, bytes, reason) => {
    expect(await parseResult(bytes, "It")).toEqual({
      resultJson: null,
      problem: `It is not taken: ${reason}`,
    });
  });
});
