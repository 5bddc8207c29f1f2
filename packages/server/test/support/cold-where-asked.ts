/**
 * With BERTH_TEST_COLD=1 no sandbox stands ready for any job of the local engine's tests, which are to hold all the same.
 * Of settings of the server.
 */
export const coldWhereAsked: Readonly<Record<string, string>> =
  process.env["BERTH_TEST_COLD"] === "1" ? { BERTH_WARM_SANDBOXES: "0" } : {};
