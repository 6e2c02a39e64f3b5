"""Rows that go by themselves when `collection.ttl.seconds` is over."""

import time

import pytest
from pymilvus import MilvusClient

from ask import count, ids, query, search
from test_evolution import make, row

TTL = "collection.ttl.seconds"
SECONDS = 10.0


def wait_until(is_true, what):
    """Time goes by in the server; how long a call takes is nobody's promise."""
    end = time.monotonic() + SECONDS
    while not is_true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def gone(client, name):
    """Whether no call shows a row; all must agree from the moment when one says so."""
    if count(client, name):
        return False
    assert query(client, name, "id >= 0") == [] and query(client, name, "n >= 0", limit=5) == []
    assert query(client, name, "id == 1") == [] and client.get(name, ids=[1, 2]) == []
    assert search(client, name, [0.0, 0.0], limit=5) == []
    assert search(client, name, [0.0, 0.0], limit=5, filter="n >= 0") == []
    assert client.get_collection_stats(name)["row_count"] == 0
    return True


@pytest.mark.parametrize("sealed", [False, True])
def test_rows_go_after_their_time(client, name, sealed):
    make(client, name, {TTL: 2})
    begin = time.monotonic()
    client.insert(name, [row(1), row(2)])
    if sealed:
        client.flush(name)
    seen = count(client, name)
    assert seen == 2 or time.monotonic() - begin > 1.9
    wait_until(lambda: gone(client, name), "rows outlive their time")
    assert time.monotonic() - begin > 1.9, "they went too early"
    client.insert(name, [row(1)])
    assert ids(client, name, "id >= 0") == [1], "the key is free"


def test_each_row_has_its_own_time(client, name):
    make(client, name, {TTL: 3600})
    client.insert(name, [row(1), row(2), row(3)])
    time.sleep(1.5)
    client.upsert(name, [row(2)])
    client.insert(name, [row(4)])
    client.alter_collection_properties(name, {TTL: 1})
    begin = time.monotonic()
    found = ids(client, name, "id >= 0")
    # What was written first is older than a second in any case, the rest only if this machine is slow.
    assert found == [2, 4] or time.monotonic() - begin > 0.5
    assert not {1, 3} & set(found)
    wait_until(lambda: gone(client, name), "rows outlive their time")


def test_the_time_can_be_changed_and_removed(client, name):
    make(client, name)
    client.insert(name, [row(1)])
    client.alter_collection_properties(name, {TTL: 3600})
    assert count(client, name) == 1
    client.alter_collection_properties(name, {TTL: 1})
    wait_until(lambda: gone(client, name), "a shorter time does not reach rows that are there")
    client.drop_collection_properties(name, [TTL])
    client.insert(name, [row(2)])
    time.sleep(1.2)
    assert ids(client, name, "id == 2") == [2], "without the property rows stay"
    client.alter_collection_properties(name, {TTL: -1})
    assert ids(client, name, "id == 2") == [2], "-1 is for ever"
    client.alter_collection_properties(name, {TTL: 1})
    wait_until(lambda: gone(client, name), "it can be set again")


def test_what_has_gone_is_not_there_for_writes_either(client, name):
    make(client, name, {TTL: 1})
    client.insert(name, [row(1), row(2)])
    wait_until(lambda: gone(client, name), "rows outlive their time")
    client.alter_collection_properties(name, {TTL: 3600})
    answer = client.upsert(name, [row(1)])
    assert answer["upsert_count"] == 1
    assert query(client, name, "id == 1", output_fields=["n"]) == [{"id": 1, "n": 1}]


def test_rows_do_not_come_back_with_a_restart(make_server):
    server = make_server().start()
    client = MilvusClient(server.uri)
    for name, seconds in (("short", 1), ("long", 3600)):
        make(client, name, {TTL: seconds})
        client.insert(name, [row(1)])
        client.flush(name)
        client.insert(name, [row(2)])
    client.close()
    for stop in (server.kill, server.stop):
        stop()
        server.start()
        client = MilvusClient(server.uri)
        assert client.describe_collection("short")["properties"][TTL] == "1"
        wait_until(lambda: gone(client, "short"), "rows outlive their time")
        assert ids(client, "long", "id >= 0") == [1, 2]
        client.close()


def test_an_index_does_not_find_rows_that_have_gone(client, name):
    make(client, name, {TTL: 3600})
    client.release_collection(name)
    client.drop_index(name, "v")
    index = client.prepare_index_params()
    index.add_index("v", index_type="HNSW", metric_type="L2", params={"M": 8, "efConstruction": 40})
    client.create_index(name, index)
    client.load_collection(name)
    client.insert(name, [row(i) for i in range(300)])
    client.flush(name)
    time.sleep(1.1)
    client.insert(name, [row(i) for i in range(1000, 1003)])
    client.alter_collection_properties(name, {TTL: 1})
    hits = [hit["id"] for hit in search(client, name, [0.0, 0.0], limit=10)]
    assert set(hits) <= {1000, 1001, 1002}
