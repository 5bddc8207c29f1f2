import { absolutePath, hostNames, httpAddress, oneOf, orBuiltIn, orNone } from "../parsers.ts";
import { key } from "./key.ts";
import { restKeys } from "./rest-keys.ts";

/** Where the server listens, and as whom. */
export const listenKeys = {
  ...restKeys,
  grpcAddress: key({
    env: "BERTH_GRPC_ADDRESS",
    yaml: "grpc.address",
    parser: orNone(httpAddress),
    default: "127.0.0.1:7401",
    about:
      "Where gRPC listens, with mutual TLS 1.3; port 0 takes a free one, `none` leaves it out. Safe to open to other hosts: nobody comes in without a client certificate",
  }),
  grpcCerts: key({
    env: "BERTH_GRPC_CERTS",
    yaml: "grpc.certs",
    parser: orBuiltIn(absolutePath),
    default: "built-in",
    about:
      "Folder with `ca.crt`, `server.crt` and `server.key` for gRPC, taken up again when they change; `built-in` is the server's own authority, below the data folder",
  }),
  grpcNames: key({
    env: "BERTH_GRPC_NAMES",
    yaml: "grpc.names",
    parser: orNone(hostNames),
    default: "none",
    about:
      "Names and addresses by which clients on other hosts reach gRPC, comma-separated; the built-in authority puts them into the server's certificate, beside localhost and this host's name",
  }),
  grpcBind: key({
    env: "BERTH_GRPC_BIND",
    yaml: "grpc.bind",
    parser: orNone(oneOf("admin", "executor", "admin,executor")),
    default: "none",
    about:
      "With BERTH_GRPC_CERTS: names of the server's own that a certificate may have all the same, `admin` or `executor`, and whose jobs are then its own too. Others with such a name are refused: that authority knows nothing of the names over REST",
  }),
  grpcKey: key({
    env: "BERTH_GRPC_KEY",
    yaml: "grpc.key",
    parser: oneOf("rsa-2048", "ec-p256"),
    default: "rsa-2048",
    about:
      "Key of the server's certificate from the built-in authority: RSA for the widest choice of clients, or EC (P-256); a change replaces the certificate at the next start",
  }),
};
