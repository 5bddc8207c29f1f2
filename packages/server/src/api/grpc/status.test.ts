import { BerthError } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { statusOf } from "./status.ts";

/** What it comes to on the wire, as HTTP/2 counts it: names, values, and 32 bytes for each. */
function wireBytes(error: BerthError): number {
  const { details, metadata } = statusOf(error, "01890000-0000-7000-8000-000000000000");
  const [packed = ""] = metadata.get("grpc-status-details-bin");
  const fields = [
    ["grpc-status", "3"],
    ["grpc-message", encodeURI(details)],
    ["grpc-status-details-bin", Buffer.from(packed).toString("base64")],
    [":status", "200"],
    ["content-type", "application/grpc+proto"],
  ] as const;
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}

describe("statusOf", () => {
  it.each(["a", " ", "\n", "é", "\u{d7ff}", "\u{1f600}", "\ud800", "%", "\0"])(
    "fits into the 8 KiB that clients take, however much %j there is in it",
    (text) => {
      const long = text.repeat(100_000);
      const problems = Array.from({ length: 200 }, () => ({
        field: text.repeat(60),
        message: text.repeat(200),
      }));
      for (const error of [
        new BerthError("REQUEST_INVALID", `Cannot: ${long}`, { problems }),
        new BerthError("REQUEST_INVALID", `Cannot: ${long}`, { problems: [{ field: long, message: long }] }),
      ]) {
        expect(wireBytes(error)).toBeLessThan(8192);
        expect(statusOf(error, "r").details).toMatch(/^Cannot: /);
      }
    },
  );
});
