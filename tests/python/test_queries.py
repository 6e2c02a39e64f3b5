"""Queries by filter and key: rows, order, windows, fields, counts."""

import numpy as np
import pytest
from pymilvus import DataType, MilvusException

from ask import count, ids, query

DIM = 4


@pytest.fixture(scope="module")
def table(client):
    """100 rows in mixed order, a few deleted, half of them in a partition of their own."""
    name = "queries"
    client.drop_collection(name)
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("n", DataType.INT32)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    client.create_partition(name, "odd")
    order = np.random.default_rng(3).permutation(100).tolist()
    for partition, parity in (("_default", 0), ("odd", 1)):
        rows = [{"id": i, "v": [float(i)] * DIM, "n": i * i, "half": i // 2} for i in order if i % 2 == parity]
        client.insert(name, rows, partition_name=partition)
    client.delete(name, ids=[10, 11])
    yield name
    client.drop_collection(name)


LEFT = [i for i in range(100) if i not in (10, 11)]


def test_rows_come_in_key_order(client, table):
    assert ids(client, table, "id >= 0") == LEFT
    assert ids(client, table, "n < 50") == [0, 1, 2, 3, 4, 5, 6, 7]


def test_windows(client, table):
    assert ids(client, table, "id >= 0", limit=5) == LEFT[:5]
    assert ids(client, table, "id >= 0", limit=5, offset=8) == LEFT[8:13]
    assert ids(client, table, "", limit=3) == LEFT[:3]
    assert ids(client, table, "id > 95", offset=2) == [96, 97, 98, 99], "an offset alone is nothing"
    assert ids(client, table, "id >= 0", limit=5, offset=97) == LEFT[97:]
    assert ids(client, table, "id >= 0", limit=5, offset=200) == []


BAD_WINDOWS = {
    "no limit": ({"filter": ""}, "empty expression should be used with limit"),
    "no rows": ({"limit": 0}, "limit \\[0\\] is invalid"),
    "too many": ({"limit": 16385}, r"\(offset\+limit\) should be in range \[1, 16384\]"),
    "too far": ({"limit": 1, "offset": 16384}, r"\(offset\+limit\) should be in range"),
    "before the first": ({"limit": 1, "offset": -1}, "offset \\[-1\\] is invalid"),
    "counting": ({"limit": 1, "output_fields": ["count(*)"]}, "count entities with pagination is not allowed"),
}


@pytest.mark.parametrize("case", BAD_WINDOWS)
def test_bad_windows_are_refused(client, table, case):
    options, message = BAD_WINDOWS[case]
    with pytest.raises(MilvusException, match=message):
        client.query(table, **{"filter": "id >= 0", **options})


def test_fields(client, table):
    row = {"id": 9, "v": [9.0] * DIM, "n": 81, "half": 4}
    assert query(client, table, "id == 9") == [row]
    assert query(client, table, "id == 9", output_fields=["*"]) == [row]
    assert query(client, table, "id == 9", output_fields=["n"]) == [{"id": 9, "n": 81}]
    assert query(client, table, "id == 9", output_fields=["half"]) == [{"id": 9, "half": 4}]
    assert query(client, table, "id == 9", output_fields=["$meta"]) == [{"id": 9, "half": 4}]
    assert query(client, table, "id == 9", output_fields=["v", "nothing"]) == [{"id": 9, "v": [9.0] * DIM}]


def test_nothing_found_is_an_empty_list(client, table):
    assert query(client, table, "id == 10") == []
    assert query(client, table, "id < 0", output_fields=["*"], limit=10) == []
    assert list(client.get(table, ids=[10, 1000])) == []


def test_get(client, table):
    found = [dict(row) for row in list(client.get(table, ids=[9, 3, 10], output_fields=["n"]))]
    assert found == [{"id": 3, "n": 9}, {"id": 9, "n": 81}]
    assert [row["id"] for row in list(client.get(table, ids=7))] == [7]


def test_counts_are_exact(client, table):
    assert count(client, table) == 98
    assert count(client, table, "n > 50") == 90
    assert count(client, table, "id < 0") == 0
    assert count(client, table, partition_names=["odd"]) == 49


def test_partitions(client, table):
    assert ids(client, table, "id < 6", partition_names=["odd"]) == [1, 3, 5]
    assert ids(client, table, "id < 6", partition_names=["odd", "_default"]) == [0, 1, 2, 3, 4, 5]
    with pytest.raises(MilvusException, match="partition name even not found"):
        client.query(table, filter="id < 6", partition_names=["even"])


TEMPLATES = [
    ("id in {a}", {"a": [1, 2, 10]}, [1, 2]),
    ("id == {a}", {"a": 5}, [5]),
    ("n < {a} and id > {b}", {"a": 20, "b": 2}, [3, 4]),
    ("half in {a}", {"a": [0]}, [0, 1]),
    ("id in {a}", {"a": []}, []),
]


@pytest.mark.parametrize("filter, values, expected", TEMPLATES)
def test_templates(client, table, filter, values, expected):
    assert ids(client, table, filter, filter_params=values) == expected


def test_bad_queries_are_refused(client, table):
    for options, message in [
        ({"filter": "id >"}, "failed to create query plan: cannot parse expression: id >"),
        ({"filter": "n"}, "predicate is not a boolean expression"),
        ({"filter": "id == {a}"}, "template variable name {a} is not found"),
        ({"filter": "id > 0", "output_fields": ["n"], "order_by_fields": ["n:up"], "limit": 3}, "invalid order direction"),
    ]:
        with pytest.raises(MilvusException, match=message.replace("{", "\\{")):
            client.query(table, **options)


def test_consistency_levels_are_accepted(client, table):
    for level in ("Strong", "Session", "Bounded", "Eventually"):
        assert ids(client, table, "id < 3", consistency_level=level) == [0, 1, 2]
