"""A server from start to stop: ports, folders, signals, settings, restarts, the admin port."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest
from pymilvus import MilvusClient, MilvusException

import exact
from ask import count, ids, query
from server import BINARY, Server

DIM = 8
VECTORS = exact.unit(200, DIM)


def run(*arguments, seconds=30, **environment):
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("ELANUS_")}
    done = subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=seconds, env={**inherited, **environment}
    )
    return done.returncode, done.stdout, done.stderr


def fill(client, name="c", begin=0, end=100):
    if not client.has_collection(name):
        client.create_collection(name, dimension=DIM)
    client.insert(name, [{"id": i, "vector": VECTORS[i].tolist()} for i in range(begin, end)])


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_stops_within_seconds_with_clients_connected(make_server, order):
    server = make_server().start()
    client = MilvusClient(server.uri)
    fill(client)
    server.process.send_signal(order)
    assert server.process.wait(10) == 0
    assert "every acknowledged write is on disk" in server.log_tail()
    client.close()


def test_everything_is_there_after_a_restart(make_server):
    server = make_server().start()
    client = MilvusClient(server.uri)
    fill(client)
    client.create_alias("c", "other")
    client.create_database("db")
    client.delete("c", ids=[5, 6])
    client.upsert("c", [{"id": 7, "vector": VECTORS[150].tolist()}])
    client.close()
    for stop in (server.stop, server.kill):
        stop()
        server.start()
        client = MilvusClient(server.uri)
        assert count(client, "other") == 98
        assert ids(client, "c", "id < 10") == [0, 1, 2, 3, 4, 7, 8, 9]
        assert client.search("c", [VECTORS[150].tolist()], limit=1)[0][0]["id"] == 7
        assert "db" in client.list_databases()
        client.close()


def test_a_second_server_is_refused(make_server, tmp_path):
    first = make_server().start()
    second = Server(first.folder)
    second.spawn()
    assert second.process.wait(20) == 1
    assert "is in use by another elanus" in second.log_tail()
    for change, named in (({"port": first.port}, "--port"), ({"admin_port": first.admin_port}, "--admin-port")):
        third = Server(tmp_path / "third")
        vars(third).update(change)
        third.spawn()
        assert third.process.wait(20) == 1
        assert "is in use" in third.log_tail() and named in third.log_tail()
    client = MilvusClient(first.uri)
    fill(client)
    assert count(client, "c") == 100, "the first one goes on"
    client.close()


def test_addresses_that_others_reach_are_refused(tmp_path):
    status, _, text = run("serve", "--bind", "0.0.0.0", "--data", str(tmp_path / "d"))
    assert status == 1 and "--insecure-bind" in text
    assert not (tmp_path / "d").exists()


def test_settings_and_their_origin(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('port = 1111\nquiet = "7s"\n[limits]\nqueries = 9\n')
    status, text, _ = run("config", "--config", str(file), "--admin-port", "2222", ELANUS_QUIET="8s")
    assert status == 0
    for line in (
        f"port = 1111    # from file {file}",
        "quiet = 8s    # from environment ELANUS_QUIET",
        "admin_port = 2222    # from flag --admin-port",
        f"limits.queries = 9    # from file {file}",
        "bind = 127.0.0.1    # from default",
    ):
        assert line in text
    file.write_text("prot = 1")
    status, _, text = run("config", "--config", str(file))
    assert status == 1 and "did you mean port?" in text
    status, _, text = run("serve", "--port", "99999999")
    assert status == 1 and "expected a number from 1 to 65535" in text
    assert run("serve", "--config", str(tmp_path / "none"))[0] == 1


def test_a_limit_from_the_settings_is_the_server_s(make_server):
    server = make_server(environment={"ELANUS_LIMITS_QUERIES": "3"}).start()
    client = MilvusClient(server.uri)
    fill(client)
    assert len(client.search("c", VECTORS[:3].tolist(), limit=1)) == 3
    with pytest.raises(Exception, match=r"nq \[4\] is invalid"):
        client.search("c", VECTORS[:4].tolist(), limit=1)
    client.close()


def test_admin_port(make_server):
    server = make_server().start()
    client = MilvusClient(server.uri)
    fill(client)
    client.search("c", [VECTORS[0].tolist()], limit=3)
    with pytest.raises(Exception):
        client.query("none", filter="id > 0")
    assert server.get("livez")[0] == 200 and server.get("healthz") == (200, "OK")
    metrics = server.get("metrics")[1]
    assert 'elanus_rows{database="default",collection="c"} 100\n' in metrics
    assert 'elanus_calls_total{call="Search",code="0"} 1\n' in metrics
    assert 'elanus_calls_total{call="Query",code="100"} 1\n' in metrics
    assert 'elanus_call_duration_seconds_count{call="Insert"} 1\n' in metrics
    status = json.loads(server.get("status")[1])
    assert status["state"] == "serving"
    assert [(c["name"], c["rows"]) for c in status["collections"]] == [("c", 100)]
    client.close()


def test_strangers_on_the_port_do_no_harm(make_server):
    server = make_server().start()
    for bytes_sent in (b"", b"GET / HTTP/1.1\r\n\r\n", os.urandom(4096), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(999)):
        with socket.create_connection(("127.0.0.1", server.port), 5) as stranger:
            stranger.sendall(bytes_sent)
    client = MilvusClient(server.uri)
    fill(client)
    assert len(query(client, "c", "id < 10")) == 10
    client.close()


def test_a_folder_without_its_log_is_refused_and_kept(make_server, tmp_path):
    server = make_server().start()
    client = MilvusClient(server.uri)
    fill(client)
    client.flush("c")
    client.close()
    server.stop()
    files = sorted(server.folder.glob("collections/*/*/*"))
    assert files
    (server.folder / "wal").rename(tmp_path / "away")
    server.spawn()
    assert server.process.wait(20) == 1
    assert "restore the whole folder from one backup" in server.log_tail()
    assert sorted(server.folder.glob("collections/*/*/*")) == files
    shutil.rmtree(server.folder / "wal")
    (tmp_path / "away").rename(server.folder / "wal")
    client = MilvusClient(server.start().uri)
    assert count(client, "c") == 100
    client.close()


def test_a_damaged_log_record_is_an_error_of_its_collection_alone(make_server):
    server = make_server(environment={"ELANUS_QUIET": "1d"}).start()
    client = MilvusClient(server.uri)
    for name in ("c", "sound"):
        fill(client, name)
        client.flush(name)
    time.sleep(1)  # creating an index and loading make the first rows settle at once; those below stay in the log
    for name in ("c", "sound"):
        client.insert(name, [{"id": 1000, "vector": VECTORS[0].tolist(), "text": f"needle in {name}"}])
    fill(client, "sound", 100, 150)
    client.close()
    server.kill()
    [log] = server.folder.glob("wal/*.log")
    log.write_bytes(log.read_bytes().replace(b"needle in c", b"noodle in c"))
    for rows in (160, 170):
        client = MilvusClient(server.start().uri)
        with pytest.raises(MilvusException, match="c cannot be opened: wal/.*is damaged at byte .*or drop this"):
            count(client, "c")
        with pytest.raises(MilvusException, match="cannot be opened"):
            fill(client, "c")
        fill(client, "sound", rows - 10, rows)
        assert count(client, "sound") == rows + 1
        client.flush("sound")
        client.close()
        server.kill()
    client = MilvusClient(server.start().uri)
    client.drop_collection("c")
    fill(client)
    client.close()
    server.kill()
    client = MilvusClient(server.start().uri)
    assert (count(client, "c"), count(client, "sound")) == (100, 171)
    client.close()


def test_a_damaged_file_is_an_error_of_its_collection_alone(make_server):
    server = make_server().start()
    client = MilvusClient(server.uri)
    for name in ("c", "sound"):
        fill(client, name)
        client.flush(name)
    number = client.describe_collection("c")["collection_id"]
    client.close()
    server.stop()
    [keys] = server.folder.glob(f"collections/{number}/*/keys.bin")
    os.truncate(keys, 100)
    client = MilvusClient(server.start().uri)
    with pytest.raises(MilvusException, match="collection c cannot be opened: .*keys.bin has 100 bytes.*or drop this"):
        count(client, "c")
    assert count(client, "sound") == 100
    assert 'elanus_collection_damaged{database="default",collection="c"} 1\n' in server.get("metrics")[1]
    client.drop_collection("c")
    fill(client)
    assert count(client, "c") == 100
    client.close()
