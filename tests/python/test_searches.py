"""Searches on one field: scores, windows, ranges, fields, groups, keys instead of vectors, wrong requests."""

import numpy as np
import pytest
from pymilvus import DataType, MilvusException

import exact
from ask import search

DIM = 8
ROWS = 300
VECTORS = exact.unit(ROWS, DIM)
COLORS = ["red", "green", "blue", None]


@pytest.fixture(scope="module", params=["L2", "IP", "COSINE"])
def table(client, request):
    """The same rows under every metric: (name, metric)."""
    metric = request.param
    name = f"searches_{metric}"
    client.drop_collection(name)
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("color", DataType.VARCHAR, max_length=8, nullable=True)
    schema.add_field("part", DataType.INT16)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type=metric)
    client.create_collection(name, schema=schema, index_params=index)
    rows = [
        {"id": i, "v": VECTORS[i].tolist(), "color": COLORS[i % 4], "part": i % 7, "key": f"k{i}"}
        for i in range(ROWS)
    ]
    client.insert(name, rows)
    yield name, metric
    client.drop_collection(name)


def test_scores_and_order(client, table):
    name, metric = table
    found = client.search(name, [VECTORS[i].tolist() for i in (0, 5, 9)], limit=20)
    assert len(found) == 3
    for hits, i in zip(found, (0, 5, 9)):
        exact.check(hits, metric, VECTORS, VECTORS[i], 20)


def test_filters(client, table):
    name, metric = table
    for filter, values, allowed in [
        ('color == "red"', {}, range(0, ROWS, 4)),
        ("part in {p} and id < 100", {"p": [1, 2]}, [i for i in range(100) if i % 7 in (1, 2)]),
        ("id == 77", {}, [77]),
        ("id < 0", {}, []),
    ]:
        hits = client.search(name, [VECTORS[3].tolist()], filter=filter, filter_params=values, limit=10)[0]
        exact.check(hits, metric, VECTORS, VECTORS[3], 10, allowed=set(allowed))


def test_nothing_found_is_a_list_per_query(client, table):
    name, _ = table
    assert [list(hits) for hits in client.search(name, [[0.0] * DIM] * 2, filter="id < 0", limit=3)] == [[], []]


def test_offset_and_rounding(client, table):
    name, metric = table
    query = VECTORS[3].tolist()
    whole = [(hit["id"], hit["distance"]) for hit in search(client, name, query, limit=15)]
    page = search(client, name, query, limit=5, search_params={"offset": 10})
    assert [(hit["id"], hit["distance"]) for hit in page] == whole[10:]
    rounded = search(client, name, query, limit=15, round_decimal=2)
    assert [hit["distance"] for hit in rounded] == [exact.near(round(score, 2), 1e-6) for _, score in whole]


def test_ranges(client, table):
    name, metric = table
    all_scores = [score for _, score in exact.nearest(metric, VECTORS, VECTORS[3])]
    radius, inner = (all_scores[50] + all_scores[51]) / 2, (all_scores[9] + all_scores[10]) / 2
    query = VECTORS[3].tolist()
    outer = search(client, name, query, limit=300, search_params={"params": {"radius": radius}})
    assert len(outer) == 51
    ring = search(client, name, query, limit=300, search_params={"params": {"radius": radius, "range_filter": inner}})
    assert [hit["id"] for hit in ring] == [hit["id"] for hit in outer[10:]]
    assert len(search(client, name, query, limit=7, search_params={"params": {"radius": radius}})) == 7
    order = "less" if metric == "L2" else "greater"
    with pytest.raises(MilvusException, match=f"must be {order} than radius"):
        search(client, name, query, search_params={"params": {"radius": inner, "range_filter": radius}})


def test_fields(client, table):
    name, _ = table
    query = VECTORS[3].tolist()
    hit = search(client, name, query, limit=1)[0]
    assert hit["id"] == 3 and hit["entity"] == {}
    hit = search(client, name, query, limit=1, output_fields=["*"])[0]
    assert np.allclose(hit["entity"].pop("v"), VECTORS[3])
    assert hit["entity"] == {"id": 3, "color": None, "part": 3, "key": "k3"}
    hit = search(client, name, query, limit=1, output_fields=["key", "part"])[0]
    assert hit["entity"] == {"key": "k3", "part": 3}
    hit = search(client, name, query, limit=1, output_fields=["id"])[0]
    assert hit["entity"] == {"id": 3}


def test_groups(client, table):
    name, metric = table
    query = VECTORS[3].tolist()
    order = exact.nearest(metric, VECTORS, VECTORS[3])
    best = {}
    for i, _ in order:
        best.setdefault(i % 7, []).append(i)
    hits = search(client, name, query, limit=4, group_by_field="part", output_fields=["part"])
    assert [hit["id"] for hit in hits] == [group[0] for group in list(best.values())[:4]]
    hits = search(
        client, name, query, limit=7, group_by_field="part", group_size=3, strict_group_size=True, output_fields=["part"]
    )
    assert len(hits) == 21
    for part, group in best.items():
        assert [hit["id"] for hit in hits if hit["entity"]["part"] == part] == group[:3]
    with pytest.raises(MilvusException, match="input group size:11 exceeds configured max group size:10"):
        search(client, name, query, group_by_field="part", group_size=11)
    with pytest.raises(MilvusException):
        search(client, name, query, group_by_field="v")


