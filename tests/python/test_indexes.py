"""Indexes of every kind side by side: several vector fields in a collection, and how far their building is."""

import json
import re
import time

import numpy as np
import pytest
from pymilvus import AnnSearchRequest, Collection, DataType, MilvusClient, WeightedRanker, connections, utility

import exact

ROWS, DIM, SLOTS = 5000, 32, 32
CENTRES = np.random.default_rng(3).normal(size=(100, DIM)).astype(np.float32)
FLOATS = (CENTRES[np.arange(ROWS) % 100] + np.random.default_rng(4).normal(0, 0.8, (ROWS, DIM))).astype(np.float32)
HALVES = FLOATS.astype(np.float16)
BYTES = np.clip(FLOATS * 30, -128, 127).astype(np.int8)
BITS = np.packbits(FLOATS > 0, axis=1)
# Rows of a clump copy more or fewer of one signature's slots.
SOURCES = np.random.default_rng(5).integers(0, 1 << 32, (100, SLOTS), dtype=np.uint32)
KEPT = np.random.default_rng(6).random((ROWS, SLOTS)) < np.random.default_rng(7).random((ROWS, 1))
FRESH = np.random.default_rng(8).integers(0, 1 << 32, (ROWS, SLOTS), dtype=np.uint32)
SIGNATURES = np.where(KEPT, SOURCES[np.arange(ROWS) % 100], FRESH).astype("<u4")

FIELDS = {
    "graph": (DataType.FLOAT_VECTOR, DIM, "HNSW", "L2", {"M": 16, "efConstruction": 100}, FLOATS),
    "lists": (DataType.FLOAT_VECTOR, DIM, "IVF_FLAT", "COSINE", {"nlist": 64}, FLOATS),
    "half": (DataType.FLOAT16_VECTOR, DIM, "IVF_SQ8", "IP", {"nlist": 64}, HALVES),
    "auto": (DataType.FLOAT_VECTOR, DIM, "AUTOINDEX", "COSINE", {}, FLOATS),
    "bytes": (DataType.INT8_VECTOR, DIM, "HNSW", "COSINE", {"M": 16, "efConstruction": 100}, BYTES),
    "bits": (DataType.BINARY_VECTOR, DIM, "BIN_IVF_FLAT", "HAMMING", {"nlist": 64}, BITS),
    "signature": (
        DataType.BINARY_VECTOR,
        SLOTS * 32,
        "MINHASH_LSH",
        "MHJACCARD",
        {"mh_element_bit_width": 32, "mh_lsh_band": 16, "with_raw_data": True},
        SIGNATURES,
    ),
}


def sent(field, row):
    value = FIELDS[field][5][row]
    if field in ("bits", "signature"):
        return value.tobytes()
    return value if field in ("half", "bytes") else value.tolist()


def similarity(row):
    """The share of equal slots of every row."""
    return (SIGNATURES == SIGNATURES[row]).mean(axis=1)


@pytest.fixture(scope="module")
def kinds(client):
    name = "kinds_side_by_side"
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    for field, (data_type, dim, *_) in FIELDS.items():
        schema.add_field(field, data_type, dim=dim)
    index = client.prepare_index_params()
    for field, (_, _, kind, metric, params, _) in FIELDS.items():
        index.add_index(field, index_type=kind, metric_type=metric, params=params)
    client.create_collection(name, schema=schema, index_params=index)
    for first in range(0, ROWS, 500):
        rows = range(first, first + 500)
        client.insert(name, [{"id": i, **{field: sent(field, i) for field in FIELDS}} for i in rows])
    client.delete(name, filter="id % 7 == 5")
    client.flush(name)
    for field in FIELDS:
        wait(client, name, field)
    yield client, name
    client.drop_collection(name)


def wait(client, name, index, seconds=90):
    end = time.monotonic() + seconds
    while int(client.describe_index(name, index)["pending_index_rows"]):
        assert time.monotonic() < end, f"{index} is not built"
        time.sleep(0.1)


