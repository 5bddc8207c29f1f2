import { expect, it } from "vitest";
import { sampleEntry } from "../../../test/support/sample-audit.ts";
import { textOf } from "./record.ts";
import { shownRecord } from "./shown-record.ts";
import { framed, syslogMessage } from "./syslog-message.ts";

const place = { chain: "c", seq: 3, n: 2 };

it.each(["", "{", "[]", "null", "7", '{"at":1}', '{"at":"x","verb":"y"}'])(
  "a text like %j, which is no record, is shown as one that cannot be read",
  (text) => {
    expect(shownRecord({ ...place, text })).toMatchObject({ id: "c.3.2", verb: "unreadable" });
  },
);

it("a record is a message of syslog in printable ASCII, that says the same", () => {
  const text = textOf(sampleEntry({ name: "ü\n\0\u{d800}\u{1f600}", resource: "bindings of somebody" }));
  const record = shownRecord({ ...place, text });
  const message = syslogMessage(record, "hôst name");
  expect(message).toMatch(
    /^<109>1 2027-01-15T08:00:00\.000Z h_st_name berth - bindings_of_somebody\.create - \{[ -~]*\}$/,
  );
  expect(JSON.parse(message.slice(message.indexOf("{")))).toEqual(record);
  expect(framed(message)).toBe(`${Buffer.byteLength(message)} ${message}`);
});
