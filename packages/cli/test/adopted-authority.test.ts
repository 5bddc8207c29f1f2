import { execFile } from "node:child_process";
import type { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CompanyCa, goodAuthority } from "../../server/test/support/company-ca.ts";
import { startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { asTested, launcher } from "../../server/test/support/launcher.ts";
import { type TempFolder, tempFolder } from "../../server/test/support/temp-folder.ts";
import { runBerth } from "./support/run-berth.ts";

const run = promisify(execFile);

let temp: TempFolder;
let company: CompanyCa;
const dataDir = (): string => join(temp.path, "data");
const inCompany = (name: string): string => join(company.folder, name);

beforeAll(async () => {
  temp = tempFolder();
  const folder = join(temp.path, "company");
  mkdirSync(folder);
  company = await CompanyCa.open(folder);
  await company.certify("berth", goodAuthority);
  const above = ["policy.crt", "root.crt"].map((name) => readFileSync(inCompany(name), "utf8"));
  writeFileSync(inCompany("chain.crt"), above.join(""));
});
afterAll(() => temp[Symbol.asyncDispose]());

const init = (...argv: string[]) =>
  run(launcher, ["ca", "init", ...argv], {
    env: { PATH: process.env["PATH"], ...asTested, BERTH_DATA_DIR: dataDir() },
  });

/** The server's certificate as any client is shown it. */
async function shownBy(port: number, ca: string): Promise<X509Certificate> {
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate>();
  const options = { host: "localhost", port, ca, ALPNProtocols: ["h2"] };
  const socket = connect(options, () => {
    const shown = socket.getPeerX509Certificate();
    if (shown) resolve(shown);
    else reject(new Error("The server shows no certificate"));
  }).on("error", reject);
  return await promise.finally(() => socket.destroy());
}

describe("berth ca init --adopt", () => {
  it("refuses what is no authority, with every reason, and keeps nothing of it", async () => {
    await company.certify("plain", { by: "policy", extensions: ["basicConstraints=critical,CA:FALSE"] });
    const args = ["--adopt", inCompany("plain.crt"), "--key", inCompany("plain.key")];
    await expect(init(...args, "--chain", inCompany("chain.crt"))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Cannot adopt") as string,
    });
  });

  it("gives a server whose certificates a client of the company knows, with an EC key where that is set", async () => {
    const args = ["--adopt", inCompany("berth.crt"), "--key", inCompany("berth.key")];
    expect((await init(...args, "--chain", inCompany("chain.crt"))).stdout).toContain("ca.crt");
    await using server = await startInProcessServer({
      BERTH_DATA_DIR: dataDir(),
      BERTH_GRPC_ADDRESS: "localhost:0",
      BERTH_GRPC_KEY: "ec-p256",
    });
    const root = readFileSync(inCompany("root.crt"), "utf8");
    const shown = await shownBy(server.grpcPort, root);
    expect(shown.issuer).toContain("CN=berth");
    expect(shown.publicKey.asymmetricKeyType).toBe("ec");

    const token = server.api.authorization.slice("Bearer ".length);
    const out = join(temp.path, "ann");
    const issued = await runBerth(["cert", "issue", "ann", "--ec", "--out", out], {
      env: { HOME: temp.path, BERTH_URL: server.url, BERTH_TOKEN: token },
    });
    expect(issued.code).toBe(0);
    const listed = await runBerth(["list", "--grpc", `localhost:${server.grpcPort}`], {
      env: { BERTH_CLIENT_CRED_LOCATION: out },
    });
    expect(listed).toMatchObject({ code: 0, stderr: "berth: no jobs\n" });
  });
});
