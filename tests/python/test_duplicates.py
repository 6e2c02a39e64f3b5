"""What an insert of a key that exists does: `duplicate_pk` is replace, keep or reject."""

import pytest
from pymilvus import MilvusClient, MilvusException

from ask import count, ids, query, search
from test_evolution import make


def row(i, n, x=0.0):
    return {"id": i, "n": n, "v": [x, 0.0]}


def numbers(client, name):
    return {item["id"]: item["n"] for item in query(client, name, "id >= 0", output_fields=["n"])}


@pytest.fixture
def open_with(make_server, tmp_path):
    """Starts a server with the setting on the test's folder, stopping the one before by a kill."""
    running = []

    def start(setting):
        if running:
            server, client = running.pop()
            client.close()
            server.kill()
        server = make_server(tmp_path / "data", arguments=["--set", f"duplicate_pk={setting}"]).start()
        client = MilvusClient(server.uri)
        running.append((server, client))
        return client

    yield start
    for _, client in running:
        client.close()


def test_replace(open_with):
    client = open_with("replace")
    make(client, "c")
    assert client.insert("c", [row(1, 1), row(2, 2), row(1, 10)])["insert_count"] == 3
    assert numbers(client, "c") == {1: 10, 2: 2} and count(client, "c") == 2
    client.flush("c")
    client.insert("c", [row(2, 20)])
    client.upsert("c", [row(3, 3)])
    client.insert("c", [row(3, 30)])
    client.delete("c", ids=[1])
    client.insert("c", [row(1, 100)])
    for _ in ("now", "after a restart"):
        assert numbers(client, "c") == {1: 100, 2: 20, 3: 30} and count(client, "c") == 3
        assert client.get_collection_stats("c")["row_count"] == 3
        client = open_with("replace")


def test_keep(open_with):
    client = open_with("keep")
    make(client, "c")
    client.insert("c", [row(1, 1, 0.0), row(2, 2, 1.0)])
    client.flush("c")
    client.insert("c", [row(1, 10, 5.0)])
    for _ in ("now", "after a restart"):
        assert count(client, "c") == 3 and count(client, "c", "id == 1") == 2
        assert numbers(client, "c") == {1: 10, 2: 2}, "one row of each key, the newest"
        assert [item["n"] for item in client.get("c", ids=[1])] == [10]
        hits = search(client, "c", [0.0, 0.0], limit=5)
        assert [hit["id"] for hit in hits] == [1, 2], "each key once"
        assert [hit["id"] for hit in search(client, "c", [5.0, 0.0], limit=5)] == [1, 2]
        pages, iterator = [], client.query_iterator("c", filter="n > 0", batch_size=1)
        while page := iterator.next():
            pages += [item["id"] for item in page]
        iterator.close()
        assert pages == [1, 2]
        client = open_with("keep")
    client.upsert("c", [row(1, 100)])
    assert count(client, "c") == 2 and numbers(client, "c") == {1: 100, 2: 2}
    client.insert("c", [row(1, 5), row(2, 6), row(2, 7)])
    assert count(client, "c") == 5 and numbers(client, "c") == {1: 5, 2: 7}
    client.delete("c", ids=[2])
    assert count(client, "c") == 2 and ids(client, "c", "id >= 0") == [1]
    client.insert("c", [row(2, 8)])
    client = open_with("keep")
    assert count(client, "c") == 3 and numbers(client, "c") == {1: 5, 2: 8}
    client.delete("c", filter="n >= 0")
    assert count(client, "c") == 0 and ids(client, "c", "id >= 0") == []


def test_an_upsert_of_part_of_a_row_that_is_there_twice(open_with):
    client = open_with("keep")
    make(client, "c")
    client.insert("c", [row(1, 1, 1.0)])
    client.insert("c", [row(1, 2, 2.0)])
    client.upsert("c", [{"id": 1, "n": 9}], partial_update=True)
    assert count(client, "c") == 1
    assert query(client, "c", "id == 1", output_fields=["*"]) == [row(1, 9, 2.0)], "the newest row is the one"


def test_reject(open_with):
    client = open_with("reject")
    make(client, "c")

    def refused(rows, match):
        before = numbers(client, "c")
        with pytest.raises(MilvusException, match=match) as caught:
            client.insert("c", rows)
        assert caught.value.code == 1100 and numbers(client, "c") == before

    client.insert("c", [row(1, 1), row(2, 2)])
    refused([row(3, 3), row(1, 10)], "primary key 1 exists already")
    refused([row(3, 3), row(3, 30)], "primary key 3 stands in the request more than once")
    client.flush("c")
    refused([row(2, 20)], "primary key 2 exists already")
    client = open_with("reject")
    refused([row(2, 20)], "primary key 2 exists already")
    client.upsert("c", [row(2, 20), row(4, 4)])
    refused([row(4, 40)], "primary key 4 exists already")
    client.delete("c", ids=[1])
    client.insert("c", [row(1, 100)])
    refused([row(1, 101)], "primary key 1 exists already")
    client = open_with("reject")
    assert numbers(client, "c") == {1: 100, 2: 20, 4: 4}


def test_another_setting_finds_what_the_one_before_left(open_with):
    client = open_with("keep")
    make(client, "c")
    client.insert("c", [row(1, 1)])
    client.insert("c", [row(1, 2)])
    client = open_with("replace")
    assert count(client, "c") == 2, "a setting changes no rows"
    client.insert("c", [row(1, 3)])
    assert count(client, "c") == 1 and numbers(client, "c") == {1: 3}
    client = open_with("reject")
    with pytest.raises(MilvusException, match="exists already"):
        client.insert("c", [row(1, 4)])
    assert numbers(client, "c") == {1: 3}
