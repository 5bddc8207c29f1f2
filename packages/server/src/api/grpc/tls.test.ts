import { once } from "node:events";
import { dirname, join } from "node:path";
import { connect as connectTls, type PeerCertificate, type ConnectionOptions } from "node:tls";
import { ExecutorService } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CompanyCa, goodAuthority } from "../../../test/support/company-ca.ts";
import { connect, type GrpcBench, openGrpcBench, whoAmI } from "../../../test/support/grpc-bench.ts";
import { openssl } from "../../../test/support/openssl.ts";
import { openPkiBench, type PkiBench } from "../../../test/support/pki-bench.ts";
import { until } from "../../../test/support/until.ts";
import { adoptAuthority } from "../../pki/adopt.ts";
import { createCa } from "../../pki/ca.ts";
import { createRoot } from "../../pki/create-root.ts";
import { openOwnCredentials } from "../../pki/credentials/own-credentials.ts";
import type { ServerCredentialsSource } from "../../pki/credentials/server-credentials.ts";
import { issueClient, issueServer } from "../../pki/issue.ts";
import { rotateCa } from "../../pki/rotate.ts";

const day = 24 * 3600_000;
/** How far the bench's clock is behind the host's, which is the one that OpenSSL goes by. */
const behind = 10 * day;
const key = "ec-p256";

let scope: AsyncDisposableStack;
let pki: PkiBench;
let source: ServerCredentialsSource;
let grpc: GrpcBench;
beforeEach(async () => {
  scope = new AsyncDisposableStack();
  pki = scope.use(await openPkiBench({ startMs: Date.now() - behind }));
  const { ca, registry, clock, folder } = pki;
  const report = (what: string): void => void pki.reports.push(what);
  source = scope.use(await openOwnCredentials({ ca, registry, clock, folder, report, key }));
  grpc = scope.use(await openGrpcBench(source));
});
afterEach(() => scope[Symbol.asyncDispose]());

const client1 = (more: { ttlMs?: number } = {}) =>
  issueClient(pki, { principal: "client1", key, ttlMs: 60 * day, ...more });

/** Connects as any TLS client may; answers with the reason of the refusal, or null. */
async function refusal(options: ConnectionOptions): Promise<string | null> {
  const socket = connectTls({
    port: grpc.port,
    host: "localhost",
    ca: pki.ca.roots,
    ALPNProtocols: ["h2"],
    ...options,
  });
  // The server speaks first in HTTP/2: data means that it let us in.
  const outcome = await Promise.race([
    once(socket, "data").then(() => null),
    once(socket, "error").then(([error]) => (error as NodeJS.ErrnoException).code ?? String(error)),
    once(socket, "end").then(() => "ended"),
  ]).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  socket.destroy();
  return outcome;
}

