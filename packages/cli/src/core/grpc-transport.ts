import { grpc, type GrpcTransport } from "@berth/sdk/grpc";
import type { Credentials } from "./settings/credentials.ts";

/** The other wire. A file of its own in the bundle, as few commands need what it loads. */
export function grpcTransport(target: string, credentials: Credentials): GrpcTransport {
  return grpc({ target, ...credentials });
}
