import { expect, it } from "vitest";
import { whyRefused } from "./why-refused.ts";

const said = (data: string): string =>
  `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data ${data}, v1db1 Code: 0x31`;

it.each([
  ["773", "the password has to be changed first (773)"],
  ["533", "the account is disabled (533)"],
  ["532", "the password has expired (532)"],
])("Active Directory's %s is told in words", (data, words) => {
  expect(whyRefused(said(data))).toBe(words);
});

it.each([said("52e"), said("525"), "Invalid Credentials Code: 0x31", ""])(
  "there is nothing to tell of %s",
  (text) => {
    expect(whyRefused(text)).toBeNull();
  },
);
