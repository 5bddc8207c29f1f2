import { readFile, stat } from "node:fs/promises";
import { BerthError } from "@berth/protocol";

/** Certificates of authorities, PEM. Throws SETTINGS_INVALID. */
export async function readCa(path: string): Promise<string> {
  const text = await read(path);
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw refused(path, "it holds no certificate in PEM");
  return text;
}

/** The first line. Others may not read it. */
export async function readSecret(path: string): Promise<string> {
  const text = (await read(path)).split(/\r?\n/)[0] ?? "";
  if (text === "") throw refused(path, "its first line is empty");
  const { mode } = await stat(path);
  if ((mode & 0o006) !== 0) throw refused(path, "others may read or change it: run chmod 600");
  return text;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(path, code === "ENOENT" ? "it does not exist" : (error as Error).message);
  }
}

function refused(path: string, why: string): BerthError {
  return new BerthError("SETTINGS_INVALID", `Cannot use "${path}": ${why}`);
}
