"""The model that the example asks: an OpenAI-compatible server with a plan, under the name of a priced one."""

import http.server
import json
import threading

ASKED_MODEL = "gpt-4o-mini"
ANSWERING_MODEL = "gpt-4o-mini-2024-07-18"
QUESTION = "Where does TODO stand, and which file is the largest?"
ANSWER = "TODO stands in src/lib.rs, which is the largest file."


def call(number, name, arguments):
    return {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


# What the model says in each turn, and what it used: prompt, cached, completion.
TURNS = [
    ([call(1, "list_files", {}), call(2, "search", {"pattern": "TODO"})], (1_200, 0, 40)),
    ([call(3, "read_file", {"path": "no/such/file"}), call(4, "run_command", {"command": "sh", "args": []})], (1_500, 1_024, 60)),
    (None, (1_900, 1_408, 25)),
]


def completion(request):
    turn = sum(message["role"] == "assistant" for message in request["messages"])
    calls, (prompt, cached, output) = TURNS[turn]
    message = {"role": "assistant", "content": ANSWER if calls is None else None}
    if calls:
        message["tool_calls"] = calls
    return {
        "id": f"chatcmpl-{turn}",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": ANSWERING_MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }


class Model(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps(completion(request)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def serve_model():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/v1"
