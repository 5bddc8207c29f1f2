#!/usr/bin/python3
"""Asks for far more than anybody may hold, with the stock library, reads none of it, and vanishes.

    greedy.py localhost:7401 certs client1 ID

Prints one line of JSON: how its streams were answered, and what the refusals said.
"""
import collections
import json
import os
import sys
import time

import grpc
from google.protobuf.empty_pb2 import Empty

import executor_pb2 as messages
import executor_pb2_grpc as service

STREAMS = 400
LISTS = 200


def read(folder, file):
    with open(f"{folder}/{file}", "rb") as opened:
        return opened.read()


def wait_until_sent(channel):
    """Returns when every call that was made before is at the server: streams open in their order.

    Versions of the library up to 1.71 tell of the end of a call before they have told of its beginning, where it is taken
    back that early. HTTP/2 wants the whole connection ended for that, with every call on it.
    """
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    check(b"", wait_for_ready=True, timeout=120)


def main():
    target, certs, name, execution_id = sys.argv[1:]
    credentials = grpc.ssl_channel_credentials(
        root_certificates=read(certs, "ca.crt"),
        private_key=read(certs, f"{name}.key"),
        certificate_chain=read(certs, f"{name}.crt"),
    )
    channel = grpc.secure_channel(target, credentials)
    executor = service.ExecutorServiceStub(channel)
    grpc.channel_ready_future(channel).result(timeout=120)
    request = messages.ExecutionIdRequest(executionId=messages.ExecutionId(value=execution_id))
    lists = [executor.ListAllExecutions.future(Empty(), wait_for_ready=True) for _ in range(LISTS)]
    wait_until_sent(channel)
    for call in lists[::2]:
        call.cancel()
    streams = [executor.GetOutStream(request, wait_for_ready=True) for _ in range(STREAMS)]
    # Those that are refused end by themselves; nothing is read of the others.
    patience = time.monotonic() + 120
    while sum(not call.is_active() for call in streams) < STREAMS - 256 and time.monotonic() < patience:
        time.sleep(0.05)
    refused = [call for call in streams if not call.is_active()]
    codes = collections.Counter(call.code().name for call in refused)
    details = sorted({call.details() for call in refused})
    for call in lists[1::2]:
        call.exception(timeout=120)
    answers = collections.Counter(call.code().name for call in lists[1::2])
    print(json.dumps({"open": STREAMS - len(refused), "codes": codes, "details": details, "lists": answers}))
    sys.stdout.flush()
    # Without a word to the server.
    os._exit(0)


main()
