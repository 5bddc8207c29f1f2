import { key } from "./key.ts";
import { addressRanges, hostNames, httpAddress, oneOf, origins, orNone, tlsSource } from "../parsers.ts";

/** Where the REST API listens, and what keeps its words from others. */
export const restKeys = {
  httpAddress: key({
    env: "BERTH_HTTP_ADDRESS",
    yaml: "http.address",
    parser: httpAddress,
    default: "127.0.0.1:7400",
    about:
      "Where the API listens; port 0 takes a free one. Beyond this host only with BERTH_HTTP_TLS, or with a proxy that has TLS and is named in BERTH_TRUSTED_PROXIES",
  }),
  httpTls: key({
    env: "BERTH_HTTP_TLS",
    yaml: "http.tls",
    parser: tlsSource,
    default: "none",
    about:
      "HTTPS instead of HTTP, TLS 1.2 or newer: `built-in` takes a certificate of the server's own authority (clients need its `pki/ca.crt`), a folder is one with `server.crt` and `server.key`, taken up again when they change",
  }),
  trustedProxies: key({
    env: "BERTH_TRUSTED_PROXIES",
    yaml: "http.trustedProxies",
    parser: orNone(addressRanges),
    default: "none",
    about:
      "Addresses and ranges of proxies, comma-separated, like `10.1.2.3, 10.2.0.0/16`: what they say in `X-Forwarded-For`, `-Host` and `-Proto` counts, and nobody else's. Naming them also lets the API listen beyond this host without TLS of its own",
  }),
  httpNames: key({
    env: "BERTH_HTTP_NAMES",
    yaml: "http.names",
    parser: orNone(hostNames),
    default: "none",
    about:
      "Names by which clients reach the API, comma-separated, beside addresses, localhost, this host's name and the one in BERTH_HTTP_ADDRESS. A request for any other name is refused with HOST_UNKNOWN, so that no web page can pass for the server's own. The built-in authority puts them into the server's certificate",
  }),
  kritenImages: key({
    env: "BERTH_KRITEN_IMAGES",
    yaml: "http.kritenImages",
    parser: oneOf("refuse", "ignore"),
    default: "refuse",
    about:
      "What becomes of the container image of a runner that is defined by way of `/kriten/api/v1`, where every runner names one: `refuse` asks the engine for it, which refuses the runs where it has no images; `ignore` notes it, and runs use the programs of the engine's host",
  }),
  kritenOrigins: key({
    env: "BERTH_KRITEN_ORIGINS",
    yaml: "http.kritenOrigins",
    parser: orNone(origins),
    default: "none",
    about:
      "Origins of web pages, comma-separated, like `https://console.example.com`, that may use `/kriten/api/v1` from a browser (CORS) by the token of a login or an API token, which they send in a header. Cookies are no credential for them",
  }),
};
