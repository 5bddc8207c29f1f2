import { expect, it } from "vitest";
import { missingPlatforms } from "./missing-platforms.ts";

const packages = {
  "node_modules/tool": {
    version: "2.0.0",
    dev: true,
    optionalDependencies: {
      "@tool/linux-x64-gnu": "2.0.0",
      "@tool/linux-x64-musl": "2.0.0",
      "@tool/binding-darwin-arm64": "2.0.0",
    },
  },
  "node_modules/@tool/linux-x64-gnu": { version: "2.0.0" },
};

it("names the platforms that a lockfile leaves out, each with the platform that it is for", () => {
  expect(missingPlatforms({ packages })).toEqual({
    "node_modules/@tool/linux-x64-musl": {
      version: "2.0.0",
      cpu: ["x64"],
      dev: true,
      libc: ["musl"],
      optional: true,
      os: ["linux"],
    },
    "node_modules/@tool/binding-darwin-arm64": {
      version: "2.0.0",
      cpu: ["arm64"],
      dev: true,
      optional: true,
      os: ["darwin"],
    },
  });
});

it("finds a dependency that lies below the package that wants it", () => {
  const nested = {
    "node_modules/a": { version: "1.0.0", optionalDependencies: { b: "1.0.0" } },
    "node_modules/a/node_modules/b": { version: "1.0.0" },
  };
  expect(missingPlatforms({ packages: nested })).toEqual({});
});
