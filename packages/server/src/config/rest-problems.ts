import { isIP } from "node:net";
import type { HttpAddress, TlsSource } from "./parsers.ts";

interface Listening {
  http: HttpAddress & { tls: TlsSource; trustedProxies: readonly string[] };
  grpc: { address: HttpAddress | null; certs: string | null };
}

/** What is wrong with settings of the REST API only together. */
export function restProblems({ http, grpc }: Listening): string[] {
  const { host, port, tls, trustedProxies } = http;
  const problems: string[] = [];
  if (tls.kind === "none" && trustedProxies.length === 0 && !isLoopback(host)) {
    problems.push(
      "BERTH_HTTP_ADDRESS must be on this host alone (127.0.0.1, ::1 or localhost) while what it says is not encrypted: " +
        "set BERTH_HTTP_TLS to built-in or to a folder with certificates, or name the proxy with TLS that stands before it " +
        `in BERTH_TRUSTED_PROXIES: current value is "${host.includes(":") ? `[${host}]` : host}:${port}"`,
    );
  }
  if (tls.kind === "built-in" && grpc.address !== null && grpc.certs !== null) {
    problems.push(
      "BERTH_HTTP_TLS must be a folder or none while BERTH_GRPC_CERTS names one, for the built-in authority is not in use then: " +
        'current value is "built-in"',
    );
  }
  return problems;
}

/** `localhost` leads nowhere else on any host that is well. */
function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith("127.");
  return host.toLowerCase() === "localhost" || host === "::1" || /^::ffff:127\./i.test(host);
}
