import type { SecretUse } from "@berth/protocol";
import { expect, it } from "vitest";
import { secretsOfJob } from "./secrets-of-job.ts";

const stored: Record<string, ReadonlyMap<string, Uint8Array>> = {
  db: new Map([
    ["user", Buffer.from("berth-user")],
    ["password", Buffer.from("correct-horse")],
  ]),
  other: new Map([["password", Buffer.from("battery-staple")]]),
  bytes: new Map([["raw", Buffer.from([1, 2, 0, 3, 4, 5])]]),
  large: new Map([["whole", Buffer.alloc(17 * 1024)]]),
};

function givenTo(uses: SecretUse[], variables: string[] = []): unknown {
  const made = secretsOfJob(uses, { valuesOf: (name) => stored[name] ?? new Map(), variables });
  if ("problems" in made) return made.problems.map(({ field, message }) => `${field} ${message}`);
  const text = (values: ReadonlyMap<string, Uint8Array>) =>
    Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString()]));
  return { files: text(made.given.files), env: text(made.given.env) };
}

it("gives all keys as files, those that are named, or none where variables are", () => {
  expect(givenTo([{ name: "db" }])).toEqual({
    files: { user: "berth-user", password: "correct-horse" },
    env: {},
  });
  expect(givenTo([{ name: "db", keys: ["user"] }, { name: "other" }])).toEqual({
    files: { user: "berth-user", password: "battery-staple" },
    env: {},
  });
  expect(givenTo([{ name: "db", env: { PGPASSWORD: "password" } }])).toEqual({
    files: {},
    env: { PGPASSWORD: "correct-horse" },
  });
  expect(givenTo([{ name: "db", keys: ["user"], env: { PGPASSWORD: "password" } }])).toEqual({
    files: { user: "berth-user" },
    env: { PGPASSWORD: "correct-horse" },
  });
});

it("gives nothing that is not there, nothing twice, and not too much", () => {
  expect(givenTo([{ name: "db", keys: ["pin"], env: { PIN: "pin" } }])).toEqual([
    'secrets[0].keys[0] must be a key of "db": "pin" is none',
    'secrets[0].env.PIN must be a key of "db": "pin" is none',
  ]);
  expect(givenTo([{ name: "db" }, { name: "other" }])).toEqual([
    'secrets[1] must not give the file "password" twice: name other keys',
  ]);
  expect(givenTo([{ name: "db", env: { A: "user" } }], ["A"])).toEqual([
    "secrets[0].env.A must not be given twice",
  ]);
  expect(givenTo([{ name: "bytes", env: { RAW: "raw" } }])).toEqual([
    "secrets[0].env.RAW must hold no NUL: take it as a file",
  ]);
  expect(givenTo([{ name: "large" }])).toEqual(["secrets must be at most 64 keys of 16384 bytes together"]);
});
