"""Passes calls of gRPC on to a port, but for messages of more bytes than it takes.

    grpc_limit.py PORT BYTES      says its own port, and when its input ends how many calls it has refused"""

import sys
from concurrent import futures

import grpc

port, most = map(int, sys.argv[1:])
backend = grpc.insecure_channel(f"127.0.0.1:{port}")
refused = 0


class Front(grpc.GenericRpcHandler):
    def service(self, details):
        call = backend.unary_unary(details.method)

        def pass_on(request, context):
            global refused
            if len(request) > most:
                refused += 1
                # As servers of Go say it, whose limit this would be.
                said = f"grpc: received message larger than max ({len(request)} vs. {most})"
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, said)
            try:
                return call(request, timeout=60)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        return grpc.unary_unary_rpc_method_handler(pass_on)


server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[Front()])
own = server.add_insecure_port("127.0.0.1:0")
server.start()
print(own, flush=True)
sys.stdin.read()
server.stop(5).wait()
print(refused)
