"""What stands before the strict receiver and makes it worse: a hole, a limit."""

import http.client
import http.server
import pathlib
import socket
import subprocess
import threading
import time

from .servers import INSTALLED


class Hole:
    """Takes connections and never answers on them; after a while new ones are led to `port`, and the old ones are
    left as they are, as by a machine that has gone without a word."""

    def __init__(self, port, seconds):
        self.port, self.seconds = port, seconds
        self.connections, self.swallowed = [], 0

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.leads_from = time.monotonic() + self.seconds
        threading.Thread(target=self.listen, daemon=True).start()
        return self.listener.getsockname()[1]

    def __exit__(self, *_):
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def listen(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            if time.monotonic() < self.leads_from:
                self.swallowed += 1
                continue
            backend = socket.create_connection(("127.0.0.1", self.port))
            self.connections.append(backend)
            for ends in [(connection, backend), (backend, connection)]:
                threading.Thread(target=self.pass_on, args=ends, daemon=True).start()

    @staticmethod
    def pass_on(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Limit:
    """Answers 413 to requests of more than `most` bytes, and passes the others on to `port`."""

    def __init__(self, port, most):
        self.port, self.most, self.refused = port, most, 0

    def __enter__(self):
        limit = self

        class Front(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if len(body) > limit.most:
                    limit.refused += 1
                    return self.answer(413, {}, b"too large")
                backend = http.client.HTTPConnection("127.0.0.1", limit.port, timeout=60)
                backend.request("POST", self.path, body, {"Content-Type": self.headers["Content-Type"]})
                answer = backend.getresponse()
                self.answer(answer.status, {"Content-Type": answer.getheader("Content-Type")}, answer.read())
                backend.close()

            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_address[1]

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class GrpcLimit:
    """The same over gRPC: a program with the receiver's Python, since it takes a library."""

    def __init__(self, port, most):
        self.port, self.most = port, most

    def __enter__(self):
        script = pathlib.Path(__file__).with_name("grpc_limit.py")
        command = [INSTALLED / "venv-tools/bin/python", script, str(self.port), str(self.most)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return int(self.process.stdout.readline())

    def __exit__(self, *_):
        # It ends with its input, and says how many requests it has refused.
        self.refused = int(self.process.communicate()[0])
