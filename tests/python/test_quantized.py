"""Indexes over compact codes: what they find with their own parameters, under filters and deletes, and how they are described."""

import time

import numpy as np
import pytest
from pymilvus import DataType, MilvusException

import exact

ROWS, DIM = 5000, 32
CENTRES = np.random.default_rng(1).normal(size=(100, DIM)).astype(np.float32)
VECTORS = (CENTRES[np.arange(ROWS) % 100] + np.random.default_rng(2).normal(0, 0.9, (ROWS, DIM))).astype(np.float32)

KINDS = [
    ("HNSW_SQ", "COSINE", {"M": 16, "efConstruction": 100, "sq_type": "SQ4U", "refine": True, "refine_type": "FP16"}),
    ("HNSW_SQ", "L2", {"M": 16, "efConstruction": 100, "sq_type": "SQ6"}),
    ("HNSW_SQ", "IP", {"M": 16, "efConstruction": 100, "sq_type": "BF16"}),
    ("HNSW_PQ", "L2", {"M": 16, "efConstruction": 100, "m": 16, "nbits": 5, "refine": True, "refine_type": "SQ8"}),
    ("HNSW_PRQ", "COSINE", {"M": 16, "efConstruction": 100, "m": 8, "nrq": 2, "nbits": 5}),
    ("IVF_PQ", "COSINE", {"nlist": 64, "m": 16, "nbits": 5}),
    ("IVF_RABITQ", "L2", {"nlist": 64}),
    ("IVF_RABITQ", "COSINE", {"nlist": 64, "rbq_bits": 4, "refine": True, "refine_type": "SQ8"}),
    ("SCANN", "IP", {"nlist": 64, "with_raw_data": True}),
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: "-".join(kind[:2]))
def coded(request, client):
    kind, metric, params = request.param
    name = f"coded_{kind}_{metric}_{len(params)}".lower()
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("v", index_type=kind, metric_type=metric, params=params)
    client.create_collection(name, schema=schema, index_params=index)
    for first in range(0, ROWS, 2500):
        client.insert(name, [{"id": i, "v": VECTORS[i].tolist()} for i in range(first, first + 2500)])
    client.delete(name, filter="id % 10 == 3")
    client.flush(name)
    for _ in range(600):
        if int(client.describe_index(name, "v")["pending_index_rows"]) == 0:
            break
        time.sleep(0.1)
    yield client, name, kind, metric
    client.drop_collection(name)


def recall(coded, params, allowed, filter=""):
    client, name, _, metric = coded
    found = 0.0
    for query in range(5, 505, 20):
        hits = client.search(name, [VECTORS[query].tolist()], limit=10, filter=filter, search_params={"params": params})[0]
        keys = [key for key in range(ROWS) if key % 10 != 3 and allowed(key)]
        nearest = exact.nearest(metric, VECTORS[keys], VECTORS[query], keys)[:10]
        assert len(hits) == len(nearest) and all(allowed(hit["id"]) and hit["id"] % 10 != 3 for hit in hits)
        found += exact.share(metric, hits, nearest)
    return found / 25


def test_found_by_default_and_by_effort(coded):
    assert recall(coded, {}, lambda key: True) > 0.9
    assert recall(coded, {"recall_target": 0.99}, lambda key: True) > 0.95
    hard = {"ef": 600, "nprobe": 64, "refine_k": 30, "reorder_k": 300}
    assert recall(coded, hard, lambda key: True) > 0.97


def test_filters_give_as_many_rows_as_asked_for(coded):
    assert recall(coded, {}, lambda key: key % 3 == 1, "id % 3 == 1") > 0.9
    assert recall(coded, {}, lambda key: key >= 4900, "id >= 4900") > 0.99


def test_described_as_asked(coded):
    client, name, kind, metric = coded
    described = client.describe_index(name, "v")
    assert (described["index_type"], described["metric_type"], described["state"]) == (kind, metric, "Finished")
    assert int(described["indexed_rows"]) == int(described["total_rows"])


def test_automatic_index_takes_a_recall_target(client):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection("coded_target", schema=schema)
    wrong, right = client.prepare_index_params(), client.prepare_index_params()
    wrong.add_index("v", index_type="AUTOINDEX", metric_type="L2", params={"recall_target": 2})
    with pytest.raises(MilvusException, match="should be in range"):
        client.create_index("coded_target", wrong)
    right.add_index("v", index_type="AUTOINDEX", metric_type="L2", params={"recall_target": 0.99})
    client.create_index("coded_target", right)
    assert client.describe_index("coded_target", "v")["index_type"] == "AUTOINDEX"
    client.drop_collection("coded_target")


def test_compact_index_finds_and_scores_without_the_vectors(client):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection("compact", schema=schema)
    client.insert("compact", [{"id": key, "v": vector.tolist()} for key, vector in enumerate(VECTORS)])
    wrong, right = client.prepare_index_params(), client.prepare_index_params()
    wrong.add_index("v", index_type="AUTOINDEX", metric_type="L2", params={"compact": "rather"})
    with pytest.raises(MilvusException):
        client.create_index("compact", wrong)
    right.add_index("v", index_type="AUTOINDEX", metric_type="L2", params={"compact": "true"})
    client.create_index("compact", right)
    client.load_collection("compact")
    client.flush("compact")
    for _ in range(600):
        described = client.describe_index("compact", "v")
        if int(described["pending_index_rows"]) == 0:
            break
        time.sleep(0.1)
    assert "compact" in str(described) and int(described["pending_index_rows"]) == 0
    found, keys = 0, list(range(ROWS))
    for query in range(0, ROWS, 200):
        hits = client.search("compact", [VECTORS[query].tolist()], limit=10)[0]
        nearest = {key for key, _ in exact.nearest("L2", VECTORS, VECTORS[query], keys)[:10]}
        found += len(nearest & {hit["id"] for hit in hits}) / 10
        assert hits[0]["id"] == query and abs(hits[0]["distance"]) < 1
    assert found / 25 > 0.9
    client.drop_collection("compact")
