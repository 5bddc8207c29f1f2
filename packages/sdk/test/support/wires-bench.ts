import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeCertificates } from "../../../server/test/support/certificates.ts";
import { startInProcessServer } from "../../../server/test/support/in-process-server.ts";
import { tempFolder } from "../../../server/test/support/temp-folder.ts";
import { Berth, type ClientOptions } from "../../src/index.ts";
import { grpc } from "../../src/grpc/grpc.ts";
import { nodeHttp } from "../../src/transport/node-http.ts";

/** A whole server that is reached over both wires. */
export interface WiresBench extends AsyncDisposable {
  ports: { REST: number; gRPC: number };
  /** Where the files of this client lie. */
  certs: (name: string) => string;
  /** A client of whoever listens on this port of `localhost`. */
  open: (wire: "REST" | "gRPC", port: number, options?: ClientOptions) => Berth;
}

export async function openWiresBench(): Promise<WiresBench> {
  await using opening = new AsyncDisposableStack();
  const temp = opening.use(tempFolder());
  const certs = (name = ""): string => join(temp.path, "certs", name);
  await writeCertificates(certs(), { clients: ["ann"] });
  const env = { BERTH_GRPC_ADDRESS: "localhost:0", BERTH_GRPC_CERTS: certs() };
  const server = opening.use(await startInProcessServer(env));
  const open = opening.move();
  const token = server.api.authorization.slice("Bearer ".length);
  const of = (name: string): Buffer => readFileSync(join(certs("ann"), name));
  return {
    ports: { REST: Number(new URL(server.url).port), gRPC: server.grpcPort },
    certs,
    open(wire, port, options) {
      if (wire === "REST")
        return new Berth({ ...options, url: `http://localhost:${port}`, token, transport: nodeHttp() });
      const pem = { ca: of("ca.crt"), certificate: of("client.crt"), key: of("client.key") };
      return new Berth({ ...options, transport: grpc({ target: `localhost:${port}`, ...pem }) });
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
