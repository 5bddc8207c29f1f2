import { existsSync, readlinkSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { encodeNetwork } from "../../src/engines/local/networks/place-network.ts";
import { whyNoLabKernel } from "../support/lab-kernel.ts";
import { until } from "../support/until.ts";
import { NativePlace } from "./native-place.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const tool = "/usr/sbin/ip";
const missing = whyNoSandbox() ?? (existsSync(tool) ? whyNoLabKernel() : "there is no ip (iproute2)");
if (missing !== null) console.log(`SKIPPED: the network of a place, because ${missing}`);
// All links lie in a network namespace of the test's own: the host's is never touched.
const host = missing === null ? await SandboxHost.open(undefined, { isApart: true }) : null;
afterAll(() => host?.[Symbol.asyncDispose]());

const places = (): SandboxHost => {
  if (!host) throw new Error("skipped");
  return host;
};
const ip = (...words: string[]): string => places().run(tool, ...words);
const network = (n: number, address6: string | null = `fd88:7::${n}`): Buffer =>
  encodeNetwork({ name: `b7-${n}`, address4: `10.88.1.${n}`, gateway4: "10.88.0.1", address6 });

/** Who makes the sandbox: the runtime shares the network of whoever starts it when its configuration names none. */
function makers(): { maker: string; files: Record<string, string | Buffer> }[] {
  const config = JSON.parse(places().config) as { linux: { namespaces: { type: string }[] } };
  const namespaces = config.linux.namespaces.filter(({ type }) => type !== "network");
  const shared = JSON.stringify({ ...config, linux: { ...config.linux, namespaces } });
  return [
    { maker: "the runtime", files: { "config.json": shared } },
    { maker: "berth-init", files: { sandbox: places().recipe } },
  ];
}

/** As in native/src/shim.h. */
const STEP_NETWORK = 18;
const [EPROTO, EEXIST] = [71, 17];

const shows = ["cat /proc/net/route /proc/net/if_inet6 /proc/net/arp", "readlink /proc/self/ns/net"].join(
  "; ",
);

describe.skipIf(host === null)("the network of a place", () => {
  it.each([0, 1])("is there before a sandbox is, and is the one that its job has (%i)", async (which) => {
    const { files = {} } = makers()[which] ?? {};
    const n = 10 + which;
    const place = new NativePlace(places(), { files: { ...files, network: network(n) } });
    expect(await place.hears("w")).toBe(true);
    expect(ip("route", "show", "dev", `b7-${n}`)).toMatch(
      new RegExp(`^10\\.88\\.1\\.${n} proto static scope link`),
    );
    expect(ip("-6", "route", "show", "dev", `b7-${n}`)).toContain(`fd88:7::${n.toString()} `);
    expect(ip("neigh", "show", "dev", `b7-${n}`).split("\n").filter(Boolean)).toHaveLength(2);
    // No address of its own accord, so nothing to announce.
    expect(ip("address", "show", "dev", `b7-${n}`)).not.toContain("inet");
    place.send("warm\n");
    expect(await place.hears("r")).toBe(true);
    place.give({ argv: ["/bin/sh", "-c", shows] });
    const { init } = await place.ended();
    expect(init).toMatchObject({ kind: "exited", code: 0 });
    const out = place.read("out").toString();
    expect(out).toMatch(/^eth0\t00000000\t0100580A\t0003/m);
    expect(out).toMatch(/^fd88000700000000000000000000/m);
    expect(out).toMatch(/^10\.88\.0\.1 .* 02:be:00:00:00:01 .* eth0$/m);
    expect(out).not.toMatch(/^fe80/m);
    // It goes with its last process, and the host's end and the routes with it.
    await until(() => !ip("link").includes(`b7-${n}`), { what: "the end of the link" });
    expect(ip("route")).not.toContain(`10.88.1.${n}`);
  });

  it.each([0, 1])("belongs to nobody in the sandbox (%i)", async (which) => {
    const { files = {} } = makers()[which] ?? {};
    const n = 20 + which;
    const place = new NativePlace(places(), { files: { ...files, network: network(n) } });
    place.send("warm\n");
    await place.hears("r");
    const own = readlinkSync(`/proc/${place.pid}/ns/net`);
    expect(own).not.toBe(readlinkSync("/proc/self/ns/net"));
    // As the root of the sandbox's users, which no job ever is.
    const asRoot = ["nsenter", `--user=/proc/${place.pid}/ns/user`, `--net=/proc/${place.pid}/ns/net`];
    for (const words of [
      ["link", "set", "eth0", "down"],
      ["address", "add", "10.0.0.1/32", "dev", "eth0"],
      ["route", "del", "default"],
    ])
      expect(() => places().run(...asRoot, tool, ...words)).toThrow(/not permitted/);
    await place.clear();
    await until(() => !ip("link").includes(`b7-${n}`), { what: "the end of the link" });
  });

  it("has no IPv6 where none was asked for", async () => {
    const place = new NativePlace(places(), { files: { network: network(30, null) } });
    expect(await place.hears("w")).toBe(true);
    expect(ip("-6", "route", "show", "dev", "b7-30")).not.toContain("fd88");
    place.letGo();
    await place.ended();
    await until(() => !ip("link").includes("b7-30"), { what: "the end of the link" });
  });

  it("goes with a shim that is killed while it waits", async () => {
    const place = new NativePlace(places(), { files: { network: network(31) } });
    await place.hears("w");
    place.letGo();
    expect((await place.ended()).shim.kind).toBe(4);
    await until(() => !ip("link").includes("b7-31"), { what: "the end of the link" });
  });

  it("is never the host's: a sandbox that shares that ends before it has a job", async () => {
    const { files = {} } = makers()[0] ?? {};
    const place = new NativePlace(places(), { files });
    place.send("warm\n");
    expect((await place.ended()).shim).toMatchObject({ kind: 3, errno: EPROTO, step: STEP_NETWORK });
    expect(place.heard).not.toContain("r");
  });

  it.each([
    ["is cut short", network(40).subarray(0, 55)],
    ["has a byte too many", Buffer.concat([network(40), Buffer.alloc(1)])],
    ["is of another kind", Buffer.from(network(40).toString("latin1").replace("BNW1", "BNW2"), "latin1")],
    ["has a name with a slash", Buffer.from(network(40).toString("latin1").replace("b7-", "b7/"), "latin1")],
  ])("is not made of a file that %s, and then nothing is", async (_what, file) => {
    const place = new NativePlace(places(), { files: { network: file } });
    expect((await place.ended()).shim).toMatchObject({ kind: 3, errno: EPROTO, step: STEP_NETWORK });
    expect(ip("link")).not.toContain("b7-40");
  });

  it("is refused where the host's end is there already, which stays as it was", async () => {
    ip("link", "add", "b7-41", "type", "bridge");
    const place = new NativePlace(places(), { files: { network: network(41) } });
    expect((await place.ended()).shim).toMatchObject({ kind: 3, errno: EEXIST, step: STEP_NETWORK });
    expect(ip("-d", "link", "show", "b7-41")).toContain("bridge");
    ip("link", "del", "b7-41");
  });
});
