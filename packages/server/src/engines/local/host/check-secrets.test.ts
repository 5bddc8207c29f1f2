import { expect, it } from "vitest";
import { checkSecrets, takesSecrets } from "./check-secrets.ts";

it("gives jobs secrets from Linux 5.12 on, and says so where it cannot", () => {
  const releases = ["6.1.0-13-amd64", "5.12.0", "10.0-rc1", "5.11.22-generic", "5.9", "4.19.0", ""];
  expect(releases.map(takesSecrets)).toEqual([true, true, true, false, false, false, false]);
  expect(checkSecrets("6.1.0")).toMatchObject({ status: "ok", fix: null });
  expect(checkSecrets("5.10.0-8")).toMatchObject({
    status: "missing",
    detail: "jobs with secrets are refused: Linux 5.10.0-8 cannot give them any",
  });
});
