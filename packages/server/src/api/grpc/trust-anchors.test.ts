import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, openGrpcBench, whoAmI } from "../../../test/support/grpc-bench.ts";
import { openPkiBench, type PkiBench } from "../../../test/support/pki-bench.ts";
import { CurrentCredentials } from "../../pki/credentials/server-credentials.ts";
import { issueClient, issueServer } from "../../pki/issue.ts";

const key = "ec-p256";
const defaults = getCACertificates("default");

let ours: PkiBench;
let publicOne: PkiBench;
beforeEach(async () => {
  ours = await openPkiBench();
  publicOne = await openPkiBench();
  setDefaultCACertificates([publicOne.ca.roots]);
});
afterEach(async () => {
  setDefaultCACertificates(defaults);
  await ours[Symbol.asyncDispose]();
  await publicOne[Symbol.asyncDispose]();
});

describe("a public authority that Node trusts by itself", () => {
  it.each([
    ["beside our own", (): string => ours.ca.clientCas],
    ["where no authority is given", (): string => ""],
  ])("vouches for nobody, %s", async (_where, clientCas) => {
    const { key: serverKey, chainPem, record } = await issueServer(ours, { key });
    const current = { key: serverKey, chain: chainPem, clientCas: clientCas(), notAfter: record.notAfter };
    const credentials = new CurrentCredentials(current);
    await using grpc = await openGrpcBench({
      current,
      onChange: (listener) => credentials.onChange(listener),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
    const pair = await issueClient(publicOne, { principal: "client1", key });
    using client = connect(grpc.port, { roots: ours.ca.roots, pair });
    await expect(whoAmI(client)).rejects.toMatchObject({ code: 14 });
  });
});
