import { expect } from "vitest";
import { runBerth } from "./run-berth.ts";

/** What `--help` says, and nothing but that. */
export async function helpOf(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runBerth([...words, "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}
