"""Struct arrays and embedding lists as pymilvus users meet them."""

import numpy as np
import pytest
from pymilvus import AnnSearchRequest, DataType, MilvusException, RRFRanker
from pymilvus.client.embedding_list import EmbeddingList

DIM = 16
ROWS = 300


def rows(rng):
    """Rows of zero to six clips each; some rows have none, some are null."""

    def clip(i):
        return {
            "start": i,
            "text": f"t{rng.integers(0, 5)}",
            "v": rng.normal(size=DIM).astype(np.float32).tolist(),
        }

    def clips(row):
        if row % 11 == 5:
            return None
        return [clip(i) for i in range(int(rng.integers(0, 7)))]

    def vector():
        return rng.normal(size=DIM).astype(np.float32).tolist()

    return [{"id": row, "v": vector(), "clips": clips(row)} for row in range(ROWS)]


@pytest.fixture(scope="module")
def data():
    return rows(np.random.default_rng(7))


@pytest.fixture(params=["MAX_SIM_COSINE", "MAX_SIM_IP", "MAX_SIM_L2", "COSINE", "L2"])
def metric(request):
    return request.param


def create(client, name, metric):
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    clip = client.create_struct_field_schema()
    clip.add_field("start", DataType.INT64)
    clip.add_field("text", DataType.VARCHAR, max_length=20)
    clip.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field(
        "clips",
        datatype=DataType.ARRAY,
        element_type=DataType.STRUCT,
        struct_schema=clip,
        max_capacity=10,
        nullable=True,
    )
    index = client.prepare_index_params()
    index.add_index("v", index_type="AUTOINDEX", metric_type="L2")
    index.add_index("clips[v]", index_type="HNSW", metric_type=metric, params={"M": 8, "efConstruction": 64})
    client.create_collection(name, schema=schema, index_params=index)
    return name


