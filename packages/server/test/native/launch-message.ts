export interface LaunchMessage {
  argv: readonly string[];
  path?: string;
  cwd?: string;
  env?: readonly string[];
  limits?: readonly { resource: number; soft: number; hard: number }[];
}

/** The file `launch`, as native/README.md says. */
export function launchMessage({ argv, path, cwd = "/", env = [], limits = [] }: LaunchMessage): Buffer {
  const head = Buffer.alloc(24 + 24 * limits.length);
  limits.forEach(({ resource, soft, hard }, n) => {
    head.writeUInt32LE(resource, 24 + 24 * n);
    head.writeBigUInt64LE(BigInt(soft), 32 + 24 * n);
    head.writeBigUInt64LE(BigInt(hard), 40 + 24 * n);
  });
  const strings = [cwd, path ?? argv[0] ?? "", ...argv, ...env].map((text) => `${text}\0`).join("");
  const body = Buffer.from(strings);
  head.write("BLN1", 0, "latin1");
  head.writeUInt32LE(head.length + body.length, 4);
  head.writeUInt32LE(argv.length, 8);
  head.writeUInt32LE(env.length, 12);
  head.writeUInt32LE(limits.length, 16);
  return Buffer.concat([head, body]);
}
