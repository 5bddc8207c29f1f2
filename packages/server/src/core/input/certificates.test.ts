import { rootCertificates } from "node:tls";
import { expect, it } from "vitest";
import { whyNoCertificates } from "./certificates.ts";

const pem = (what: string, text: string) => `-----BEGIN ${what}-----\n${text}\n-----END ${what}-----\n`;
const [one = "", two = ""] = rootCertificates;

it.each([one, `Our own\n${one}\n\n${two}\n`, `${one}\r\n`])("takes certificates: %#", (text) =>
  expect(whyNoCertificates(text)).toBeNull(),
);

it.each([
  "",
  "x",
  pem("CERTIFICATE", "AAAA"),
  pem("PRIVATE KEY", "AAAA"),
  `${one}\n${pem("PRIVATE KEY", "AAAA")}`,
  `${one}\n${pem("CERTIFICATE", "AAAA")}`,
  one.slice(0, -30),
])("takes nothing else: %#", (text) => expect(whyNoCertificates(text)).toContain("must be certificates"));
