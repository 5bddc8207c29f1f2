import { styleText } from "node:util";
import type { Environment } from "../surroundings.ts";

/** Puts a text into a colour, or leaves it as it is where colours are unwanted. */
export type Paint = (color: "bold" | "dim" | "green" | "red" | "yellow", text: string) => string;

/** Colours on a terminal, unless NO_COLOR is set to anything. */
export function painter(options: { isTerminal: boolean; env: Environment }): Paint {
  const wanted =
    options.isTerminal && (options.env["NO_COLOR"] ?? "") === "" && options.env["TERM"] !== "dumb";
  return (color, text) => (wanted ? styleText(color, text, { validateStream: false }) : text);
}
