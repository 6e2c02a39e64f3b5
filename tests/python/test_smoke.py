"""What users of every client version do first. Runs with pymilvus 2.5, 2.6 and 3.0."""

import numpy as np
import pytest
from pymilvus import (
    AnnSearchRequest,
    Collection,
    CollectionSchema,
    DataType,
    FieldSchema,
    MilvusClient,
    MilvusException,
    RRFRanker,
    connections,
    utility,
)

import exact
from ask import count, query

DIM = 8
COLORS = ["red", "green", "blue"]
VECTORS = exact.unit(60, DIM)


def rows():
    return [{"id": i, "vector": VECTORS[i].tolist(), "color": COLORS[i % 3]} for i in range(len(VECTORS))]


@pytest.fixture
def quick(client, name):
    """The quick start's collection with 60 rows."""
    client.create_collection(name, dimension=DIM)
    assert client.insert(name, rows())["insert_count"] == 60
    return name


def test_quick_start(client, quick):
    hits = client.search(quick, [VECTORS[7].tolist()], limit=5, output_fields=["color"])[0]
    exact.check(hits, "COSINE", VECTORS, VECTORS[7], 5)
    assert hits[0]["id"] == 7 and hits[0]["entity"]["color"] == COLORS[7 % 3]
    filtered = client.search(quick, [VECTORS[7].tolist()], filter='color == "red"', limit=5)[0]
    exact.check(filtered, "COSINE", VECTORS, VECTORS[7], 5, allowed=set(range(0, 60, 3)))
    found = query(client, quick, 'color == "blue" and id < 9', output_fields=["id", "color"])
    assert found == [{"id": i, "color": "blue"} for i in (2, 5, 8)]
    assert [row["id"] for row in list(client.get(quick, ids=[3, 4]))] == [3, 4]
    assert client.delete(quick, ids=[3, 4])["delete_count"] == 2
    assert list(client.get(quick, ids=[3, 4])) == []
    client.delete(quick, filter='color == "green"')
    assert count(client, quick) == 39


def test_upsert_replaces(client, quick):
    client.upsert(quick, [{"id": 5, "vector": VECTORS[0].tolist(), "color": "black"}])
    assert query(client, quick, "id == 5", output_fields=["color"]) == [{"id": 5, "color": "black"}]
    assert count(client, quick) == 60


def test_schema_index_and_states(client, name):
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=20)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("n", DataType.INT32)
    index = client.prepare_index_params()
    index.add_index("v", index_type="HNSW", metric_type="L2", params={"M": 8, "efConstruction": 64})
    client.create_collection(name, schema=schema, index_params=index)
    client.insert(name, [{"key": f"k{i:02}", "v": VECTORS[i].tolist(), "n": i} for i in range(60)])
    client.flush(name)
    assert int(client.get_collection_stats(name)["row_count"]) == 60
    described = client.describe_index(name, "v")
    assert described["index_type"] == "HNSW" and described["metric_type"] == "L2"
    hits = client.search(name, [VECTORS[9].tolist()], limit=3, search_params={"params": {"ef": 64}})[0]
    assert (hits[0].get("key") or hits[0].get("id")) == "k09" and hits[0]["distance"] == exact.near(0.0)
    assert str(client.get_load_state(name)["state"]) == "Loaded"
    client.release_collection(name)
    with pytest.raises(MilvusException, match="not loaded"):
        client.search(name, [VECTORS[9].tolist()])
    client.load_collection(name)
    assert len(client.search(name, [VECTORS[9].tolist()], limit=3)[0]) == 3


def test_iterators(client, quick):
    pages, iterator = [], client.query_iterator(quick, batch_size=25, output_fields=["id"])
    while page := iterator.next():
        pages.append([row["id"] for row in page])
    iterator.close()
    assert sum(pages, []) == list(range(60))
    seen, iterator = [], client.search_iterator(quick, data=[VECTORS[0].tolist()], batch_size=25)
    while page := iterator.next():
        seen += [hit["id"] for hit in page]
    iterator.close()
    assert seen == [i for i, _ in exact.nearest("COSINE", VECTORS, VECTORS[0])]


def test_partitions_aliases_databases(client, uri, name):
    client.create_collection(name, dimension=DIM)
    client.create_partition(name, "p")
    client.insert(name, rows()[:10], partition_name="p")
    client.insert(name, rows()[10:20])
    assert sorted(client.list_partitions(name)) == ["_default", "p"]
    assert len(client.query(name, filter="id >= 0", partition_names=["p"])) == 10
    client.create_alias(name, name + "_alias")
    assert len(client.query(name + "_alias", filter="id >= 0")) == 20
    client.drop_alias(name + "_alias")
    client.create_database(name + "_db")
    other = MilvusClient(uri, db_name=name + "_db")
    assert other.list_collections() == []
    other.close()
    assert name + "_db" in client.list_databases()
    client.drop_database(name + "_db")


def test_hybrid(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("a", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("b", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("a", index_type="FLAT", metric_type="COSINE")
    index.add_index("b", index_type="FLAT", metric_type="COSINE")
    client.create_collection(name, schema=schema, index_params=index)
    client.insert(name, [{"id": i, "a": VECTORS[i].tolist(), "b": VECTORS[59 - i].tolist()} for i in range(60)])
    requests = [AnnSearchRequest([VECTORS[4].tolist()], field, {}, 10) for field in ("a", "b")]
    hits = client.hybrid_search(name, requests, RRFRanker(60), limit=2)[0]
    assert {hit["id"] for hit in hits} == {4, 55}


def test_orm(uri, name, client):
    connections.connect("orm", uri=uri)
    fields = [
        FieldSchema("id", DataType.INT64, is_primary=True),
        FieldSchema("v", DataType.FLOAT_VECTOR, dim=DIM),
        FieldSchema("n", DataType.INT64),
    ]
    collection = Collection(name, CollectionSchema(fields), using="orm")
    collection.insert([list(range(60)), VECTORS.tolist(), [i * i for i in range(60)]])
    collection.flush()
    assert collection.num_entities == 60
    collection.create_index("v", {"index_type": "IVF_FLAT", "metric_type": "IP", "params": {"nlist": 16}})
    collection.load()
    result = collection.search([VECTORS[3].tolist()], "v", {"params": {"nprobe": 16}}, 3, output_fields=["n"])
    assert result[0].ids[0] == 3 and result[0][0].entity.get("n") == 9
    assert list(collection.query("n in [4, 9]", output_fields=["id"])) == [{"id": 2}, {"id": 3}]
    collection.delete("id in [2]")
    assert list(collection.query("n in [4, 9]", output_fields=["id"])) == [{"id": 3}]
    assert utility.has_collection(name, using="orm")
    collection.release()
    collection.drop()
    assert not utility.has_collection(name, using="orm")
    connections.disconnect("orm")


def test_errors_reach_the_user(client, quick):
    with pytest.raises(MilvusException, match="collection not found|can't find collection"):
        client.query("no_such_collection", filter="id > 0")
    with pytest.raises(MilvusException, match="cannot parse expression"):
        client.query(quick, filter="id >>> 1 ===")
    with pytest.raises(MilvusException):
        client.search(quick, [np.zeros(DIM + 1).tolist()])
    assert not client.has_collection("no_such_collection")
