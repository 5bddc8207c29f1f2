import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PrivateKeyPem } from "../../src/pki/keys.ts";
import type { ApiClient } from "./api-client.ts";
import type { Credentials } from "./grpc-bench.ts";
import { openssl } from "./openssl.ts";
import { tempFolder } from "./temp-folder.ts";

/** What a client of a running server needs, issued by that server's own authority as guides say it. */
export async function issuedPair(
  api: ApiClient,
  name: string,
): Promise<Required<Credentials> & { serial: string }> {
  await using folder = tempFolder();
  const made = await openssl(
    [
      "req",
      "-new",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=x",
    ].concat(["-keyout", "key.pem", "-out", "request.pem"]),
    folder.path,
  );
  if (!made.ok) throw new Error(made.text);
  const text = (file: string): string => readFileSync(join(folder.path, file), "utf8");
  const body = JSON.stringify({ csr: text("request.pem"), name });
  const answer = await api.request("/api/v1/certificates", { method: "POST", body });
  if (!answer.ok) throw new Error(`Cannot get a certificate: ${await answer.text()}`);
  const { certificate, ca, serial } = (await answer.json()) as Record<
    "certificate" | "ca" | "serial",
    string
  >;
  return { roots: ca, serial, pair: { key: new PrivateKeyPem(text("key.pem")), chainPem: certificate } };
}
