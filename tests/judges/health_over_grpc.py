"""A client of gRPC's own making, which does what it is told.

It is told on its standard input, a line for each thing, and answers with a line of JSON for each:
`check NAME`, `list`, `watch NAME`, `next` (what the watch says next), and ends at the end.
"""

import json
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

Status = health_pb2.HealthCheckResponse.ServingStatus


def name_of(status):
    return Status.Name(status)


def main(address):
    health = health_pb2_grpc.HealthStub(grpc.insecure_channel(address))
    watch = None
    for line in sys.stdin:
        word, _, service = line.rstrip("\n").partition(" ")
        asked = health_pb2.HealthCheckRequest(service=service)
        try:
            if word == "check":
                said = name_of(health.Check(asked, timeout=20).status)
            elif word == "list":
                statuses = health.List(health_pb2.HealthListRequest(), timeout=20).statuses
                said = {name: name_of(answer.status) for name, answer in statuses.items()}
            elif word == "watch":
                watch = health.Watch(asked)
                said = name_of(next(watch).status)
            else:
                said = name_of(next(watch).status)
        except grpc.RpcError as error:
            said = {"code": error.code().name, "message": error.details()}
        print(json.dumps(said), flush=True)


main(sys.argv[1])
