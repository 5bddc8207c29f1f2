import { create } from "@bufbuild/protobuf";
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
  HealthCheckResponseSchema,
  Health as HealthService,
  HealthListResponseSchema,
} from "@berth/protocol/grpc-health";
import { grpcService } from "@berth/protocol/grpc-service";
import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status as code,
} from "@grpc/grpc-js";

/** Says to load balancers and probes whether the server takes work. */
export interface Health {
  /** For the server as a whole and every service of it; whoever watches is told. */
  set(serving: boolean): void;
}

type Watch = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/**
 * Adds `grpc.health.v1.Health` for these services, serving from the start. Own code, because the library for it brings a
 * second reader of protocol files, which takes 2 MiB of memory.
 */
export function addHealth(server: Server, services: readonly string[]): Health {
  const known = new Set(["", ...services]);
  const watches = new Set<Watch>();
  let now = answer(Status.SERVING);

  server.addService(grpcService(HealthService), {
    check({ request }: ServerUnaryCall<HealthCheckRequest, unknown>, reply: sendUnaryData<unknown>) {
      if (known.has(request.service)) reply(null, now);
      else reply({ code: code.NOT_FOUND, details: `There is no service "${request.service}"` });
    },
    list(_: unknown, reply: sendUnaryData<unknown>) {
      const statuses = Object.fromEntries([...known].map((name) => [name, now]));
      reply(null, create(HealthListResponseSchema, { statuses }));
    },
    watch(stream: Watch) {
      const isKnown = known.has(stream.request.service);
      // The protocol wants the others to be left waiting, in case that their service comes later.
      stream.write(isKnown ? now : answer(Status.SERVICE_UNKNOWN));
      if (!isKnown) return;
      watches.add(stream);
      stream.on("cancelled", () => watches.delete(stream));
    },
  });

  return {
    set(serving) {
      now = answer(serving ? Status.SERVING : Status.NOT_SERVING);
      for (const stream of watches) stream.write(now);
    },
  };
}

function answer(status: Status): HealthCheckResponse {
  return create(HealthCheckResponseSchema, { status });
}
