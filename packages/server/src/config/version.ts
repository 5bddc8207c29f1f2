import { readFileSync } from "node:fs";

/** Of this package, as published: its package.json lies two folders up, from the sources as from the build. */
export const version: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
