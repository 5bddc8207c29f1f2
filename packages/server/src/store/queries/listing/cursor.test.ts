import { expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const position = { createdAt: 1_700_000_000_000, id: "01a1fbb1-8787-76ef-bb91-bdefba010b55" };
const text = (cursor: string): string => Buffer.from(cursor, "base64url").toString();
const cursorOf = (plain: string): string => Buffer.from(plain).toString("base64url");

it.each([position, { createdAt: 0, id: "" }, { createdAt: -1, id: "a b  c" }])(
  "a place in a list comes back as it was: %j",
  (place) => expect(decodeCursor(encodeCursor(place))).toEqual(place),
);

it("its checksum says of what it is: another list's would not fit", () => {
  expect(text(encodeCursor({ createdAt: 5, id: "x" }))).toMatchInlineSnapshot(`"14c624j 5 x"`);
});

it.each([
  ["nothing", ""],
  ["a word", "hello"],
  ["another place under the same sum", cursorOf(text(encodeCursor(position)).replace("bb91", "bb92"))],
  ["another time under the same sum", cursorOf(text(encodeCursor(position)).replace("1700", "1701"))],
  ["no sum", cursorOf(" 5 x")],
  ["a sum alone", cursorOf("abc")],
  ["a time that is none", cursorOf("abc when x")],
  ["padding", `${encodeCursor(position)}=`],
  ["a line end", `${encodeCursor(position)}\n`],
  ["a character that decoders skip", encodeCursor(position).replace(/^./, "$&.")],
])("%s is none", (_what, cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(
    expect.objectContaining({
      code: "CURSOR_INVALID",
      message: "Cannot list jobs: the cursor is not one of this server",
    }),
  );
});
