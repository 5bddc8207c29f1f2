import { expect, it } from "vitest";
import { type IntrospectionStyle, readAnswer } from "./read-answer.ts";

const now = 1_000_000_000;
const seconds = now / 1000;

function read(
  answer: unknown,
  { status = 200, style = "json" }: { status?: number; style?: IntrospectionStyle } = {},
) {
  const body = typeof answer === "string" ? answer : JSON.stringify(answer);
  return readAnswer({ status, body }, { style, now });
}

it("knows whose a token is, what they are called, their groups and its end", () => {
  const answer = {
    active: true,
    sub: "0a1b",
    preferred_username: "ann",
    name: "Ann Lee",
    exp: seconds + 60,
    groups: ["/staff/lab", { path: "/all" }, { name: "beam" }, "staff/lab", "", 7, null, {}],
  };
  for (const style of ["json", "rfc7662"] as const) {
    expect(read(answer, { style })).toEqual({
      kind: "known",
      identity: { subject: "0a1b", name: "ann", display: "Ann Lee", groups: ["staff/lab", "all", "beam"] },
      until: now + 60_000,
    });
  }
  expect(read({ sub: "s", username: "bob" })).toMatchObject({ identity: { name: "bob", groups: [] } });
  expect(read({ sub: "s" })).toMatchObject({ identity: { subject: "s", name: "s" }, until: null });
});

it.each([
  [{ active: false, sub: "s" }],
  [{ active: "true", sub: "s" }],
  [{ active: 1, sub: "s" }],
  [{ active: null, sub: "s" }],
  [{ active: true }],
  [{ active: true, sub: "" }],
  [{ active: true, sub: 12345 }],
  [{ active: true, sub: ["s"] }],
  [{ active: true, sub: "s".repeat(256) }],
  [{ active: true, sub: "s", exp: seconds }],
  [{ active: true, sub: "s", exp: "never" }],
  [{ active: true, sub: "s", exp: seconds - 1 }],
  [{ active: true, sub: "s", nbf: seconds + 1 }],
])("takes %j for nobody", (answer) => {
  expect(read(answer)).toMatchObject({ kind: "unknown" });
});

it.each([["null"], ["[]"], ["true"], [""], ["<html>"], ['{"active":true,"sub":"s"']])(
  "takes %s for no answer",
  (body) => {
    expect(read(body)).toMatchObject({ kind: "unsaid" });
  },
);

it.each([301, 302, 307, 429, 500, 502, 503, 204])(
  "takes status %i for no answer, whatever is in it",
  (status) => {
    expect(read({ active: true, sub: "s" }, { status })).toMatchObject({ kind: "unsaid" });
  },
);

it("takes a refusal for one of the token, and by RFC 7662 for one of this server", () => {
  for (const status of [400, 401, 403, 404]) {
    expect(read({}, { status })).toMatchObject({ kind: "unknown" });
    expect(read({}, { status, style: "rfc7662" })).toMatchObject({ kind: "unsaid" });
  }
  expect(read({ sub: "s" }, { style: "rfc7662" })).toMatchObject({ kind: "unsaid" });
});
