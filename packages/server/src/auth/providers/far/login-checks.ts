import type { Check } from "@berth/protocol";
import type { Verdict } from "../introspection/read-answer.ts";
import type { Examined } from "../ldap/examine.ts";

const FIXES: Readonly<Record<Exclude<Examined["at"], null>, string>> = {
  connection: "Check `servers`, `startTls` and `ca` in `ldap`, and that the server is reached from here",
  bind: "Check `bindDn` and what `passwordFile` holds",
  people: "Check `users.base`, and that `bindDn` may read it",
  groups: "Check `groups.base`, and that `bindDn` may read it",
};

/** What going the way of a login has shown. One server that answers is enough to log in. */
export function ldapChecks(name: string, examined: readonly Examined[]): Check[] {
  const worst = examined.every(({ at }) => at !== null) ? "missing" : "warning";
  return examined.map(({ server, at, why }) =>
    at === null
      ? { name, status: "ok", detail: `${server}: people can log in`, fix: null }
      : { name, status: worst, detail: `${server}: ${at} fails: ${why}`, fix: FIXES[at] },
  );
}

/** Asked for a token that nobody has, it has to say so. */
export function introspectionChecks(verdict: Verdict): Check[] {
  const name = "introspection";
  if (verdict.kind === "unknown") return [{ name, status: "ok", detail: "It answers", fix: null }];
  if (verdict.kind === "known") {
    const detail = "It vouches for a token that nobody has: anybody can come in";
    return [{ name, status: "missing", detail, fix: "Check what BERTH_INTROSPECTION_URL leads to" }];
  }
  const fix = "Check BERTH_INTROSPECTION_URL, _STYLE, _CREDENTIALS and _CA, and that it is reached from here";
  return [{ name, status: "missing", detail: `Nobody can say whose a token is: ${verdict.why}`, fix }];
}

/** Whether an issuer tells of itself, and what it must for people to log in by it. */
export function oidcCheck(name: string, fault: string | null): Check {
  if (fault === null)
    return { name, status: "ok", detail: "It answers: people can log in by a device", fix: null };
  const fix =
    "Check `issuer` and `ca` in `oidc`, that it is reached from here, and what it lets this client do";
  return { name, status: "missing", detail: `Nobody can log in: ${fault}`, fix };
}
