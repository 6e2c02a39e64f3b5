"""Inverted lists: what they find, with parameters, filters, deletes and after a restart."""

import time

import numpy as np
import pytest
from pymilvus import DataType

import exact

ROWS, DIM = 6000, 32
CENTRES = np.random.default_rng(1).normal(size=(120, DIM)).astype(np.float32)
VECTORS = (CENTRES[np.arange(ROWS) % 120] + np.random.default_rng(2).normal(0, 0.9, (ROWS, DIM))).astype(np.float32)
BITS = np.packbits(VECTORS > 0, axis=1)

KINDS = [("IVF_FLAT", "L2"), ("IVF_FLAT", "COSINE"), ("IVF_SQ8", "IP"), ("IVF_SQ8", "COSINE"), ("BIN_IVF_FLAT", "HAMMING")]


def rows_of(kind):
    return BITS if kind == "BIN_IVF_FLAT" else VECTORS


def sent(kind, vector):
    return vector.tobytes() if kind == "BIN_IVF_FLAT" else vector.tolist()


@pytest.fixture(scope="module", params=KINDS, ids=lambda pair: "-".join(pair))
def lists(request, client):
    kind, metric = request.param
    name = f"lists_{kind}_{metric}".lower()
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    binary = kind == "BIN_IVF_FLAT"
    schema.add_field("v", DataType.BINARY_VECTOR if binary else DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("v", index_type=kind, metric_type=metric, params={"nlist": 64})
    client.create_collection(name, schema=schema, index_params=index)
    data = rows_of(kind)
    for first in range(0, ROWS, 2000):
        client.insert(name, [{"id": i, "v": sent(kind, data[i])} for i in range(first, first + 2000)])
    client.delete(name, filter="id % 10 == 3")
    client.flush(name)
    for _ in range(300):
        if int(client.describe_index(name, "v")["pending_index_rows"]) == 0:
            break
        time.sleep(0.1)
    yield client, name, kind, metric
    client.drop_collection(name)


def recall(lists, nprobe, allowed, filter=""):
    client, name, kind, metric = lists
    data, params = rows_of(kind), {} if nprobe is None else {"nprobe": nprobe}
    found = 0.0
    for query in range(5, 505, 20):
        hits = client.search(name, [sent(kind, data[query])], limit=10, filter=filter, search_params={"params": params})[0]
        keys = [key for key in range(ROWS) if key % 10 != 3 and allowed(key)]
        nearest = exact.nearest(metric, data[keys], data[query], keys)[:10]
        assert len(hits) == len(nearest) and all(allowed(hit["id"]) and hit["id"] % 10 != 3 for hit in hits)
        found += exact.share(metric, hits, nearest)
    return found / 25


def test_found_by_default_and_by_effort(lists):
    assert recall(lists, None, lambda key: True) > 0.93
    assert recall(lists, 60, lambda key: True) > 0.99
    assert recall(lists, 1, lambda key: True) < recall(lists, 20, lambda key: True)


def test_filters_give_as_many_rows_as_asked_for(lists):
    assert recall(lists, None, lambda key: key % 3 == 1, "id % 3 == 1") > 0.93
    assert recall(lists, None, lambda key: key >= 5900, "id >= 5900") > 0.99
    recall(lists, 1, lambda key: key % 120 == 7, "id % 120 == 7")


def test_described_as_built(lists):
    client, name, kind, metric = lists
    described = client.describe_index(name, "v")
    assert (described["index_type"], described["metric_type"], described["nlist"]) == (kind, metric, "64")
    built = {"BIN_IVF_FLAT": "IVF_FLAT"}.get(kind, kind)
    assert f"{built}, nlist 64" in described["elanus.resolved"]
