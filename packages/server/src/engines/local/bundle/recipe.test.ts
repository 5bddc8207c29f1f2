import { describe, expect, it } from "vitest";
import { type BundleRequest, ociConfig, type OciConfig } from "./oci-config.ts";
import { encodeRecipe } from "./recipe.ts";

const request: BundleRequest = {
  root: { kind: "host-toolchain" },
  work: "place.1",
  hasNetwork: false,
  ids: { first: 1_900_000_000 },
  joinsUsers: true,
  hardLimits: { openFiles: 1024, pendingSignals: 100, queueBytes: 1000, coreBytes: 1 },
  cgroupsPath: null,
  filter: Buffer.alloc(16, 6).toString("base64"),
};
const config = ociConfig(request);
const { linux, process, mounts } = config;
const withMount = (type: string, options: string[]): OciConfig => ({
  ...config,
  mounts: [...mounts, { destination: "/x", type, source: "x", options }],
});

describe("the recipe of a sandbox", () => {
  it("says all that the configuration says", () => {
    const recipe = encodeRecipe(config);
    const numbers = Array.from({ length: 11 }, (_, n) => recipe?.readUInt32LE(4 + 4 * n));
    const { maskedPaths, readonlyPaths } = linux;
    const counts = [4, 2, mounts.length, maskedPaths.length, readonlyPaths.length, 2];
    expect(recipe?.toString("latin1", 0, 4)).toBe("BSB1");
    expect(numbers).toEqual([recipe?.length, 1000, 1000, ...counts, 0, 0]);
    const text = recipe?.toString("latin1") ?? "";
    const words = ["job", "/sys/berth/rootfs", ...process.args, ...maskedPaths, ...readonlyPaths];
    for (const word of [...words, ...mounts.map(({ destination }) => destination)])
      expect(text).toContain(`\0${word}\0`);
    expect(text).toContain("newinstance,ptmxmode=0666,mode=0620,max=32");
  });

  it.each<{ what: string; odd: OciConfig }>([
    { what: "a group of the runtime's own", odd: ociConfig({ ...request, cgroupsPath: "/a" }) },
    { what: "a list of system calls in words", odd: ociConfig({ ...request, filter: null }) },
    { what: "a user namespace that is to be made", odd: ociConfig({ ...request, joinsUsers: false }) },
    {
      what: "half an instruction",
      odd: ociConfig({ ...request, filter: Buffer.alloc(12).toString("base64") }),
    },
    { what: "a root to write to", odd: { ...config, root: { path: "/a", readonly: false } } },
    { what: "a variable", odd: { ...config, process: { ...process, env: ["A=B"] } } },
    { what: "a directory", odd: { ...config, process: { ...process, cwd: "/work" } } },
    { what: "new privileges", odd: { ...config, process: { ...process, noNewPrivileges: false } } },
    {
      what: "a capability",
      odd: { ...config, process: { ...process, capabilities: { bounding: ["CAP_KILL"] } } },
    },
    {
      what: "an unknown limit",
      odd: { ...config, process: { ...process, rlimits: [{ type: "RLIMIT_RTPRIO", soft: 1, hard: 1 }] } },
    },
    {
      what: "one namespace less",
      odd: { ...config, linux: { ...linux, namespaces: linux.namespaces.slice(0, -1) } },
    },
    {
      what: "one that is joined",
      odd: {
        ...config,
        linux: { ...linux, namespaces: linux.namespaces.map((one) => ({ ...one, path: "/a" })) },
      },
    },
    {
      what: "a word that only the runtime knows",
      odd: { ...config, linux: Object.assign({ devices: [] }, linux) },
    },
    { what: "another annotation", odd: { ...config, annotations: { ...config.annotations, a: "b" } } },
    { what: "hooks", odd: Object.assign({ hooks: {} }, config) },
    { what: "another file system", odd: withMount("overlay", []) },
    { what: "an unknown option", odd: withMount("tmpfs", ["strictatime"]) },
    { what: "an option that hides another", odd: withMount("tmpfs", ["size=1,uid=0"]) },
    { what: "a mount with all below it", odd: withMount("bind", ["rbind"]) },
    {
      what: "more than fits",
      odd: ociConfig({ ...request, filter: Buffer.alloc(65_536).toString("base64") }),
    },
  ])("is none, so that the runtime makes it, for $what", ({ odd }) => {
    expect(encodeRecipe(odd)).toBeNull();
  });
});
