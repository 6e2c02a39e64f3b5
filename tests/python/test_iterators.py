"""Iterators over queries and searches: everything once, in order, as it was when they began."""

import pytest
from pymilvus import DataType, MilvusException

import exact
from ask import count

DIM = 8
ROWS = 500
VECTORS = exact.unit(ROWS, DIM)


@pytest.fixture
def table(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("n", DataType.INT64)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    client.insert(name, [{"id": i, "v": VECTORS[i].tolist(), "n": i % 5} for i in range(ROWS)])
    return name


def drain(iterator, key="id"):
    """Every row of an iterator, and the sizes of its pages."""
    rows, sizes = [], []
    while page := iterator.next():
        rows += [hit[key] for hit in page]
        sizes.append(len(page))
    iterator.close()
    return rows, sizes


def test_queries_page_through_everything(client, table):
    rows, sizes = drain(client.query_iterator(table, batch_size=120, output_fields=["n"]))
    assert rows == list(range(ROWS)) and sizes == [120, 120, 120, 120, 20]


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"filter": "n == 3"}, list(range(3, ROWS, 5))),
        ({"filter": "n == 3", "limit": 7}, list(range(3, ROWS, 5))[:7]),
        ({"filter": "n in {n}", "expr_params": {"n": [1, 2]}}, [i for i in range(ROWS) if i % 5 in (1, 2)]),
        ({"filter": "id >= 10", "offset": 25}, list(range(35, ROWS))),
        ({"filter": "id < 0"}, []),
    ],
)
def test_queries_with_filters_limits_and_offsets(client, table, options, expected):
    assert drain(client.query_iterator(table, batch_size=33, **options))[0] == expected


def test_queries_see_what_was_there(client, table):
    iterator = client.query_iterator(table, filter="id >= 0", batch_size=100, output_fields=["n"])
    first = [row["id"] for row in iterator.next()]
    client.insert(table, [{"id": i, "v": [0.0] * DIM, "n": 9} for i in (1000, 1001)])
    client.delete(table, ids=[150, 250])
    client.upsert(table, [{"id": 350, "v": [0.0] * DIM, "n": 77}])
    rest, values = [], {}
    while page := iterator.next():
        rest += [row["id"] for row in page]
        values |= {row["id"]: row["n"] for row in page}
    assert first + rest == list(range(ROWS)) and values[350] == 0
    assert count(client, table) == ROWS


def test_text_keys(client, name):
    client.create_collection(name, dimension=DIM, id_type="string", max_length=16)
    keys = sorted(f"k{i}" for i in range(100))
    client.insert(name, [{"id": key, "vector": VECTORS[0].tolist()} for key in keys])
    assert drain(client.query_iterator(name, batch_size=7))[0] == keys


@pytest.mark.parametrize("batch", [1, 64, 1000])
def test_searches_page_through_everything_nearest_first(client, table, batch):
    limit = 40 if batch == 1 else -1
    iterator = client.search_iterator(table, data=[VECTORS[3].tolist()], batch_size=batch, limit=limit)
    expected = [i for i, _ in exact.nearest("L2", VECTORS, VECTORS[3])]
    assert drain(iterator)[0] == (expected[:limit] if limit > 0 else expected)


def test_searches_with_filters_and_fields(client, table):
    iterator = client.search_iterator(
        table, data=[VECTORS[3].tolist()], batch_size=30, filter="n == 2", output_fields=["n"]
    )
    seen = []
    while page := iterator.next():
        assert all(hit["entity"]["n"] == 2 for hit in page)
        seen += [hit["id"] for hit in page]
    assert seen == [i for i, _ in exact.nearest("L2", VECTORS, VECTORS[3]) if i % 5 == 2]


def test_searches_see_what_was_there(client, table):
    iterator = client.search_iterator(table, data=[VECTORS[3].tolist()], batch_size=100)
    seen = [hit["id"] for hit in iterator.next()]
    client.delete(table, filter="n == 1")
    client.insert(table, [{"id": 2000, "v": VECTORS[3].tolist(), "n": 0}])
    while page := iterator.next():
        seen += [hit["id"] for hit in page]
    assert seen == [i for i, _ in exact.nearest("L2", VECTORS, VECTORS[3])]


def test_searches_within_a_range(client, table):
    scores = exact.nearest("L2", VECTORS, VECTORS[3])
    radius = (scores[99][1] + scores[100][1]) / 2
    params = {"metric_type": "L2", "params": {"radius": radius}}
    iterator = client.search_iterator(table, data=[VECTORS[3].tolist()], batch_size=30, search_params=params)
    assert drain(iterator)[0] == [i for i, _ in scores[:100]]


def test_a_filter_of_the_clients_own(client, table):
    keep_even = lambda hits: [hit for hit in hits if hit["id"] % 2 == 0]
    iterator = client.search_iterator(
        table, data=[VECTORS[3].tolist()], batch_size=50, external_filter_func=keep_even
    )
    assert drain(iterator)[0] == [i for i, _ in exact.nearest("L2", VECTORS, VECTORS[3]) if i % 2 == 0]


def test_a_dropped_collection_ends_iterators(client, table):
    queries = client.query_iterator(table, batch_size=10)
    searches = client.search_iterator(table, data=[VECTORS[3].tolist()], batch_size=10)
    client.drop_collection(table)
    client.create_collection(table, dimension=DIM)
    for iterator in (queries, searches):
        with pytest.raises(MilvusException, match="collection id is not consistent"):
            iterator.next()


def test_wrong_iterators_are_refused(client, table):
    with pytest.raises(MilvusException):
        client.search_iterator(table, data=[VECTORS[3].tolist()], batch_size=10, group_by_field="n").next()
    with pytest.raises(MilvusException):
        client.query_iterator(table, filter="id >", batch_size=10)
