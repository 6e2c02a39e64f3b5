"""The older object interface: columns in, results with offsets, futures, iterators."""

import numpy as np
import pytest
from pymilvus import AnnSearchRequest, Collection, CollectionSchema, DataType, FieldSchema, WeightedRanker, connections

import exact

DIM = 8
ROWS = 100
VECTORS = exact.unit(ROWS, DIM)


@pytest.fixture
def collection(uri, name, client):
    connections.connect("orm", uri=uri)
    fields = [
        FieldSchema("key", DataType.INT64, is_primary=True),
        FieldSchema("v", DataType.FLOAT_VECTOR, dim=DIM),
        FieldSchema("text", DataType.VARCHAR, max_length=20),
        FieldSchema("j", DataType.JSON),
        FieldSchema("a", DataType.ARRAY, element_type=DataType.FLOAT, max_capacity=4),
    ]
    collection = Collection(name, CollectionSchema(fields), using="orm")
    collection.create_index("v", {"index_type": "FLAT", "metric_type": "IP", "params": {}})
    collection.load()
    yield collection
    connections.disconnect("orm")


def columns(start=0, end=ROWS):
    keys = range(start, end)
    texts, documents, lists = [f"t{i}" for i in keys], [{"i": i} for i in keys], [[i / 2] for i in keys]
    return [list(keys), VECTORS[start:end].tolist(), texts, documents, lists]


def test_columns_in_rows_out(collection):
    answer = collection.insert(columns())
    assert answer.insert_count == ROWS and list(answer.primary_keys) == list(range(ROWS))
    assert answer.succ_count == ROWS and answer.err_count == 0 and answer.timestamp > 0
    assert collection.num_entities == ROWS
    rows = list(collection.query("key in [3, 4]", output_fields=["text", "j", "a"]))
    assert [dict(row) for row in rows] == [
        {"key": i, "text": f"t{i}", "j": {"i": i}, "a": [i / 2]} for i in (3, 4)
    ]


def test_searches(collection):
    collection.insert(columns())
    vectors = [VECTORS[3].tolist(), VECTORS[4].tolist()]
    found = collection.search(vectors, "v", {"metric_type": "IP"}, 5, expr="key < 50", output_fields=["text"])
    assert len(found) == 2
    best = exact.nearest("IP", VECTORS[:50], VECTORS[4])[:5]
    assert list(found[1].ids) == [i for i, _ in best]
    assert np.allclose(list(found[1].distances), [score for _, score in best], atol=1e-5)
    assert found[0][0].entity.get("text") == "t3" and found[0][0].id == 3
    later = collection.search([vectors[0]], "v", {"offset": 2}, 3, _async=True).result()
    assert list(later[0].ids) == [i for i, _ in exact.nearest("IP", VECTORS, VECTORS[3])[2:5]]


def test_upserts_and_deletes(collection):
    collection.insert(columns())
    assert collection.upsert(columns(0, 2)).upsert_count == 2
    assert collection.delete("key in [0, 1]").delete_count == 2
    assert [row["key"] for row in list(collection.query("key < 4"))] == [2, 3]
    assert collection.insert(columns(0, 2), _async=True).result().insert_count == 2
    assert collection.num_entities == ROWS


def test_hybrid(collection):
    collection.insert(columns())
    requests = [AnnSearchRequest([VECTORS[i].tolist()], "v", {}, 10) for i in (3, 4)]
    hits = collection.hybrid_search(requests, WeightedRanker(0.9, 0.1), 3, output_fields=["text"])[0]
    assert hits[0].id == 3 and hits[0].entity.get("text") == "t3"


def test_iterators(collection):
    collection.insert(columns())
    keys, iterator = [], collection.query_iterator(batch_size=30, expr="key > 9", output_fields=["text"])
    while page := iterator.next():
        keys += [row["key"] for row in page]
    iterator.close()
    assert keys == list(range(10, ROWS))
    keys, iterator = [], collection.search_iterator([VECTORS[3].tolist()], "v", {"metric_type": "IP"}, batch_size=30)
    while page := iterator.next():
        keys += page.ids()
    iterator.close()
    assert keys == [i for i, _ in exact.nearest("IP", VECTORS, VECTORS[3])]
