#!/usr/bin/python3
"""Runs commands on another host, over gRPC with mutual TLS.

Works with any server of the original design: the first executor.proto. Make the code it imports from that file:

    protoc -I. --python_out=. --grpc_python_out=. \\
        --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin executor.proto

(Debian: apt-get install python3-grpcio protobuf-compiler-grpc libprotobuf-dev). Then:

    executor.py localhost:7401 certs client1 start head -n10 /etc/os-release
    executor.py localhost:7401 certs client1 list
    executor.py localhost:7401 certs client1 status ID
    executor.py localhost:7401 certs client1 output ID
    executor.py localhost:7401 certs client1 stop ID

Answers are JSON, one line each; `output` writes the command's output as it is.
"""
import argparse
import json
import sys

import grpc
from google.protobuf.empty_pb2 import Empty

import executor_pb2 as messages
import executor_pb2_grpc as service

# How long each answer may take; following the output and stopping may take as long as they need.
SECONDS = 20


def connect(target, certs, name):
    """A channel that knows the server by certs/ca.crt, and shows certs/NAME.crt; without a name it shows none."""

    def read(file):
        with open(f"{certs}/{file}", "rb") as opened:
            return opened.read()

    credentials = grpc.ssl_channel_credentials(
        root_certificates=read("ca.crt"),
        private_key=read(f"{name}.key") if name else None,
        certificate_chain=read(f"{name}.crt") if name else None,
    )
    return grpc.secure_channel(target, credentials)


def start(executor, command, *args):
    reply = executor.ExecuteCommand(messages.ExecuteRequest(command=command, args=args), timeout=SECONDS)
    show({"id": reply.executionId.value})


def status(executor, execution_id):
    show(described(executor.GetExecution(request(execution_id), timeout=SECONDS)))


def list_all(executor):
    for execution in executor.ListAllExecutions(Empty(), timeout=SECONDS).executions:
        show(described(execution))


def stop(executor, execution_id):
    reply = executor.StopExecution(request(execution_id))
    show(
        {
            "id": reply.executionId.value,
            "status": messages.StopCommandReply.StopStatus.Name(reply.status),
            "exitCode": reply.exitCode,
        }
    )


def output(executor, execution_id):
    for chunk in executor.GetOutStream(request(execution_id)):
        sys.stdout.buffer.write(chunk.bytes)
        sys.stdout.buffer.flush()


def request(execution_id):
    return messages.ExecutionIdRequest(executionId=messages.ExecutionId(value=execution_id))


def described(execution):
    shown = {
        "id": execution.executionId.value,
        "status": messages.ExecutionInfoReply.ExecutionStatus.Name(execution.status),
    }
    # Only what has ended has an exit code, and 0 is one.
    if execution.HasField("exitCode"):
        shown["exitCode"] = execution.exitCode
    return shown


def show(answer):
    print(json.dumps(answer), flush=True)


CALLS = {"start": start, "list": list_all, "status": status, "output": output, "stop": stop}


def main():
    parser = argparse.ArgumentParser(description="Runs commands on another host")
    parser.add_argument("target", metavar="HOST:PORT")
    parser.add_argument("certs", help="folder with ca.crt and the client's pair")
    parser.add_argument("name", help="the client's pair is NAME.crt and NAME.key")
    parser.add_argument("call", choices=CALLS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    try:
        with connect(given.target, given.certs, given.name) as channel:
            CALLS[given.call](service.ExecutorServiceStub(channel), *given.arguments)
    except grpc.RpcError as error:
        show({"error": error.code().name, "details": error.details()})
        sys.exit(1)


if __name__ == "__main__":
    main()
