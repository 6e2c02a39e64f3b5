"""Upserts, partial upserts, partitions and keys: what is there afterwards."""

import numpy as np
import pytest
from pymilvus import DataType, MilvusException
from pymilvus.client.field_ops import FieldOp

from ask import count, ids, query

DIM = 4
UNIT = np.eye(DIM, dtype=np.float32).tolist()


@pytest.fixture
def table(client, name):
    """A collection with optional fields of several kinds, empty."""
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("n", DataType.INT8, nullable=True)
    schema.add_field("text", DataType.VARCHAR, max_length=8, default_value="none")
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4, nullable=True)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    return name


def row(i, **more):
    return {"id": i, "v": UNIT[i % DIM], **more}


def test_keys_made_by_the_server_are_answered(client, name):
    client.create_collection(name, dimension=DIM, auto_id=True)
    first = list(client.insert(name, [{"vector": UNIT[0]}, {"vector": UNIT[1]}])["ids"])
    assert len(set(first)) == 2 and ids(client, name, f"id in {first}") == sorted(first)
    again = list(client.upsert(name, [{"id": first[0], "vector": UNIT[2]}])["ids"])
    assert count(client, name) == 2
    assert query(client, name, f"id == {again[0]}", output_fields=["vector"])[0]["vector"] == UNIT[2]


def test_an_upsert_replaces_whole_rows(client, table):
    client.insert(table, [row(1, n=1, text="old", extra=1)])
    answer = client.upsert(table, [row(1, n=2), row(2, text="new")])
    assert answer["upsert_count"] == 2 and list(answer["ids"]) == [1, 2]
    rows = query(client, table, "id > 0", output_fields=["n", "text", "extra"])
    assert rows == [{"id": 1, "n": 2, "text": "none"}, {"id": 2, "n": None, "text": "new"}]


def test_a_partial_upsert_keeps_what_is_not_sent(client, table):
    client.insert(table, [row(1, n=1, text="old", tags=[1], a=1, b=2), row(2, n=5)])
    client.upsert(table, [{"id": 1, "n": None, "b": 3, "c": 4}, {"id": 2, "n": 6}], partial_update=True)
    rows = query(client, table, "id > 0", output_fields=["*"])
    assert rows[0] == {"id": 1, "v": UNIT[1], "n": None, "text": "old", "tags": [1], "a": 1, "b": 3, "c": 4}
    assert rows[1] == {"id": 2, "v": UNIT[2], "n": 6, "text": "none", "tags": None}
    with pytest.raises(MilvusException):
        client.upsert(table, [{"id": 3, "n": 1}], partial_update=True)
    assert count(client, table) == 2


def test_a_partial_upsert_changes_lists(client, table):
    client.insert(table, [row(1, tags=[1, 2]), row(2, tags=[3])])
    def change(rows, **ops):
        client.upsert(table, rows, partial_update=True, field_ops=ops)

    change([{"id": 1, "tags": [7]}, {"id": 2, "tags": [8, 9]}], tags=FieldOp.array_append())
    assert [list(found["tags"]) for found in query(client, table, "id > 0", output_fields=["tags"])] == [[1, 2, 7], [3, 8, 9]]
    change([{"id": 1, "tags": [1, 7]}], tags=FieldOp.array_remove())
    assert list(query(client, table, "id == 1", output_fields=["tags"])[0]["tags"]) == [2]
    with pytest.raises(MilvusException, match="exceeds max capacity"):
        change([{"id": 2, "tags": [1, 2]}], tags=FieldOp.array_append())
    with pytest.raises(MilvusException):
        change([{"id": 2, "text": "x"}], text=FieldOp.array_append())


def test_deletes_count_and_take_effect_at_once(client, table):
    client.insert(table, [row(i, n=i) for i in range(10)])
    assert client.delete(table, ids=[1, 2, 99])["delete_count"] == 3, "keys given, not rows found"
    assert client.delete(table, filter="n > 7")["delete_count"] == 2
    assert client.delete(table, filter="id in {ids}", filter_params={"ids": [3, 4]})["delete_count"] == 2
    assert ids(client, table, "id >= 0") == [0, 5, 6, 7]
    for always in ("", "id >= 0 or true"):
        with pytest.raises(MilvusException):
            client.delete(table, filter=always)
    with pytest.raises(MilvusException, match="failed to create delete plan"):
        client.delete(table, filter="no such thing")
    assert count(client, table) == 4


def test_partitions_hold_their_rows(client, table):
    client.create_partition(table, "p")
    client.insert(table, [row(1), row(2)], partition_name="p")
    client.insert(table, [row(3)])
    client.delete(table, filter="id in [1, 3]", partition_name="p")
    assert ids(client, table, "id > 0") == [2, 3]
    assert ids(client, table, "id > 0", partition_names=["p"]) == [2]
    with pytest.raises(MilvusException, match="partition not found"):
        client.insert(table, [row(4)], partition_name="q")


def test_text_keys(client, name):
    client.create_collection(name, dimension=DIM, id_type="string", max_length=16)
    keys = ["b", "a", "ä", "", "a b"]
    answer = client.insert(name, [{"id": key, "vector": UNIT[0]} for key in keys])
    assert list(answer["ids"]) == keys
    client.upsert(name, [{"id": "a", "vector": UNIT[3]}])
    assert client.delete(name, ids=["b", "ä"])["delete_count"] == 2
    assert ids(client, name, 'id >= ""') == ["", "a", "a b"]
    assert [found["id"] for found in list(client.get(name, ids=["a", "b"]))] == ["a"]
