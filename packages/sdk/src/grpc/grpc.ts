import type { WireTransport } from "../resources/job/job-wire.ts";
import { Connection } from "../transport/retry.ts";
import { Calls } from "./calls.ts";
import { GrpcJobs } from "./grpc-jobs.ts";
import { restRefused } from "./not-over-grpc.ts";

/** Where a server is, and who asks. All PEM. */
export interface GrpcOptions {
  /** As in `host:7401`; the server's certificate names this host. */
  target: string;
  /** The authority that signed the server's certificate: its `ca.crt`. */
  ca: string | Uint8Array;
  /** The client's certificate with what signed it: `client.crt`. */
  certificate: string | Uint8Array;
  /** The certificate's private key: `client.key`. */
  key: string | Uint8Array;
  /** The folder that they came from; named in errors, for whoever mends it. */
  folder?: string | undefined;
}

/** A way to a server over gRPC. */
export interface GrpcTransport extends WireTransport, Disposable {
  /** Ends what is open. Not needed at the end of a program: a connection that nobody uses holds none up. */
  close(): void;
}

/**
 * A server over gRPC with mutual TLS, for `new Berth({ transport })`: whoever the certificate names submits, follows and
 * stops jobs; what the command door has no call for is refused with SETTINGS_INVALID. The connection is made at the first
 * call, and shared by the clients that are made with it. Needs `@grpc/grpc-js`, which is not installed along.
 *
 * @example
 * ```ts
 * import { Berth } from "@berth/sdk";
 * import { grpc } from "@berth/sdk/grpc";
 *
 * const [ca, certificate, key] = ["ca.crt", "client.crt", "client.key"].map((name) => readFileSync(name));
 * const berth = new Berth({ transport: grpc({ target: "host:7401", ca, certificate, key }) });
 * ```
 */
export function grpc(options: GrpcOptions): GrpcTransport {
  const opened: Calls[] = [];
  const close = (): void => opened.splice(0).forEach((calls) => calls.close());
  return {
    link({ userAgent, patience, exactNumber, onConnection }) {
      const connection = new Connection(onConnection);
      const calls = new Calls({ ...options, userAgent });
      opened.push(calls);
      const jobs = new GrpcJobs({ calls, patience, connection, exactNumber });
      return {
        jobs,
        rest: restRefused(jobs),
        isReady: (signal) => jobs.isReady(signal),
      };
    },
    close,
    [Symbol.dispose]: close,
  };
}
