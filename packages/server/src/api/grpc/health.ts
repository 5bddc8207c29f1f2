import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

/** Says to load balancers and probes whether the server takes work. */
export interface Health {
  /** For the server as a whole and every service of it; whoever watches is told. */
  set(serving: boolean): void;
}

/** Adds `grpc.health.v1.Health` for these services, serving from the start. */
export function addHealth(server: Server, services: readonly string[]): Health {
  const health = new HealthImplementation();
  health.addToServer(server);
  const set = (serving: boolean): void => {
    for (const service of ["", ...services]) health.setStatus(service, serving ? "SERVING" : "NOT_SERVING");
  };
  set(true);
  return { set };
}