def test_every_field_is_described_as_its_own(kinds):
    client, name = kinds
    assert sorted(client.list_indexes(name)) == sorted(FIELDS)
    for field, (_, _, kind, metric, params, _) in FIELDS.items():
        told = client.describe_index(name, field)
        assert (told["field_name"], told["index_type"], told["metric_type"]) == (field, kind, metric)
        assert all(told[key] == str(value) or told[key] == value for key, value in params.items())
        assert told["state"] == "Finished" and int(told["pending_index_rows"]) == 0
        assert int(told["indexed_rows"]) == int(told["total_rows"]) >= ROWS - ROWS // 7 - 1
        built = {"BIN_IVF_FLAT": "IVF_FLAT", "AUTOINDEX": "HNSW"}.get(kind, kind)
        assert built in told["elanus.resolved"], told["elanus.resolved"]
        measured = re.findall(r"for (\d+) hits \(recall [01]\.\d{3} when built, worst 5 % [01]\.\d{3}\)", told["elanus.resolved"])
        assert measured == ([] if field == "signature" else ["1", "10", "100"]), told["elanus.resolved"]


@pytest.mark.parametrize("field", [field for field in FIELDS if field != "signature"])
@pytest.mark.parametrize("filter, allowed", [("", lambda i: True), ("id % 4 == 1", lambda i: i % 4 == 1)])
def test_every_field_is_searched_by_its_index(kinds, field, filter, allowed):
    client, name = kinds
    metric, data = FIELDS[field][3], FIELDS[field][5]
    ids = [i for i in range(ROWS) if i % 7 != 5 and allowed(i)]
    numbers = data[ids] if metric == "HAMMING" else data[ids].astype(np.float64)
    found = 0.0
    for query in range(1, 400, 20):
        hits = client.search(name, [sent(field, query)], anns_field=field, limit=10, filter=filter)[0]
        assert len(hits) == 10 and {hit["id"] for hit in hits} <= set(ids)
        worst = exact.nearest(metric, numbers, data[query], ids)[9][1]
        near = [hit["distance"] <= worst + 1e-2 if metric in exact.DISTANCES else hit["distance"] >= worst - 1e-2 for hit in hits]
        found += sum(near) / 10
    assert found / 20 > 0.9


def test_signatures_share_a_band(kinds):
    client, name = kinds
    bands = SIGNATURES.reshape(ROWS, 16, 2)
    alive = np.arange(ROWS) % 7 != 5
    for query in range(1, 400, 40):
        sharing = ((bands == bands[query]).all(axis=2).any(axis=1) & alive).nonzero()[0]
        hits = client.search(name, [sent("signature", query)], anns_field="signature", limit=10)[0]
        assert len(hits) == min(10, len(sharing)) and {hit["id"] for hit in hits} <= set(sharing.tolist())
        assert {hit["distance"] for hit in hits} == ({1.0} if hits else set())
        scored = client.search(
            name,
            [sent("signature", query)],
            anns_field="signature",
            limit=10,
            filter="id % 2 == 1",
            search_params={"params": {"mh_search_with_jaccard": True}},
        )[0]
        odd = sharing[sharing % 2 == 1]
        best = sorted(similarity(query)[odd], reverse=True)[:10]
        assert [hit["distance"] for hit in scored] == [exact.near(score) for score in best]
        assert [hit["distance"] for hit in scored] == [exact.near(similarity(query)[hit["id"]]) for hit in scored]


def test_signatures_have_no_ranges_and_no_iterators(kinds):
    client, name = kinds
    near = {"anns_field": "signature", "limit": 5}
    with pytest.raises(Exception, match="RangeSearch not supported for current index type"):
        client.search(name, [sent("signature", 0)], search_params={"params": {"radius": 0.2}}, **near)
    with pytest.raises(Exception, match="annIterator not supported for current index type"):
        client.search_iterator(name, [sent("signature", 0)], batch_size=5, anns_field="signature")


def test_fields_are_fused(kinds):
    client, name = kinds
    query = 8
    asked = [
        AnnSearchRequest([sent("graph", query)], "graph", {}, limit=20),
        AnnSearchRequest([sent("bits", query)], "bits", {"params": {"nprobe": 64}}, limit=20),
        AnnSearchRequest([sent("signature", query)], "signature", {"params": {"mh_search_with_jaccard": True}}, limit=20),
    ]
    hits = client.hybrid_search(name, asked, WeightedRanker(0.4, 0.3, 0.3), limit=5)[0]
    assert hits[0]["id"] == query and len(hits) == 5
    with pytest.raises(Exception, match="multiple anns_fields exist"):
        client.search(name, [sent("graph", query)], limit=5)


