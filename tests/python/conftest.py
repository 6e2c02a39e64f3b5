"""Fixtures: one server for the session, a client, and names that no other test uses.

ELANUS_BIN names the binary. ELANUS_URI names a running server instead (any that speaks the protocol); tests
that must stop or restart the server are then left out.
"""

import itertools
import os
import shutil
import signal

import pytest
from pymilvus import MilvusClient

from server import BINARY, Server

EXTERNAL = os.environ.get("ELANUS_URI")
SECONDS_PER_TEST = int(os.environ.get("ELANUS_TEST_SECONDS", "180"))
numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def bounded():
    """No test runs for ever."""

    def expired(_signal, _frame):
        raise TimeoutError(f"the test took more than {SECONDS_PER_TEST} s")

    signal.signal(signal.SIGALRM, expired)
    signal.alarm(SECONDS_PER_TEST)
    yield
    signal.alarm(0)


@pytest.fixture
def make_server(tmp_path):
    """Makes servers of the test's own, stopped at its end."""
    if EXTERNAL or not BINARY:
        pytest.skip("needs the binary: set ELANUS_BIN")
    servers = []

    def make(folder=None, **options):
        servers.append(Server(folder or tmp_path / f"data{len(servers)}", **options))
        return servers[-1]

    yield make
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def uri():
    """Where the session's server listens."""
    if EXTERNAL:
        yield EXTERNAL
        return
    if not BINARY:
        pytest.exit("set ELANUS_BIN to the built binary, or ELANUS_URI to a running server", 2)
    server = Server().start()
    yield server.uri
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)
    server.log.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def client(uri):
    client = MilvusClient(uri)
    yield client
    client.close()


@pytest.fixture
def name(client):
    """A collection name; what the test creates under it is dropped."""
    name = f"c{next(numbers)}_{os.getpid()}"
    yield name
    for alias in client.list_aliases(name)["aliases"] if client.has_collection(name) else []:
        client.drop_alias(alias)
    client.drop_collection(name)
