"""Hybrid searches: how lists are fused, windows, wrong requests."""

import numpy as np
import pytest
from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusException, RRFRanker, WeightedRanker

import exact

DIM = 8
ROWS = 200
A, B = exact.unit(ROWS, DIM, seed=1), exact.unit(ROWS, DIM, seed=2)


@pytest.fixture(scope="module")
def table(client):
    """Two fields: `a` under COSINE, `b` under L2."""
    name = "hybrids"
    client.drop_collection(name)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("a", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("b", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("a", index_type="FLAT", metric_type="COSINE")
    index.add_index("b", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    client.insert(name, [{"id": i, "a": A[i].tolist(), "b": B[i].tolist()} for i in range(ROWS)])
    yield name
    client.drop_collection(name)


def requests(limit=50, **more):
    return [
        AnnSearchRequest([A[4].tolist()], "a", {"metric_type": "COSINE"}, limit, **more),
        AnnSearchRequest([B[9].tolist()], "b", {"metric_type": "L2"}, limit, **more),
    ]


def lists(limit=50, allowed=None):
    """What the two requests find by themselves: (id, score) lists."""
    found = exact.nearest("COSINE", A, A[4]), exact.nearest("L2", B, B[9])
    return [[pair for pair in list if allowed is None or pair[0] in allowed][:limit] for list in found]


def fused(scored):
    """(id, score) pairs of both lists, summed by id, best first."""
    total = {}
    for i, score in scored:
        total[i] = total.get(i, 0.0) + score
    return sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))


def reciprocal(found, k=60):
    return fused((i, 1 / (k + rank)) for list in found for rank, (i, _) in enumerate(list, 1))


def weighted(found, weights):
    """Normalised as Milvus does: (1 + s) / 2 for COSINE, 1 - 2 atan(d) / pi for L2."""
    normal = [lambda s: (1 + s) / 2, lambda d: 1 - 2 * np.arctan(d) / np.pi]
    return fused((i, w * f(s)) for list, w, f in zip(found, weights, normal) for i, s in list)


def same(hits, expected):
    assert [hit["distance"] for hit in hits] == [exact.near(score, 1e-5) for _, score in expected]
    own = dict(expected)
    assert all(hit["distance"] == exact.near(own.get(hit["id"], -1.0), 1e-5) for hit in hits)


def function(**params):
    return Function(name="rank", input_field_names=[], function_type=FunctionType.RERANK, params=params)


RANKERS = {
    "rrf": (RRFRanker(), lambda: reciprocal(lists())),
    "rrf 10": (RRFRanker(10), lambda: reciprocal(lists(), 10)),
    "weighted": (WeightedRanker(0.3, 0.7), lambda: weighted(lists(), (0.3, 0.7))),
    "rrf function": (function(reranker="rrf", k=10), lambda: reciprocal(lists(), 10)),
    "weighted function": (
        function(reranker="weighted", weights=[0.9, 0.2], norm_score=True),
        lambda: weighted(lists(), (0.9, 0.2)),
    ),
}


@pytest.mark.parametrize("ranker", RANKERS)
def test_rankers(client, table, ranker):
    ranker, expected = RANKERS[ranker]
    hits = client.hybrid_search(table, requests(), ranker, limit=10)[0]
    same(hits, expected()[:10])


def test_mixed_directions_without_normalising(client, table):
    ranker = WeightedRanker(0.5, 0.5, norm_score=False)
    near, far = lists()
    far = [(i, 1 - 2 * np.arctan(d) / np.pi) for i, d in far]
    expected = fused((i, 0.5 * s) for list in (near, far) for i, s in list)
    same(client.hybrid_search(table, requests(), ranker, limit=10)[0], expected[:10])


def test_windows_filters_and_fields(client, table):
    hits = client.hybrid_search(table, requests(), RRFRanker(), limit=5, offset=3, output_fields=["a"])[0]
    same(hits, reciprocal(lists())[3:8])
    assert all(np.allclose(hit["entity"]["a"], A[hit["id"]]) for hit in hits)
    hits = client.hybrid_search(table, requests(expr="id < 50"), RRFRanker(), limit=100)[0]
    assert {hit["id"] for hit in hits} == set(range(50))
    same(hits, reciprocal(lists(allowed=set(range(50)))))
    short = client.hybrid_search(table, requests(limit=3), RRFRanker(), limit=100)[0]
    same(short, reciprocal(lists(limit=3)))


def test_several_queries(client, table):
    both = [
        AnnSearchRequest([A[4].tolist(), A[7].tolist()], "a", {}, 20),
        AnnSearchRequest([B[9].tolist(), B[7].tolist()], "b", {}, 20),
    ]
    found = client.hybrid_search(table, both, RRFRanker(), limit=4)
    assert len(found) == 2 and found[1][0]["id"] == 7
    same(found[0], reciprocal(lists(limit=20))[:4])


REFUSED = {
    "weights": (WeightedRanker(0.3), {}, r"length of weights param mismatch.*\[expected=2\]\[actual=1\]"),
    "k": (function(reranker="rrf", k=0), {}, r"k should be in range \(0, 16384\)"),
    "decay": (function(reranker="decay"), {}, "reranker decay is not supported"),
    "unknown": (function(reranker="best"), {}, "unsupported reranker"),
    "too many": (RRFRanker(), {"limit": 16385}, "16385"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_requests_are_refused(client, table, case):
    ranker, options, message = REFUSED[case]
    with pytest.raises(MilvusException, match=message):
        client.hybrid_search(table, requests(), ranker, **{"limit": 5, **options})


def test_queries_must_be_as_many(client, table):
    uneven = [requests()[0], AnnSearchRequest([B[9].tolist()] * 2, "b", {}, 5)]
    with pytest.raises(MilvusException):
        client.hybrid_search(table, uneven, RRFRanker(), limit=5)