def test_building_is_seen_from_the_outside(client, name):
    """Rows first, then the index: the counts never disagree, and what waits for it returns."""
    rows, dim = 20_000, 64
    data = np.random.default_rng(9).normal(size=(rows, dim)).astype(np.float32)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=dim)
    client.create_collection(name, schema=schema)
    for first in range(0, rows, 5000):
        client.insert(name, [{"id": i, "v": data[i].tolist()} for i in range(first, first + 5000)])
    client.flush(name)
    index = client.prepare_index_params()
    index.add_index("v", index_name="near", index_type="HNSW", metric_type="L2", params={"M": 32, "efConstruction": 300})
    client.create_index(name, index, sync=False)
    seen = []
    end = time.monotonic() + 120
    while not seen or seen[-1]["state"] != "Finished":
        assert time.monotonic() < end
        seen.append(client.describe_index(name, "near"))
        time.sleep(0.02)
    for told in seen:
        indexed, pending, total = (int(told[key]) for key in ("indexed_rows", "pending_index_rows", "total_rows"))
        assert indexed + pending == total == rows
        assert told["state"] in ("InProgress", "Finished") and (told["state"] == "Finished") == (pending == 0)
    assert seen[0]["state"] == "InProgress"
    building = [int(told["indexed_rows"]) for told in seen if told["state"] == "InProgress"]
    assert max(building) > 0, "a build under way counts rows"
    hits = client.search(name, data[:3].tolist(), limit=1)
    assert [hit[0]["id"] for hit in hits] == [0, 1, 2]


def test_the_calls_of_the_orm(client, uri, name):
    client.create_collection(name, dimension=16, auto_id=False)
    connections.connect("progress", uri=uri)
    try:
        collection = Collection(name, using="progress")
        data = np.random.default_rng(10).normal(size=(6000, 16)).astype(np.float32)
        for first in range(0, 6000, 3000):
            rows = range(first, first + 3000)
            collection.insert([{"id": i, "vector": data[i].tolist()} for i in rows])
        collection.flush()
        assert utility.wait_for_index_building_complete(name, "vector", using="progress")
        told = utility.index_building_progress(name, "vector", using="progress")
        assert told == {"total_rows": 6000, "indexed_rows": 6000, "pending_index_rows": 0, "state": "Finished"}
        collection.release()
        collection.drop_index(index_name="vector")
        assert not collection.has_index()
        with pytest.raises(Exception, match="index not found"):
            utility.index_building_progress(name, "vector", using="progress")
        collection.create_index("vector", {"index_type": "IVF_FLAT", "metric_type": "L2", "params": {"nlist": 32}})
        assert utility.index_building_progress(name, "vector", using="progress")["pending_index_rows"] == 0
        assert collection.index().params["index_type"] == "IVF_FLAT"
        collection.load()
        hits = collection.search([data[5].tolist()], "vector", {"metric_type": "L2"}, limit=1)
        assert hits[0][0].id == 5
    finally:
        connections.disconnect("progress")


def test_what_was_measured_is_told_of_the_segment_that_finds_least(make_server):
    server = make_server().start()
    client = MilvusClient(server.uri)
    client.create_collection("c", dimension=16, auto_id=False)
    # Rows of a partition are a segment of their own.
    client.create_partition("c", "other")
    data = np.random.default_rng(11).normal(size=(4200, 16)).astype(np.float32)
    rows = [{"id": i, "vector": data[i].tolist()} for i in range(len(data))]
    client.insert("c", rows)
    client.flush("c")
    wait(client, "c", "vector")
    assert "; measured for recall_target 0.95: ef " in client.describe_index("c", "vector")["elanus.resolved"]
    client.insert("c", [{**row, "id": row["id"] + 10_000} for row in rows[:4100]], partition_name="other")
    client.flush("c")
    wait(client, "c", "vector")
    told = client.describe_index("c", "vector")["elanus.resolved"]
    assert "; measured for recall_target 0.95 in the segment of 2 that finds least: ef " in told
    client.close()
    server.restart()
    client = MilvusClient(server.uri)
    client.load_collection("c")
    assert client.describe_index("c", "vector")["elanus.resolved"] == told
    index = json.loads(server.get("status")[1])["collections"][0]["indexes"][0]
    assert f"{index['resolved']}; {index['measured']}" == told and "worst 5 %" in index["measured"]
    client.close()


def test_an_index_of_nothing_is_finished(client, name):
    client.create_collection(name, dimension=8)
    told = client.describe_index(name, "vector")
    assert (told["state"], told["total_rows"], told["indexed_rows"], told["pending_index_rows"]) == ("Finished", 0, 0, 0)
    assert client.describe_index(name, "other") is None
