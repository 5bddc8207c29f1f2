import type { Check } from "@berth/protocol";

/** How the REST API listens. */
export interface RestDoor {
  /** null: plain HTTP. `notAfter` in epoch ms; `isOwn`: of the server's own authority, which renews it. */
  readonly tls: { readonly notAfter: () => number; readonly isOwn: boolean } | null;
  /** Ranges of addresses of proxies who are believed. */
  readonly proxies: readonly string[];
}

const SOON_MS = 14 * 24 * 3600_000;

/** What keeps from others what is said over REST, and for how long. */
export function restChecks({ tls, proxies }: RestDoor, now: number): Check[] {
  const trusted: Check[] =
    proxies.length === 0
      ? []
      : [ok("proxies", `X-Forwarded-* counts from ${proxies.join(", ")} and from nobody else`)];
  if (tls === null) {
    const plain =
      proxies.length === 0
        ? "HTTP, on this host alone"
        : "HTTP: between the trusted proxies and this server nothing is encrypted";
    return [ok("rest", plain), ...trusted];
  }
  const until = `HTTPS, with a certificate that is good until ${new Date(tls.notAfter()).toISOString().slice(0, 10)}`;
  if (tls.isOwn) return [ok("rest", `${until}, replaced by itself before`), ...trusted];
  if (tls.notAfter() - now > SOON_MS) return [ok("rest", until), ...trusted];
  const fix = "Write new files into the folder of BERTH_HTTP_TLS: they are taken up at once";
  return [{ name: "rest", status: "warning", detail: until, fix }, ...trusted];
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, fix: null };
}