def test_by_key(client, table):
    name, metric = table
    found = client.search(name, ids=[5, 9], limit=10, anns_field="v")
    assert len(found) == 2
    for hits, i in zip(found, (5, 9)):
        exact.check(hits, metric, VECTORS, VECTORS[i], 10)
    with pytest.raises(MilvusException, match=r"do not exist: missing IDs = \[1000\]"):
        client.search(name, ids=[5, 1000], limit=10, anns_field="v")
    with pytest.raises(MilvusException, match="duplicate IDs"):
        client.search(name, ids=[5, 5], limit=10, anns_field="v")


def test_parameters_in_every_place(client, table):
    name, metric = table
    query = VECTORS[3].tolist()
    for search_params in [
        {"metric_type": metric, "params": {"nprobe": 8}},
        {"metric_type": metric, "nprobe": 8},
        {"params": {}, "ignore_growing": False},
        {"hints": "iterative_filter"},
        {"level": 2, "params": {"page_retain_order": True}},
    ]:
        exact.check(search(client, name, query, limit=5, search_params=search_params), metric, VECTORS, VECTORS[3], 5)


REFUSED = {
    "no hits": ({"limit": 0}, None),
    "too many": ({"limit": 16385}, r"topk \[16385\] is invalid, it should be in range \[1, 16384\]"),
    "too far": ({"limit": 10, "search_params": {"offset": 16380}}, r"offset\+topk \[16390\] is invalid"),
    "decimals": ({"round_decimal": 7}, "round_decimal"),
    "hints": ({"search_params": {"hints": "fast"}}, "hints: fast not supported"),
    "no such field": ({"anns_field": "w"}, "failed to create query plan: failed to get field schema by name"),
    "not a vector": ({"anns_field": "part"}, "failed to create query plan: field \\(part\\) to search is not of vector"),
    "filter": ({"filter": "id >"}, "failed to create query plan: cannot parse expression: id >"),
    "partition": ({"partition_names": ["p"]}, "partition name p not found"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_requests_are_refused(client, table, case):
    name, _ = table
    options, message = REFUSED[case]
    with pytest.raises(Exception, match=message):
        client.search(name, [VECTORS[3].tolist()], **{"limit": 3, **options})


def test_wrong_queries_are_refused(client, table):
    name, metric = table
    other = "IP" if metric == "L2" else "L2"
    message = rf"metric type not match: invalid parameter\[expected={metric}\]\[actual={other}\]"
    with pytest.raises(MilvusException, match=message):
        client.search(name, [VECTORS[3].tolist()], search_params={"metric_type": other})
    with pytest.raises(MilvusException, match=r"expected vector size\(byte\) 32, actual 36"):
        client.search(name, [[0.0] * (DIM + 1)])
    with pytest.raises(MilvusException, match="vector type must be the same"):
        client.search(name, [np.zeros(DIM, np.int8)], anns_field="v")
    with pytest.raises(MilvusException):
        client.search(name, ["a text"])
    for wrong in (float("nan"), float("inf"), -float("inf")):
        with pytest.raises(MilvusException, match="is not a number or infinity"):
            search(client, table[0], [wrong] + [0.0] * (DIM - 1), limit=1)


def test_two_vector_fields_need_a_name(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("a", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("b", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    for field in ("a", "b"):
        index.add_index(field, index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    client.insert(name, [{"id": i, "a": VECTORS[i].tolist(), "b": VECTORS[i + 1].tolist()} for i in range(20)])
    with pytest.raises(MilvusException, match="multiple anns_fields exist"):
        client.search(name, [VECTORS[3].tolist()])
    assert search(client, name, VECTORS[3].tolist(), anns_field="b", limit=1)[0]["id"] == 2


@pytest.mark.parametrize("kind", ["FLOAT16_VECTOR", "BFLOAT16_VECTOR"])
def test_float_queries_on_half_fields(client, name, kind):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", getattr(DataType, kind), dim=DIM)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="COSINE")
    client.create_collection(name, schema=schema, index_params=index)
    half = lambda row: row.astype(np.float16) if kind == "FLOAT16_VECTOR" else bfloat16(row)
    client.insert(name, [{"id": i, "v": half(VECTORS[i])} for i in range(50)])
    hits = search(client, name, VECTORS[7].tolist(), limit=5)
    assert hits[0]["id"] == 7 and hits[0]["distance"] == exact.near(1.0, 0.01)
    expected = {i for i, _ in exact.nearest("COSINE", VECTORS[:50], VECTORS[7])[:8]}
    assert {hit["id"] for hit in hits} <= expected


def bfloat16(values):
    """Raw bfloat16 bytes: the upper half of each float32."""
    return np.asarray(values, "<f4").view("<u4").__rshift__(16).astype("<u2").tobytes()


@pytest.mark.parametrize("metric", ["HAMMING", "JACCARD"])
def test_bits(client, name, metric):
    client.create_collection(name, schema=bits_schema(client), index_params=bits_index(client, metric))
    rows = np.random.default_rng(5).integers(0, 256, (100, 4)).astype(np.uint8)
    client.insert(name, [{"id": i, "v": rows[i].tobytes()} for i in range(100)])
    exact.check(search(client, name, rows[3].tobytes(), limit=10), metric, rows, rows[3], 10)


def bits_schema(client):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.BINARY_VECTOR, dim=32)
    return schema


def bits_index(client, metric):
    index = client.prepare_index_params()
    index.add_index("v", index_type="BIN_FLAT", metric_type=metric)
    return index
