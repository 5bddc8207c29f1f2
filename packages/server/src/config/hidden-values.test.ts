import { isBerthError } from "@berth/protocol";
import { expect, it } from "vitest";
import { loadConfig } from "./config.ts";

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig({ env, cwd: "/nonexistent" });
  } catch (error) {
    if (isBerthError(error)) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

it.each([
  ["BERTH_AUDIT_WEBHOOK", "http://ann:s3cret@log.example/in"],
  ["BERTH_AUDIT_WEBHOOK", "htps://log.example/in?token=s3cret"],
  ["BERTH_AUDIT_SYSLOG", "tcp://ann:s3cret@log.example:601"],
  ["BERTH_INTROSPECTION_URL", "https://berth:s3cret@id.example/introspect"],
  ["BERTH_HTTP_ADDRESS", "http://ann:s3cret@berth.example:7400"],
  ["BERTH_LDAP", "d: {servers: ['ldap://ann:s3cret@dc'], users: {base: dc=x}}"],
  ["BERTH_LDAP", "d: {servers: ['ldap://ann:s3cret@dc'], users: {base: dc=x}"],
  ["BERTH_OIDC", "sso: {issuer: 'https://ann:s3cret@id.example', clientId: berth}"],
  ["BERTH_OIDC", "sso: {issuer: 'https://:s3cret@id.example', clientId: berth}"],
])("a refusal of %s=%s shows no password in it", (name, value) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).not.toEqual([]);
  expect(problems.filter((problem) => problem.includes("s3cret"))).toEqual([]);
});
