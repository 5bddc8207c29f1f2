/**
 * A bare grpc-js server, to compare with: the same messages and the same mutual TLS, and nothing behind them. Takes the
 * folder of certificates as its argument and says its port.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ExecutionIdRequest, ExecutorService } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from "@grpc/grpc-js";

const [certs = "", answerPath = ""] = process.argv.slice(2);
const read = (name: string): Buffer => readFileSync(join(certs, name));
const { getExecution } = grpcService(ExecutorService);
const reply = getExecution.responseDeserialize(readFileSync(answerPath));

const server = new Server({ "grpc.enable_channelz": 0 });
server.addService(
  { getExecution },
  {
    getExecution(
      call: ServerUnaryCall<ExecutionIdRequest, typeof reply>,
      answer: sendUnaryData<typeof reply>,
    ) {
      answer(null, { ...reply, ...(call.request.executionId && { executionId: call.request.executionId }) });
    },
  },
);
const secure = ServerCredentials.createSsl(
  read("ca.crt"),
  [{ private_key: read("server.key"), cert_chain: read("server.crt") }],
  true,
);
console.log(await promisify(server.bindAsync.bind(server))("localhost:0", secure));
