import {
  create,
  createRegistry,
  type DescFile,
  type MessageInitShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflection,
  ServerReflectionResponseSchema,
} from "@berth/protocol/grpc-reflection";
import { grpcService } from "@berth/protocol/grpc-service";
import { type Server, type ServerDuplexStream, status } from "@grpc/grpc-js";

type Stream = ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;
type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/**
 * Lets clients ask for the services and messages of these files (grpcurl, Postman and others do). Own code, because
 * the library for it cannot name what stands in no package.
 */
export function addReflection(server: Server, files: readonly DescFile[]): void {
  const offered = new Reflection(files);
  const serve = (stream: Stream): void => {
    stream.on("data", (request: ServerReflectionRequest) => {
      // Answers queue up where the client does not read: then no more questions.
      if (!stream.write(offered.answer(request))) stream.pause();
    });
    stream.on("drain", () => stream.resume());
    stream.on("end", () => stream.end());
  };
  const { serverReflectionInfo } = grpcService(ServerReflection);
  // The same messages under two names: older clients know only the second.
  for (const version of ["v1", "v1alpha"]) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    server.addService(
      { serverReflectionInfo: { ...serverReflectionInfo, path } },
      { serverReflectionInfo: serve },
    );
  }
}

class Reflection {
  readonly #types: Registry;
  readonly #files: ReadonlyMap<string, DescFile>;
  readonly #services: string[];
  readonly #encoded = new Map<DescFile, Uint8Array>();

  constructor(files: readonly DescFile[]) {
    const all = withImports(files);
    this.#types = createRegistry(...all);
    this.#files = new Map(all.map((file) => [file.proto.name, file]));
    this.#services = files.flatMap((file) => file.services.map((service) => service.typeName)).toSorted();
  }

  answer(request: ServerReflectionRequest): ServerReflectionResponse {
    return create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: this.#answer(request),
    });
  }

  #answer({ messageRequest: asked }: ServerReflectionRequest): Answer {
    switch (asked.case) {
      case "listServices": {
        const service = this.#services.map((name) => ({ name }));
        return { case: "listServicesResponse", value: { service } };
      }
      case "fileByFilename":
        return this.#describe(this.#files.get(asked.value), asked.value);
      case "fileContainingSymbol":
        return this.#describe(this.#fileOf(asked.value), asked.value);
      case "fileContainingExtension":
        return failed(status.NOT_FOUND, "There are no extensions");
      case "allExtensionNumbersOfType": {
        const known = this.#types.getMessage(asked.value) !== undefined;
        if (!known) return failed(status.NOT_FOUND, `There is no message "${asked.value}"`);
        return {
          case: "allExtensionNumbersResponse",
          value: { baseTypeName: asked.value, extensionNumber: [] },
        };
      }
      case undefined:
        return failed(status.INVALID_ARGUMENT, "The request asks for nothing that is known");
      default:
        return asked satisfies never;
    }
  }

  /** The file of a service, message or enum, or of a call, a field or a value within one. */
  #fileOf(symbol: string): DescFile | undefined {
    const type = this.#types.get(symbol) ?? this.#types.get(symbol.slice(0, symbol.lastIndexOf(".")));
    return type?.kind === "extension" ? undefined : type?.file;
  }

  #describe(file: DescFile | undefined, asked: string): Answer {
    if (!file) return failed(status.NOT_FOUND, `There is no "${asked}"`);
    const fileDescriptorProto = withImports([file]).map((one) => this.#encode(one));
    return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
  }

  #encode(file: DescFile): Uint8Array {
    const bytes = this.#encoded.get(file) ?? toBinary(FileDescriptorProtoSchema, file.proto);
    this.#encoded.set(file, bytes);
    return bytes;
  }
}

function withImports(files: readonly DescFile[]): DescFile[] {
  const all = new Set(files);
  for (const file of all) for (const imported of file.dependencies) all.add(imported);
  return [...all];
}

function failed(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
