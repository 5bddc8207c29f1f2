import { rename, rm, symlink, unlink, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPkiBench, type PkiBench } from "../../../test/support/pki-bench.ts";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import { until } from "../../../test/support/until.ts";
import { systemClock } from "../../lib/clock.ts";
import { createManualClock } from "../../lib/manual-clock.ts";
import { issueServer } from "../issue.ts";
import { openFolderCredentials } from "./folder-credentials.ts";
import type { ServerCredentialsSource } from "./server-credentials.ts";

let bench: PkiBench;
let folder: TempFolder;
const reports: unknown[] = [];
beforeEach(async () => {
  bench = await openPkiBench();
  folder = tempFolder();
  reports.length = 0;
  await put(folder.path);
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const report = (_what: string, error: unknown): void => void reports.push(error);
const open = (clock = systemClock): Promise<ServerCredentialsSource> =>
  openFolderCredentials({ folder: folder.path, clock, report });

async function put(into: string): Promise<void> {
  const pair = await issueServer(bench, { key: "ec-p256" });
  await writeFile(join(into, "ca.crt"), bench.ca.roots);
  await writeFile(join(into, "server.crt"), pair.chainPem);
  await writeFile(join(into, "server.key"), pair.key.reveal());
}

/** Makes the change; says whether another certificate was current in the end. */
async function taken(source: ServerCredentialsSource, change: () => unknown): Promise<boolean> {
  const before = source.current.chain;
  await change();
  return until(() => source.current.chain !== before, { what: "the new certificate" });
}

describe("a folder of certificates", () => {
  it("is taken up again when its files are written anew", async () => {
    await using source = await open();
    let told = 0;
    source.onChange(() => (told += 1));
    expect(await taken(source, () => put(folder.path))).toBe(true);
    expect(told).toBe(1);
  });

  it("is taken up again when files are moved into place", async () => {
    await using source = await open();
    const moved = await taken(source, async () => {
      const beside = join(folder.path, "new");
      await mkdir(beside);
      await put(beside);
      for (const name of ["server.crt", "server.key"]) {
        await rename(join(beside, name), join(folder.path, name));
      }
    });
    expect(moved).toBe(true);
  });

  it("is taken up again when a link to another folder takes its place, as with a mounted secret", async () => {
    for (const name of ["one", "two"]) {
      await mkdir(join(folder.path, name));
      await put(join(folder.path, name));
    }
    await symlink("one", join(folder.path, "..data"));
    for (const name of ["ca.crt", "server.crt", "server.key"]) {
      await rm(join(folder.path, name));
      await symlink(join("..data", name), join(folder.path, name));
    }
    await using source = await open();
    const moved = await taken(source, async () => {
      await symlink("two", join(folder.path, "..next"));
      await rename(join(folder.path, "..next"), join(folder.path, "..data"));
    });
    expect(moved).toBe(true);
  });

  it("is looked at once a minute where nothing tells of changes", async () => {
    const clock = createManualClock(Date.now());
    const real = join(folder.path, "real");
    await mkdir(real);
    await put(real);
    for (const name of ["ca.crt", "server.crt", "server.key"]) {
      await rm(join(folder.path, name));
      await symlink(join(real, name), join(folder.path, name));
    }
    await using source = await open(clock);
    // Behind the links nobody watches.
    await put(real);
    expect(await taken(source, () => clock.advance(60_000))).toBe(true);
  });

  it("tells of a change only when there is one, and of a fault only once", async () => {
    const clock = createManualClock(Date.now());
    await using source = await open(clock);
    let told = 0;
    source.onChange(() => (told += 1));
    // A look has ended when the next one is planned.
    const look = async (): Promise<void> => {
      clock.advance(60_000);
      await until(() => clock.pending === 1, { what: "the end of the look" });
    };
    await look();
    await writeFile(join(folder.path, "ca.crt"), "nonsense");
    await look();
    await look();
    await put(folder.path);
    await look();
    expect([told, reports.length]).toEqual([1, 1]);
  });

  it("keeps what works when the new files do not, says so once, and takes up the next ones", async () => {
    await using source = await open();
    const before = source.current;
    await writeFile(join(folder.path, "server.crt"), "nonsense");
    await until(() => reports.length > 0, { what: "the report" });
    expect(source.current).toBe(before);
    await writeFile(join(folder.path, "server.crt"), "nonsense");
    expect(await taken(source, () => put(folder.path))).toBe(true);
    expect(reports).toHaveLength(1);
  });

  it.each([
    ["without a key", () => unlink(join(folder.path, "server.key")), /server\.key": it does not exist$/],
    ["without an authority", () => unlink(join(folder.path, "ca.crt")), /ca\.crt": it does not exist$/],
    [
      "with no certificate",
      () => writeFile(join(folder.path, "ca.crt"), "x"),
      /ca\.crt": it holds no certificate/,
    ],
    [
      "with no key",
      () => writeFile(join(folder.path, "server.key"), "SECRET"),
      /server\.key": it is no private key/,
    ],
    [
      "with another's key",
      async () =>
        writeFile(
          join(folder.path, "server.key"),
          (await issueServer(bench, { key: "ec-p256" })).key.reveal(),
        ),
      /server\.key": it is not the key of the certificate in/,
    ],
    [
      "that is huge",
      () => writeFile(join(folder.path, "ca.crt"), Buffer.alloc(2 << 20)),
      /larger than 1 MiB$/,
    ],
  ])("is refused at the start %s", async (_what, spoil, why) => {
    await spoil();
    const error: unknown = await open().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "SETTINGS_INVALID", message: expect.stringMatching(why) as string });
    expect(String(error)).not.toContain("SECRET");
  });

  it.each(["X509 CERTIFICATE", "TRUSTED CERTIFICATE"])("may hold its authority as %s", async (kind) => {
    const plain = bench.ca.roots;
    await writeFile(join(folder.path, "ca.crt"), plain.replaceAll("CERTIFICATE", kind));
    await using source = await open();
    expect(source.current.clientCas).toBe(plain);
  });

  it.each([
    ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
    ["half a one", "-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n"],
  ])("is refused at the start with a good authority and %s behind it", async (_what, more) => {
    await writeFile(join(folder.path, "ca.crt"), bench.ca.roots + more);
    await expect(open()).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: `Cannot use "${join(folder.path, "ca.crt")}": it holds no certificate in PEM, or one that cannot be read`,
    });
  });

  it("is refused at the start with a certificate that has expired", async () => {
    await expect(open(createManualClock(Date.now() + 100 * 24 * 3600_000))).rejects.toThrow(
      /the certificate expired on/,
    );
  });
});
