"""Insert, upsert, partial upsert, delete: counts, visibility, refusals that leave nothing behind."""

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient, MilvusException

import exact
from ask import count, ids, query

DIM = 4
VECTORS = exact.unit(50, DIM)


def row(i, **more):
    return {"id": i, "v": VECTORS[i].tolist(), "n": i, "t": f"t{i}", "a": [i], **more}


@pytest.fixture
def table(client, name):
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("n", DataType.INT32)
    schema.add_field("t", DataType.VARCHAR, max_length=8, nullable=True)
    schema.add_field("a", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    return name


def test_insert_answers_ids_in_order(client, table):
    answer = client.insert(table, [row(i) for i in (5, 3, 4)])
    assert answer["insert_count"] == 3 and list(answer["ids"]) == [5, 3, 4]
    assert client.insert(table, row(9))["insert_count"] == 1, "a single row may come without a list"
    assert ids(client, table, "id >= 0") == [3, 4, 5, 9]


def test_a_row_is_visible_to_the_next_read(uri, table):
    for level in ("Strong", "Session", "Bounded", "Eventually"):
        writer, reader = MilvusClient(uri), MilvusClient(uri)
        for i in range(10):
            writer.upsert(table, [row(i, level=level)])
            found = query(reader, table, f'id == {i} and level == "{level}"', consistency_level=level)
            assert len(found) == 1
        writer.close()
        reader.close()


def test_insert_replaces_an_existing_key(client, table):
    client.insert(table, [row(1), row(2)])
    assert client.insert(table, [row(1, n=100)])["insert_count"] == 1
    assert count(client, table) == 2
    assert query(client, table, "id == 1", output_fields=["n"]) == [{"id": 1, "n": 100}]


def test_upsert(client, table):
    client.insert(table, [row(i) for i in range(10)])
    client.flush(table)
    answer = client.upsert(table, [row(3, n=33, t=None), row(20)])
    assert answer["upsert_count"] == 2
    assert count(client, table) == 11
    assert query(client, table, "id in [3, 20]", output_fields=["n", "t"]) == [
        {"id": 3, "n": 33, "t": None},
        {"id": 20, "n": 20, "t": "t20"},
    ]
    # Of one key sent twice the last row wins, on purpose; see COMPAT.md.
    client.upsert(table, [row(4, n=1), row(4, n=2)])
    assert query(client, table, "id == 4", output_fields=["n"]) == [{"id": 4, "n": 2}]
    hits = client.search(table, [VECTORS[3].tolist()], limit=20)[0]
    assert [hit["id"] for hit in hits].count(3) == 1 and len(hits) == 11


def test_partial_upsert(client, table):
    client.insert(table, [row(i, extra=i, keep="me") for i in range(5)])
    client.flush(table)
    client.upsert(table, [{"id": 2, "n": 222}], partial_update=True)
    client.upsert(table, [{"id": 3, "t": None, "extra": "new"}], partial_update=True)
    found = {each["id"]: each for each in query(client, table, "id in [2, 3]", output_fields=["*"])}
    assert found[2]["n"] == 222 and found[2]["t"] == "t2" and list(found[2]["a"]) == [2]
    assert np.allclose(found[2]["v"], VECTORS[2]) and found[2]["extra"] == 2 and found[2]["keep"] == "me"
    assert found[3]["t"] is None and found[3]["n"] == 3 and found[3]["extra"] == "new" and found[3]["keep"] == "me"
    client.upsert(table, [row(30)], partial_update=True)
    assert count(client, table) == 6
    with pytest.raises(MilvusException):
        client.upsert(table, [{"id": 31, "n": 1}], partial_update=True)
    assert count(client, table) == 6


def test_delete(client, table):
    client.insert(table, [row(i) for i in range(30)])
    assert client.delete(table, ids=[1, 2, 999])["delete_count"] == 3, "ids given, not ids found"
    assert count(client, table) == 28
    assert client.delete(table, filter="n >= 20 and n < 25")["delete_count"] == 5
    client.flush(table)
    assert client.delete(table, filter='t like "t1%"')["delete_count"] == 10
    assert ids(client, table, "id >= 0") == [0, *range(3, 10), *range(25, 30)]
    assert client.delete(table, ids=5)["delete_count"] == 1
    client.insert(table, [row(5, n=55)])
    assert query(client, table, "id == 5", output_fields=["n"]) == [{"id": 5, "n": 55}]
    assert len(client.search(table, [VECTORS[5].tolist()], limit=50)[0]) == 13
    client.delete(table, filter="id in {gone}", filter_params={"gone": [0, 3]})
    assert count(client, table) == 11


def test_deletes_that_are_refused(client, table):
    client.insert(table, [row(1)])
    for bad in ("", "true", "no_such(1)", "n >"):
        with pytest.raises(Exception):
            client.delete(table, filter=bad)
    assert count(client, table) == 1


BAD_ROWS = {
    "dimension": ({"v": [1.0, 2.0]}, "dim|expected"),
    "not finite": ({"v": [1.0, float("nan"), 0.0, 0.0]}, "NaN|nan|finite"),
    "text too long": ({"t": "é" * 5}, "exceeds max length"),
    "array too long": ({"a": [1, 2, 3, 4, 5]}, "exceeds max capacity"),
    "wrong type": ({"n": "text"}, ""),
    "null in a field that has none": ({"n": None}, ""),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_bad_row_refuses_the_whole_request(client, table, what):
    change, text = BAD_ROWS[what]
    for write in (client.insert, client.upsert):
        with pytest.raises(Exception) as caught:
            write(table, [row(1), row(2, **change), row(3)])
        assert not isinstance(caught.value, TimeoutError)
        if isinstance(caught.value, MilvusException) and text:
            assert any(part in str(caught.value) for part in text.split("|")), caught.value
        assert count(client, table) == 0


def test_unknown_fields(client, name):
    schema = client.create_schema(enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection(name, schema=schema)
    with pytest.raises(Exception):
        client.insert(name, [{"id": 1, "v": [0.0] * DIM, "more": 1}])
    with pytest.raises(Exception):
        client.insert(name, [{"id": 1}])
    assert int(client.get_collection_stats(name)["row_count"]) == 0


def test_int8_out_of_range(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("n", DataType.INT8)
    client.create_collection(name, schema=schema)
    client.insert(name, [{"id": 1, "v": [0.0] * DIM, "n": -128}])
    with pytest.raises(MilvusException, match="out of range"):
        client.insert(name, [{"id": 2, "v": [0.0] * DIM, "n": 128}])
    assert int(client.get_collection_stats(name)["row_count"]) == 1


def test_auto_id(client, name):
    schema = client.create_schema(auto_id=True)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=40)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    keys = list(client.insert(name, [{"v": VECTORS[i].tolist()} for i in range(20)])["ids"])
    assert len(set(keys)) == 20 and all(isinstance(key, str) and key.isdigit() for key in keys)
    assert client.search(name, [VECTORS[7].tolist()], limit=1)[0][0]["key"] == keys[7]
    with pytest.raises(MilvusException, match="auto id|autoID|can not assign"):
        client.insert(name, [{"key": "mine", "v": VECTORS[0].tolist()}])
    assert count(client, name) == 20


def test_big_requests(client, name):
    """20,000 rows in one request, 8 MB of vectors, then a text of the longest length."""
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=100)
    schema.add_field("t", DataType.VARCHAR, max_length=65535)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="IP")
    client.create_collection(name, schema=schema, index_params=index)
    vectors = exact.unit(20_000, 100)
    rows = [{"id": i, "v": vectors[i], "t": str(i)} for i in range(20_000)]
    assert client.insert(name, rows)["insert_count"] == 20_000
    assert count(client, name) == 20_000
    hits = client.search(name, vectors[:3].tolist(), limit=5)
    for query_number in range(3):
        exact.check(hits[query_number], "IP", vectors, vectors[query_number], 5)
    longest = "é" * 32767 + "x"
    client.upsert(name, [{"id": 5, "v": vectors[5], "t": longest}])
    assert query(client, name, "id == 5", output_fields=["t"]) == [{"id": 5, "t": longest}]
    assert len(query(client, name, "id < 10000", output_fields=["id"])) == 10_000
    with pytest.raises(Exception, match="limit|larger|too large|RESOURCE_EXHAUSTED"):
        client.insert(name, [{"id": i, "v": vectors[0], "t": "x" * 65000} for i in range(1100)])
    assert count(client, name) == 20_000


def test_many_small_requests_from_many_clients(uri, client, table):
    from concurrent.futures import ThreadPoolExecutor

    def write(worker):
        mine = MilvusClient(uri)
        for i in range(worker, 50, 5):
            mine.upsert(table, [row(i, by=worker)])
            assert len(mine.query(table, filter=f"id == {i} and by == {worker}")) == 1
        mine.close()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(write, range(5)))
    assert ids(client, table, "id >= 0") == list(range(50))


def test_unicode_everywhere(client, name):
    client.create_collection(name, dimension=DIM, description="Überblick 中文 🦀")
    texts = ["", " ", "naïve", "中文字", "🦀🦀", "quote \" and ' and \\", "line\nbreak\ttab", "\u0000null", "e\u0301"]
    client.insert(name, [{"id": i, "vector": VECTORS[i].tolist(), "text": text, f"key{i} é": text} for i, text in enumerate(texts)])
    for _ in range(2):
        found = query(client, name, "id >= 0", output_fields=["text"])
        assert [each["text"] for each in found] == texts
        for i, text in enumerate(texts):
            if text not in ("\u0000null",):
                assert ids(client, name, "text == {wanted}", filter_params={"wanted": text}) == [i]
        client.flush(name)
    assert client.describe_collection(name)["description"] == "Überblick 中文 🦀"
