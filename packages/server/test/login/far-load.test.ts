import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const module = (path: string) =>
  JSON.stringify(new URL(`../../src/auth/providers/${path}`, import.meta.url).href);

/** What is loaded, by name, to know people as these settings say. */
async function loadedBy(settings: object): Promise<string[]> {
  const script = `
    import { registerHooks } from "node:module";
    const asked = new Set();
    registerHooks({ resolve: (name, context, next) => (asked.add(name), next(name, context)) });
    const { openFar } = await import(${module("open-far.ts")});
    await openFar(${JSON.stringify(settings)}, { now: Date.now });
    console.log(JSON.stringify([...asked]));
    process.exit();
  `;
  const args = ["--conditions=berth-source", "--input-type=module", "-e", script];
  return JSON.parse((await run(process.execPath, args)).stdout) as string[];
}

it("loads what speaks to directories and issuers where there are some, and not else", async () => {
  const libraries = ["ldapts", "openid-client"];
  const none = await loadedBy({ introspection: null, ldap: {}, oidc: {} });
  expect(libraries.filter((name) => none.includes(name))).toEqual([]);
  const claims = { name: "a", display: "b", groups: "c" };
  const sso = { issuer: "https://id.example.com", clientId: "x", scopes: [], claims };
  const users = { base: "dc=x", name: "uid", display: "cn" };
  const company = { servers: ["ldap://localhost"], startTls: true, users, timeout: 5 };
  const both = await loadedBy({ introspection: null, ldap: { company }, oidc: { sso } });
  expect(libraries.filter((name) => both.includes(name))).toEqual(libraries);
});