describe("ABUSE 30: a connection", () => {
  it("with a certificate of the authority tells the server who calls", async () => {
    const pair = await client1();
    using client = connect(grpc.port, { roots: pki.ca.roots, pair });
    expect(await whoAmI(client)).toEqual({ owner: "client1", serial: pair.record.serial });
    expect(await refusal({ key: pair.key.reveal(), cert: pair.chainPem })).toBeNull();
  });

  it.each(["Jürgen Größe", "a,CN=admin", '"admin"', "#0c0561646d696e"])(
    "names %s as it is",
    async (principal) => {
      const pair = await issueClient(pki, { principal, key, ttlMs: 60 * day });
      using client = connect(grpc.port, { roots: pki.ca.roots, pair });
      expect((await whoAmI(client)).owner).toBe(principal);
    },
  );

  it("without a certificate is refused", async () => {
    expect(await refusal({})).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
    using client = connect(grpc.port, { roots: pki.ca.roots });
    await expect(whoAmI(client)).rejects.toMatchObject({ code: 14 });
  });

  it("with another authority's certificate is refused", async () => {
    await using other = await openPkiBench();
    const pair = await issueClient(other, { principal: "client1", key });
    expect(await refusal({ key: pair.key.reveal(), cert: pair.chainPem })).toBe("ended");
  });

  it("with an expired certificate is refused", async () => {
    const pair = await client1({ ttlMs: day });
    expect(await refusal({ key: pair.key.reveal(), cert: pair.chainPem })).toBe("ended");
  });

  it("with a server's certificate is refused, though the authority signed it", async () => {
    const pair = await issueServer(pki, { key });
    expect(await refusal({ key: pair.key.reveal(), cert: pair.chainPem })).toBe("ended");
  });

  it("with TLS 1.2 is refused, by OpenSSL's word too", async () => {
    const pair = await client1();
    const shown = { key: pair.key.reveal(), cert: pair.chainPem };
    expect(await refusal({ ...shown, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" })).toMatch(
      /PROTOCOL_VERSION/,
    );
    const { crt, key: keyPath } = await pki.writePair("c", pair);
    const args = [
      "s_client",
      "-connect",
      `localhost:${grpc.port}`,
      "-cert",
      crt,
      "-key",
      keyPath,
      "-alpn",
      "h2",
    ];
    expect((await openssl([...args, "-tls1_2"])).text).toContain("tlsv1 alert protocol version");
  });

  it.each(["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])(
    "with %s alone is refused",
    async (ciphers) => {
      const pair = await client1();
      const shown = { key: pair.key.reveal(), cert: pair.chainPem };
      expect(await refusal({ ...shown, ciphers })).toMatch(/HANDSHAKE_FAILURE/);
      expect(await refusal({ ...shown, ciphers: "TLS_AES_128_GCM_SHA256" })).toBeNull();
    },
  );

  it("speaks TLS 1.3 with TLS_AES_128_GCM_SHA256, whatever else the client offers", async () => {
    const { crt, key: keyPath } = await pki.writePair("c", await client1());
    const roots = await pki.write("roots.crt", pki.ca.roots);
    const args = [
      "s_client",
      "-connect",
      `localhost:${grpc.port}`,
      "-cert",
      crt,
      "-key",
      keyPath,
      "-CAfile",
      roots,
    ];
    const { text } = await openssl([...args, "-alpn", "h2"]);
    expect(text).toContain("New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256");
    expect(text).toContain("Verify return code: 0 (ok)");
  });
});

describe("a server whose authority a company has signed", () => {
  it("lets in whom that authority signed, and nobody else below the company's root", async () => {
    const company = await CompanyCa.open(dirname(pki.folder));
    const { registry, clock, folder } = pki;
    const { authorities } = pki.store;
    const report = (): void => {};
    clock.step(behind + 60_000);
    const adopted = async (name: string) => {
      await company.certify(name, goodAuthority);
      const authority = await adoptAuthority(await company.files(name), { now: clock.now() });
      return scope.use(await createCa({ folder: join(folder, name), clock, authorities, report }, authority));
    };
    const [ours, sibling] = [await adopted("berth"), await adopted("sibling")];
    const options = { ca: ours, registry, clock, folder: join(folder, "berth"), report, key } as const;
    await using bench = await openGrpcBench(scope.use(await openOwnCredentials(options)));

    for (const [ca, allowed] of [
      [ours, true],
      [sibling, false],
    ] as const) {
      const pair = await issueClient({ ca, registry, clock }, { principal: "alice", key });
      using client = connect(bench.port, { roots: await company.text("root.crt"), pair });
      const owner = await whoAmI(client).then(
        (caller) => caller.owner,
        (error: { code: number }) => error.code,
      );
      expect(owner).toBe(allowed ? "alice" : 14);
    }
  });
});

/** A session that this client could resume. */
async function sessionOf(shown: { key: string; cert: string }): Promise<Buffer> {
  const { port } = grpc;
  const socket = connectTls({ port, host: "localhost", ca: pki.ca.roots, ALPNProtocols: ["h2"], ...shown });
  const [session] = (await once(socket, "session")) as [Buffer];
  socket.destroy();
  return session;
}

/** The serial of the certificate that a new connection is shown. */
async function shownSerial(): Promise<string> {
  const pair = await client1();
  const socket = connectTls({
    port: grpc.port,
    host: "localhost",
    ca: pki.ca.roots,
    key: pair.key.reveal(),
    cert: pair.chainPem,
    ALPNProtocols: ["h2"],
  });
  await once(socket, "secureConnect");
  const { serialNumber }: PeerCertificate = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

describe("a server whose certificates change", () => {
  const rotate = async (overlapMs: number): Promise<void> => {
    const now = pki.clock.now();
    const before = source.current.chain;
    await rotateCa(pki.ca, await createRoot({ now, key }), { now, overlapMs });
    await until(() => source.current.chain !== before, { what: "the server's new certificate" });
  };

  it("shows the new one to the next connection, and goes on with those that are open", async () => {
    const pair = await client1();
    using client = connect(grpc.port, { roots: pki.ca.roots, pair });
    const { path, requestSerialize, responseDeserialize } = grpcService(ExecutorService).getOutStream;
    const request = { $typeName: "ExecutionIdRequest", offset: 0n, stream: 0 } as const;
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    stream.on("error", () => {});
    await once(stream, "data");

    const before = await shownSerial();
    await rotate(30 * day);
    expect(await shownSerial()).not.toBe(before);

    grpc.send();
    await once(stream, "data");
    expect(await whoAmI(client)).toMatchObject({ owner: "client1" });
    stream.cancel();
  });

  it("knows clients of both authorities while they overlap, and then only of the new one", async () => {
    const old = await client1();
    const oldRoots = pki.ca.roots;
    const overlapMs = behind + 60_000;
    await rotate(overlapMs);
    const young = await client1();
    const shown = (pair: typeof old) => ({ key: pair.key.reveal(), cert: pair.chainPem });
    expect(await refusal(shown(old))).toBeNull();
    expect(await refusal(shown(young))).toBeNull();
    // Who knows only the old root follows the new one's signature by the old.
    expect(await refusal({ ...shown(old), ca: oldRoots })).toBeNull();
    pki.clock.advance(overlapMs);
    expect(await refusal(shown(old))).toBe("ended");
    expect(await refusal(shown(young))).toBeNull();
  });

  it("resumes no session that an authority let in which is trusted no more", async () => {
    const pair = await client1();
    const shown = { key: pair.key.reveal(), cert: pair.chainPem };
    const session = await sessionOf(shown);
    expect(await refusal({ ...shown, session })).toBeNull();
    const overlapMs = behind + 60_000;
    await rotate(overlapMs);
    pki.clock.advance(overlapMs);
    expect(await refusal({ ...shown, session })).toBe("ended");
  });

  it("still refuses TLS 1.2, other suites and whoever has no certificate", async () => {
    await rotate(30 * day);
    const pair = await client1();
    const shown = { key: pair.key.reveal(), cert: pair.chainPem };
    expect(await refusal({ ...shown, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" })).toMatch(
      /PROTOCOL_VERSION/,
    );
    expect(await refusal({ ...shown, ciphers: "TLS_AES_256_GCM_SHA384" })).toMatch(/HANDSHAKE_FAILURE/);
    expect(await refusal({})).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
  });
});
