import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from "@berth/protocol/grpc-reflection";
import { file_executor } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import {
  type Client,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addReflection } from "./reflection.ts";

type Asked = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]>;

let server: Server;
let client: Client;
beforeEach(async () => {
  server = new Server();
  addReflection(server, [file_executor]);
  const port = await promisify(server.bindAsync.bind(server))(
    "localhost:0",
    ServerCredentials.createInsecure(),
  );
  const Plain = makeGenericClientConstructor({}, "Plain");
  client = new Plain(`localhost:${port}`, credentials.createInsecure());
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

async function ask(questions: readonly Asked[], version = "v1"): Promise<ServerReflectionResponse[]> {
  const { requestSerialize, responseDeserialize } = grpcService(ServerReflection).serverReflectionInfo;
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  for (const messageRequest of questions)
    stream.write(create(ServerReflectionRequestSchema, { messageRequest }));
  stream.end();
  return Array.fromAsync(stream as AsyncIterable<ServerReflectionResponse>);
}

function fileNames(response: ServerReflectionResponse | undefined): unknown {
  const { messageResponse } = response ?? {};
  if (messageResponse?.case !== "fileDescriptorResponse") return messageResponse?.value;
  return messageResponse.value.fileDescriptorProto.map(
    (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
  );
}

const withImports = [
  "executor.proto",
  "google/protobuf/empty.proto",
  "google/protobuf/struct.proto",
  "google/protobuf/timestamp.proto",
];

describe("a client that asks what the server offers", () => {
  it.each(["v1", "v1alpha"])("is told the services, in %s", async (version) => {
    const [answer] = await ask([{ case: "listServices", value: "*" }], version);
    expect(answer?.messageResponse.value).toMatchObject({ service: [{ name: "ExecutorService" }] });
  });

  it.each([
    "ExecutorService",
    "ExecutorService.ExecuteCommand",
    "ExecuteRequest",
    "ExecuteRequest.command",
    "ExecutionInfoReply.ExecutionStatus",
    "OutputStream",
  ])("gets the file of %s with all that it imports", async (value) => {
    const [answer] = await ask([{ case: "fileContainingSymbol", value }]);
    expect(fileNames(answer)).toEqual(withImports);
  });

  it("gets a file by its name, imported ones too", async () => {
    const answers = await ask([
      { case: "fileByFilename", value: "executor.proto" },
      { case: "fileByFilename", value: "google/protobuf/empty.proto" },
    ]);
    expect(answers.map(fileNames)).toEqual([withImports, ["google/protobuf/empty.proto"]]);
  });

  it.each<Asked>([
    { case: "fileContainingSymbol", value: "Nobody" },
    { case: "fileContainingSymbol", value: "" },
    { case: "fileByFilename", value: "../../etc/passwd" },
    { case: "allExtensionNumbersOfType", value: "Nobody" },
    { case: "fileContainingExtension", value: { containingType: "ExecuteRequest", extensionNumber: 7 } },
  ])("is told that there is no such thing: $case $value", async (question) => {
    const [answer] = await ask([question]);
    expect(answer?.messageResponse).toMatchObject({ case: "errorResponse", value: { errorCode: 5 } });
  });

  it("gets an answer to each of a thousand questions, in order", async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `N${index}`);
    const answers = await ask(names.map((value) => ({ case: "fileContainingSymbol", value })));
    expect(answers.map(({ originalRequest }) => originalRequest?.messageRequest.value)).toEqual(names);
  });
});
