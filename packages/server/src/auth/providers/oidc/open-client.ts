import * as oidc from "openid-client";
import { farRequest } from "../far/far-request.ts";
import type { OidcOptions } from "./oidc-options.ts";

const MOST_BYTES = 256 * 2 ** 10;

/**
 * What the issuer says of itself, and its keys, read anew for each login: of keys that were kept, one that was replaced
 * meanwhile is not known, and the login is spent. Logins are rare.
 */
export async function openClient({
  issuer,
  clientId,
  clientSecret,
  ca,
  timeoutMs,
}: Pick<
  OidcOptions,
  "issuer" | "clientId" | "clientSecret" | "ca" | "timeoutMs"
>): Promise<oidc.Configuration> {
  const isPlain = issuer.protocol === "http:";
  return await oidc.discovery(issuer, clientId, undefined, authentication(clientSecret), {
    // Without it what comes with the token is taken as it is, whoever has signed it.
    execute: [oidc.enableNonRepudiationChecks, ...(isPlain ? [oidc.allowInsecureRequests] : [])],
    [oidc.customFetch]: async (url, { method, headers, body, signal }) => {
      const text = body instanceof URLSearchParams ? body.toString() : body;
      const answer = await farRequest({
        url: new URL(url),
        method: method === "POST" ? "POST" : "GET",
        headers,
        ...(typeof text === "string" && { body: text }),
        ca,
        timeoutMs,
        mostBytes: MOST_BYTES,
        signal: signal ?? undefined,
      });
      const shown = { status: answer.status, headers: answer.headers };
      return new Response([204, 304].includes(answer.status) ? null : answer.body, shown);
    },
  });
}

/** As the standard wants it, unless the issuer says that it takes it in no other way than in the body. */
function authentication(secret: string | null): oidc.ClientAuth {
  if (secret === null) return oidc.None();
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const way = methods === undefined || methods.includes("client_secret_basic") ? basic : post;
    way(server, client, body, headers);
  };
}

/** What openid-client says is general; what was wrong stands behind it. */
export function whyOf(error: unknown): string {
  const reasons: string[] = [];
  for (let inner = error, depth = 0; inner instanceof Error && depth < 3; inner = inner.cause, depth += 1)
    reasons.push(inner.message);
  return reasons.join(": ").replaceAll("\n", " ").slice(0, 300);
}
