import { join, resolve } from "node:path";

const checkout = process.env["BERTH_TEST_CHECKOUT"];

/** What operators call: of the checkout that was made of these sources for tests, and where none was, of the sources. */
export const launcher =
  checkout === undefined
    ? resolve(import.meta.dirname, "../../../../bin/berth")
    : join(checkout, "bin/berth");

/** Settings without which it would start what was built last, and compile it anew. */
export const asTested: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
  ...(checkout === undefined && { BERTH_FROM_SOURCE: "1" }),
};

/** The module that arms a crash point, of the same code as the server: two copies would know nothing of each other. */
export const crashPointArmer =
  checkout === undefined
    ? new URL("arm-crash-point.ts", import.meta.url).pathname
    : join(checkout, "packages/server/bundle/arm-crash-point.js");