def keys(a, b, metric):
    """Similarities of all pairs, larger nearer; distances negated."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if metric.endswith("COSINE"):
        a = a / np.linalg.norm(a, axis=1, keepdims=True)
        b = b / np.linalg.norm(b, axis=1, keepdims=True)
    if metric.endswith("L2"):
        return -((a[:, None] - b[None]) ** 2).sum(axis=2)
    return a @ b.T


def expected(data, query, metric, limit):
    found = []
    for row in data:
        vectors = [clip["v"] for clip in row["clips"] or []]
        if vectors:
            found.append((keys(query, vectors, metric).max(axis=1).sum(), row["id"]))
    found.sort(key=lambda hit: (-hit[0], hit[1]))
    sign = -1 if metric.endswith("L2") else 1
    return [(id, sign * score) for score, id in found[:limit]]


def assert_hits(hits, wanted):
    assert [hit["id"] for hit in hits] == [id for id, _ in wanted]
    np.testing.assert_allclose([hit["distance"] for hit in hits], [score for _, score in wanted], rtol=1e-4, atol=1e-4)


def test_lists_and_elements_are_found_exactly(client, name, data, metric):
    create(client, name, metric)
    client.insert(name, data)
    rng = np.random.default_rng(3)
    for flushed in (False, True):
        if flushed:
            client.flush(name)
        if metric.startswith("MAX_SIM"):
            queries = [rng.normal(size=(count, DIM)).astype(np.float32) for count in (1, 4, 24)]
            sent = [EmbeddingList(list(query)) for query in queries]
        else:
            queries = [rng.normal(size=(1, DIM)).astype(np.float32) for _ in range(3)]
            sent = [query[0].tolist() for query in queries]
        results = client.search(name, data=sent, anns_field="clips[v]", limit=20, output_fields=["clips"])
        for query, hits in zip(queries, results):
            assert_hits(hits, expected(data, query, metric, 20))
            for hit in hits:
                clips = data[hit["id"]]["clips"]
                assert [clip["text"] for clip in hit["entity"]["clips"]] == [clip["text"] for clip in clips]
                if not metric.startswith("MAX_SIM"):
                    near = keys(query, [clip["v"] for clip in clips], metric)[0]
                    assert hit["offset"] == int(near.argmax())


def test_rows_come_back_as_they_were(client, name, data):
    create(client, name, "MAX_SIM")
    client.insert(name, data)
    described = client.describe_collection(name)
    clips = next(field for field in described["fields"] + described.get("struct_fields", []) if field["name"] == "clips")
    assert [part["name"] for part in clips["struct_fields"]] == ["start", "text", "v"]
    assert clips["params"]["max_capacity"] == 10 and clips["nullable"]
    for row in client.query(name, filter="id >= 0", limit=ROWS):
        sent = data[row["id"]]["clips"]
        if sent is None:
            assert row["clips"] is None
            continue
        assert [(clip["start"], clip["text"]) for clip in row["clips"]] == [
            (clip["start"], clip["text"]) for clip in sent
        ]
        for back, clip in zip(row["clips"], sent):
            np.testing.assert_array_equal(np.float32(back["v"]), np.float32(clip["v"]))
    got = client.get(name, ids=[5])
    assert got[0]["clips"] is None
    with pytest.raises(MilvusException, match="compares lists of vectors, search by embedding lists"):
        client.search(name, data=[data[0]["v"]], anns_field="clips[v]", limit=1)


def test_filters_choose_rows_and_elements(client, name, data):
    create(client, name, "COSINE")
    client.insert(name, data)

    def having(holds):
        return [row["id"] for row in data if holds(row["clips"])]

    def ids(filter):
        return [row["id"] for row in client.query(name, filter=filter, output_fields=["id"], limit=ROWS)]

    def late(clips):
        return [clip for clip in clips if clip["start"] > 3]

    assert ids("match_any(clips, $[start] > 3)") == having(lambda clips: clips is not None and late(clips))
    assert ids('match_all(clips, $[text] != "t1")') == having(
        lambda clips: clips is not None and all(clip["text"] != "t1" for clip in clips)
    )
    assert ids("match_exact(clips, $[start] > 3, threshold = 2)") == having(
        lambda clips: clips is not None and len(late(clips)) == 2
    )
    assert ids("clips is null") == having(lambda clips: clips is None)
    assert ids("array_length(clips[v]) == 0") == having(lambda clips: clips == [])

    chosen = client.query(name, filter="element_filter(clips, $[start] > 3)", output_fields=["clips"], limit=ROWS)
    wanted = [(row["id"], clip["start"]) for row in data for clip in late(row["clips"] or [])]
    assert [(row["id"], row["offset"]) for row in chosen] == wanted

    pages = client.query_iterator(name, filter="element_filter(clips, $[start] > 3)", batch_size=7, output_fields=["id"])
    seen = []
    while page := pages.next():
        seen += [(row["id"], row["offset"]) for row in page]
    pages.close()
    assert seen == wanted

    query = np.random.default_rng(1).normal(size=DIM).astype(np.float32)
    hits = client.search(
        name, data=[query.tolist()], anns_field="clips[v]", filter="element_filter(clips, $[start] > 3)", limit=10
    )[0]
    some = [{**row, "clips": late(row["clips"] or [])} for row in data]
    assert_hits(hits, expected(some, [query], "COSINE", 10))
    assert all(hit["offset"] > 3 for hit in hits)


def test_changes_are_seen_by_the_next_search(client, name, data):
    create(client, name, "MAX_SIM_L2")
    client.insert(name, data)
    query = EmbeddingList([np.zeros(DIM, dtype=np.float32)])
    first = client.search(name, data=[query], anns_field="clips[v]", limit=1)[0][0]["id"]
    client.delete(name, ids=[first])
    nearest = {"start": 0, "text": "", "v": [0.0] * DIM}
    client.upsert(name, [{"id": 5, "v": [1.0] * DIM, "clips": [nearest]}])
    client.upsert(name, [{"id": 6, "clips": [nearest, nearest]}], partial_update=True)
    hits = client.search(name, data=[query], anns_field="clips[v]", limit=3)[0]
    assert [hit["id"] for hit in hits][:2] == [5, 6] and hits[0]["distance"] == 0
    assert first not in [hit["id"] for hit in hits]
    six = client.query(name, filter="id == 6", output_fields=["v", "clips"])[0]
    np.testing.assert_array_equal(np.float32(six["v"]), np.float32(data[6]["v"]))
    assert len(six["clips"]) == 2


def test_a_hybrid_search_takes_a_single_vector_and_elements(client, name, data):
    create(client, name, "L2")
    client.insert(name, data)
    query = [0.0] * DIM
    parts = [
        AnnSearchRequest(data=[query], anns_field="v", param={}, limit=20),
        AnnSearchRequest(data=[query], anns_field="clips[v]", param={}, limit=20),
    ]
    hits = client.hybrid_search(name, reqs=parts, ranker=RRFRanker(), limit=5)[0]
    near = sorted(data, key=lambda row: (np.square(row["v"]).sum(), row["id"]))[:20]
    elements = expected(data, [query], "L2", 20)
    scores = {}
    for ranked in ([row["id"] for row in near], [id for id, _ in elements]):
        for rank, id in enumerate(ranked, 1):
            scores[id] = scores.get(id, 0) + 1 / (60 + rank)
    best = sorted(scores, key=lambda id: (-np.float32(scores[id]), id))[:5]
    assert [hit["id"] for hit in hits] == best


def test_every_row_with_vectors_can_be_a_hit(client, name, data):
    create(client, name, "MAX_SIM_IP")
    client.insert(name, data)
    query = np.random.default_rng(5).normal(size=(3, DIM)).astype(np.float32)
    wanted = expected(data, query, "MAX_SIM_IP", ROWS)
    hits = client.search(name, data=[EmbeddingList(list(query))], anns_field="clips[v]", limit=ROWS)[0]
    assert_hits(hits, wanted)
