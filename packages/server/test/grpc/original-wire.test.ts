import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import {
  type ExecutionInfoReply,
  ExecutionInfoReply_ExecutionStatus,
  ExecutionInfoReplySchema,
  ExecutorService,
  file_executor,
  OutputStream,
  OutChunkSchema,
} from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import { beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const buf = resolve(import.meta.dirname, "../../../../node_modules/.bin/buf");

let original: FileRegistry;

beforeAll(async () => {
  const { stdout } = await run(buf, ["build", "original.proto", "--as-file-descriptor-set", "-o", "-"], {
    cwd: import.meta.dirname,
    encoding: "buffer",
  });
  original = createFileRegistry(fromBinary(FileDescriptorSetSchema, stdout));
});

/** Everything of a message that its bytes and its JSON depend on. */
function wireOf(message: DescMessage): Record<string, unknown> {
  return Object.fromEntries(message.fields.map((field) => [field.number, fieldWire(field)]));
}

function fieldWire(field: DescField): unknown {
  const { name, jsonName, presence, fieldKind } = field;
  const base = { name, jsonName, presence, fieldKind, repeated: fieldKind === "list" };
  const type =
    field.message?.typeName ??
    (field.enum
      ? field.enum.values.map(({ name: value, number }) => `${field.enum.typeName}.${value}=${number}`)
      : "scalar" in field
        ? field.scalar
        : null);
  return { ...base, type };
}

function today(name: string): DescMessage {
  const message = file_executor.messages.find(({ typeName }) => typeName === name);
  if (!message) throw new Error(`${name} is gone`);
  return message;
}

describe("the wire of the original design", () => {
  it("is within today's: every message, field, number, type and enum value", () => {
    const messages = [...original].filter(
      (type): type is DescMessage => type.kind === "message" && !type.typeName.startsWith("google."),
    );
    expect(messages).toHaveLength(8);
    for (const message of messages) {
      expect({ [message.typeName]: wireOf(today(message.typeName)) }).toMatchObject({
        [message.typeName]: wireOf(message),
      });
    }
  });

  it("keeps every field number below 10 to itself", () => {
    const names = [...original].flatMap((type) => (type.kind === "message" ? [type.typeName] : []));
    for (const name of names.filter((each) => !each.startsWith("google."))) {
      const before = original.getMessage(name)?.fields.map(({ number }) => number);
      const low = today(name)
        .fields.map(({ number }) => number)
        .filter((number) => number < 10);
      expect({ [name]: low }).toEqual({ [name]: before });
    }
  });

  it("has the same calls under the same paths, with the same messages", () => {
    const service = original.getService("ExecutorService");
    const methods = grpcService(ExecutorService);
    expect(service?.methods.map(({ name }) => name)).toEqual([
      "ExecuteCommand",
      "StopExecution",
      "ListAllExecutions",
      "GetExecution",
      "GetOutStream",
    ]);
    for (const { name, localName, input, output, methodKind } of service?.methods ?? []) {
      const now = ExecutorService.methods.find((method) => method.name === name);
      expect([now?.input.typeName, now?.output.typeName, now?.methodKind]).toEqual([
        input.typeName,
        output.typeName,
        methodKind,
      ]);
      expect(methods[localName as keyof typeof methods].path).toBe(`/ExecutorService/${name}`);
    }
  });

  it("lets an old client read a new answer, and a new one an old answer", () => {
    const old = original.getMessage("ExecutionInfoReply");
    if (!old) throw new Error("The original has no ExecutionInfoReply");
    const id = "01890000-0000-7000-8000-000000000000";
    const reply = create(ExecutionInfoReplySchema, {
      executionId: { value: id },
      status: ExecutionInfoReply_ExecutionStatus.ABORTED,
      exitCode: 0,
      state: "canceled",
      cause: { code: "stopped", message: "Stopped by client1", evidence: { by: "client1" } },
    });
    const seen = fromBinary(old, toBinary(ExecutionInfoReplySchema, reply));
    const json = { executionId: { value: id }, status: "ABORTED", exitCode: 0 };
    expect(toJson(old, seen)).toEqual(json);
    expect(toJson(ExecutionInfoReplySchema, reply)).toMatchObject(json);
    const back: ExecutionInfoReply = fromJson(ExecutionInfoReplySchema, json);
    expect(back).toMatchObject({ status: 3, exitCode: 0, state: "" });
    const forward = fromBinary(ExecutionInfoReplySchema, toBinary(old, fromJson(old, json)));
    expect(forward).toMatchObject({ status: 3, exitCode: 0 });
    expect(forward.cause).toBeUndefined();
  });

  it("tells an exit code that is not there from 0", () => {
    const running = create(ExecutionInfoReplySchema, { status: ExecutionInfoReply_ExecutionStatus.RUNNING });
    expect(fromBinary(ExecutionInfoReplySchema, toBinary(ExecutionInfoReplySchema, running)).exitCode).toBe(
      undefined,
    );
  });

  it("carries any bytes in a chunk, with offsets beyond 2^53", () => {
    const chunk = create(OutChunkSchema, {
      bytes: Uint8Array.from([0, 255, 10, 195]),
      stream: OutputStream.STDERR,
      offset: 2n ** 60n,
    });
    const back = fromBinary(OutChunkSchema, toBinary(OutChunkSchema, chunk));
    expect(back).toMatchObject({ bytes: chunk.bytes, stream: 2, offset: 2n ** 60n });
  });
});
