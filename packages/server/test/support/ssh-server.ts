import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

const SSHD = "/usr/sbin/sshd";

/** Why there is no ssh server on this host; null where there can be one. */
export function sshdIsMissing(): string | null {
  return existsSync(SSHD) ? null : "there is no sshd: scripts/install-host test installs it";
}

/** Debian's sshd, which lets one key in as root, for git alone. */
export interface SshServer extends AsyncDisposable {
  port: number;
  /** The host's public key, without its name. */
  hostKey: string;
  /** The private key that is let in, and one that is not. */
  key: string;
  otherKey: string;
}

export async function startSshServer(): Promise<SshServer> {
  const folder = tempFolder();
  const at = (name: string) => join(folder.path, name);
  const read = (name: string) => readFileSync(at(name), "utf8");
  for (const name of ["host", "user", "other"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", at(name)], {
      stdio: "pipe",
    });
  writeFileSync(
    at("allowed"),
    `restrict,command="exec git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" ${read("user.pub")}`,
  );
  const port = await freePort();
  const conf = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host")}`,
    `AuthorizedKeysFile ${at("allowed")}`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin yes",
    "SetEnv GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*",
    `PidFile ${at("pid")}`,
  ];
  writeFileSync(at("conf"), `${conf.join("\n")}\n`);
  // What the package's own start makes, which does not happen here.
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn("setpriv", ["--pdeathsig", "KILL", SSHD, "-D", "-q", "-f", at("conf")], {
    stdio: "ignore",
  });
  await until(() => listens(port), { what: "sshd" });
  return {
    port,
    hostKey: read("host.pub").split(" ").slice(0, 2).join(" "),
    key: read("user"),
    otherKey: read("other"),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      await folder[Symbol.asyncDispose]();
    },
  };
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy());
}
