"""Backends, as the scripts install, start and stop them."""

import http.client
import json
import os
import pathlib
import subprocess
import time

from .programs import ROOT

SCRIPTS = pathlib.Path(os.environ.get("GENAI_TRACE_BACKENDS", ROOT.parent / "shared/backends"))
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
INSTALLED = pathlib.Path(os.environ.get("B", CACHE / "genai-trace-backends"))


def script(name, *arguments):
    subprocess.run(["bash", str(SCRIPTS / name), *arguments], check=True, stdout=subprocess.DEVNULL)


class Started:
    """A backend from its start script to its stop script."""

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments

    def __enter__(self):
        starts = {"recv": "receiver"}
        try:
            script(f"{starts.get(self.name, self.name)}_start.sh", *self.arguments)
        except subprocess.CalledProcessError:
            self.__exit__()
            raise

    def __exit__(self, *_):
        script("stop.sh", self.name)


def is_there(*paths):
    """Whether a backend is installed; says so where it is not."""
    missing = [path for path in paths if not (INSTALLED / path).exists()]
    if missing:
        print(f"  skipped: no {missing[0]}: see setup.sh in {SCRIPTS.name}")
    return not missing


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    return json.loads(connection.getresponse().read())


def post(port, path, body, headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | headers)
    return connection.getresponse().read()


def eventually(look, seconds=20):
    """What `look` finds, once it finds something."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.2)
