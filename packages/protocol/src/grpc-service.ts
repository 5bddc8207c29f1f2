import type { DescMessage, DescMethod, DescService, MessageShape } from "@bufbuild/protobuf";
import { fromBinary, toBinary } from "@bufbuild/protobuf";

/** A call in the words of @grpc/grpc-js, written down here so that the contract needs no gRPC library. */
export interface GrpcMethod<Request, Response> {
  /** `/ExecutorService/ExecuteCommand`. */
  path: string;
  requestStream: boolean;
  responseStream: boolean;
  requestSerialize: (message: Request) => Buffer;
  requestDeserialize: (bytes: Uint8Array) => Request;
  responseSerialize: (message: Response) => Buffer;
  responseDeserialize: (bytes: Uint8Array) => Response;
}

/** What `addService` and `makeGenericClientConstructor` take, by the calls' names in camelCase. */
export type GrpcService<Service extends DescService> = {
  [Name in keyof Service["method"]]: GrpcMethod<
    MessageShape<Service["method"][Name]["input"]>,
    MessageShape<Service["method"][Name]["output"]>
  >;
};

type AnyMethod = GrpcMethod<MessageShape<DescMessage>, MessageShape<DescMessage>>;

/** Turns a generated service into one that @grpc/grpc-js serves and calls. */
export function grpcService<Service extends DescService>(service: Service): GrpcService<Service> {
  const methods = service.methods.map((method) => [method.localName, grpcMethod(service, method)] as const);
  // The names and messages are those of the generated type; an object made of entries cannot say so.
  return Object.fromEntries(methods) as object as GrpcService<Service>;
}

function grpcMethod(service: DescService, { methodKind, name, input, output }: DescMethod): AnyMethod {
  return {
    path: `/${service.typeName}/${name}`,
    requestStream: methodKind === "client_streaming" || methodKind === "bidi_streaming",
    responseStream: methodKind === "server_streaming" || methodKind === "bidi_streaming",
    requestSerialize: (message) => serialize(input, message),
    // What this version does not know is not kept: it may be megabytes.
    requestDeserialize: (bytes) => fromBinary(input, bytes, { readUnknownFields: false }),
    responseSerialize: (message) => serialize(output, message),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
  };
}

function serialize(schema: DescMessage, message: MessageShape<DescMessage>): Buffer {
  const bytes = toBinary(schema, message);
  // A view of the same memory, not a copy.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
