"""A server under test: the built binary on free loopback ports, stopped by its own process id."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

BINARY = os.environ.get("ELANUS_BIN", "")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`elanus serve` over one data folder; may be started again over the same folder."""

    def __init__(self, folder=None, environment=None, arguments=()):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="elanus-test-"))
        self.environment = dict(environment or {})
        self.arguments = list(arguments)
        self.port = free_port()
        self.admin_port = free_port()
        self.log = self.folder.parent / (self.folder.name + ".log")
        self.process = None

    @property
    def uri(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        ports = ["--port", str(self.port), "--admin-port", str(self.admin_port)]
        return [BINARY, "serve", "--data", str(self.folder), *ports, *self.arguments]

    def start(self, seconds=30.0):
        """Starts and waits until it is healthy."""
        self.spawn()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log_tail()}")
            if self.get("healthz")[0] == 200:
                return self
            time.sleep(0.01)
        self.kill()
        raise RuntimeError(f"not healthy within {seconds} s:\n{self.log_tail()}")

    def spawn(self):
        """Starts and does not wait."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ELANUS_")}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**inherited, **self.environment}
            )

    def get(self, path):
        """Status and text of a page of the admin port; status 0 when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def log_tail(self):
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def stop(self, seconds=20.0):
        """SIGTERM; answers the exit status and the seconds it took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return status, time.monotonic() - begin

    def kill(self):
        """kill -9."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def restart(self):
        self.stop()
        return self.start()
