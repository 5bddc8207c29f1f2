import { ociConfig } from "../../src/engines/local/bundle/oci-config.ts";
import { encodeRecipe } from "../../src/engines/local/bundle/recipe.ts";

const namespaces = ["pid", "mount", "ipc", "uts", "network", "cgroup", "user"].map((type) => ({ type }));
const noCapabilities = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };

/** A configuration of nothing but what a sandbox needs: what the engine adds has tests of its own. */
export function sandboxConfig({
  root,
  work,
  firstId,
}: {
  root: string;
  work: string;
  firstId: number;
}): string {
  const mapping = [{ containerID: 0, hostID: firstId, size: 65_536 }];
  return JSON.stringify({
    ociVersion: "1.0.2",
    hostname: "job",
    root: { path: root, readonly: true },
    process: {
      user: { uid: 1000, gid: 1000 },
      args: ["/.init/init", "init"],
      env: [],
      cwd: "/",
      noNewPrivileges: true,
      capabilities: noCapabilities,
      rlimits: [{ type: "RLIMIT_CORE", hard: 2 ** 30, soft: 0 }],
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
      { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=1777"] },
      { destination: "/work", type: "bind", source: work, options: ["bind", "nosuid", "nodev"] },
      { destination: "/usr", type: "bind", source: "/usr", options: ["rbind", "ro", "nosuid", "nodev"] },
    ],
    linux: { namespaces, uidMappings: mapping, gidMappings: mapping },
  });
}

/** One instruction: everything is allowed. */
const allowAll = Buffer.from("06000000" + "0000ff7f", "hex").toString("base64");

/** The engine's own recipe, on the folders of a test. */
export function sandboxRecipe(at: { root: string; work: string; firstId: number; users: string }): Buffer {
  const config = ociConfig({
    root: { kind: "host-toolchain" },
    work: null,
    hasNetwork: false,
    ids: { first: at.firstId },
    joinsUsers: true,
    hardLimits: { openFiles: 1024, pendingSignals: 100, queueBytes: 8192, coreBytes: 1 },
    cgroupsPath: null,
    filter: allowAll,
  });
  const bind = (destination: string, source: string) => ({
    destination,
    type: "bind",
    source,
    options: ["bind", "nosuid", "nodev"],
  });
  const namespaces = config.linux.namespaces.map((one) =>
    one.type === "user" ? { type: "user", path: at.users } : one,
  );
  const recipe = encodeRecipe({
    ...config,
    root: { path: at.root, readonly: true },
    mounts: [...config.mounts, bind("/work", at.work), bind("/usr", "/usr")],
    linux: { ...config.linux, namespaces },
  });
  if (!recipe) throw new Error("there is no recipe for it");
  return recipe;
}
