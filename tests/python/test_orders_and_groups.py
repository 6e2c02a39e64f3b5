"""Orders, groups and aggregates of queries; orders and groups of searches, alone and fused."""

import pytest
from pymilvus import AnnSearchRequest, DataType, MilvusException, RRFRanker

ROWS = [
    {
        "id": i,
        "kind": ["a", "b", None][i % 3],
        "n": None if i % 5 == 0 else i % 4,
        "price": i / 2,
        "doc": {"brand": {"name": f"m{i % 2}", "year": 2000 + i % 3}},
        "v": [float(i), 0.0],
        "w": [float(20 - i), 0.0],
        "color": ["red", "blue"][i % 2],
    }
    for i in range(20)
]


@pytest.fixture(scope="module")
def table(client):
    name = "orders_and_groups"
    client.drop_collection(name)
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("kind", DataType.VARCHAR, max_length=10, nullable=True)
    schema.add_field("n", DataType.INT16, nullable=True)
    schema.add_field("price", DataType.DOUBLE)
    schema.add_field("doc", DataType.JSON)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("w", DataType.FLOAT_VECTOR, dim=2)
    index = client.prepare_index_params()
    for field in ("v", "w"):
        index.add_index(field, index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    client.insert(name, ROWS[:12])
    client.flush(name)
    client.insert(name, ROWS[12:])
    yield name
    client.drop_collection(name)


def keys(rows):
    return [row["id"] for row in rows]


def test_query_order_as_dicts_and_texts(client, table):
    expected = [row["id"] for row in sorted(ROWS, key=lambda row: (row["color"], -row["id"]))][:7]
    order = [{"field": "color", "order": "asc"}, {"field": "id", "order": "desc"}]
    assert keys(client.query(table, filter="id >= 0", limit=7, order_by_fields=order)) == expected
    assert keys(client.query(table, filter="id >= 0", limit=7, order_by_fields=["color", "id:desc"])) == expected
    assert keys(client.query(table, filter="id >= 0", limit=7, order_by="color:asc,id:desc")) == expected


def test_query_order_puts_nulls_last_unless_descending(client, table):
    nulls = [row["id"] for row in ROWS if row["n"] is None]
    last = client.query(table, filter="id >= 0", limit=20, order_by_fields=["n"], output_fields=["n"])
    assert keys(last)[-4:] == nulls
    first = client.query(table, filter="id >= 0", limit=20, order_by_fields=["n:desc"], output_fields=["n"])
    assert keys(first)[:4] == nulls
    assert [row["n"] for row in last][:5] == sorted(row["n"] for row in ROWS if row["n"] is not None)[:5]


def test_query_order_inside_json(client, table):
    order = [{"field": 'doc["brand"]["year"]', "order": "desc"}]
    found = client.query(table, filter="id < 6", limit=6, order_by_fields=order, output_fields=["id"])
    assert keys(found) == [2, 5, 1, 4, 0, 3]


def test_groups_and_aggregates_of_a_query(client, table):
    found = client.query(
        table,
        filter="id < 12",
        group_by_fields=["kind"],
        output_fields=["kind", "count(*)", "count(n)", "sum(n)", "min(price)", "avg(price)"],
        order_by_fields=[{"field": "kind", "order": "asc"}],
    )
    for row, kind in zip(found, ["a", "b", None], strict=True):
        rows = [r for r in ROWS[:12] if r["kind"] == kind]
        numbers = [r["n"] for r in rows if r["n"] is not None]
        prices = [r["price"] for r in rows]
        assert row == {
            "kind": kind,
            "count(*)": len(rows),
            "count(n)": len(numbers),
            "sum(n)": sum(numbers),
            "min(price)": min(prices),
            "avg(price)": sum(prices) / len(prices),
        }


def test_aggregates_without_groups(client, table):
    found = client.query(table, output_fields=["count(*)", "sum(price)", "max(kind)"])
    assert list(found) == [{"count(*)": 20, "sum(price)": 95.0, "max(kind)": "b"}]
    nothing = client.query(table, filter="id > 100", output_fields=["count(*)", "sum(price)"])
    assert list(nothing) == [{"count(*)": 0, "sum(price)": None}]


def test_different_values_by_limit(client, table):
    found = client.query(table, filter="id >= 0", group_by_fields=["n", "kind"], output_fields=["n", "kind"], limit=3)
    assert [(row["n"], row["kind"]) for row in found] == [(0, "a"), (0, "b"), (0, None)]


def test_search_order(client, table):
    order = [{"field": "color", "order": "desc"}, {"field": "id", "order": "asc"}]
    [hits] = client.search(table, [[0.0, 0.0]], anns_field="v", limit=6, order_by_fields=order)
    assert [hit["id"] for hit in hits] == [0, 2, 4, 1, 3, 5]
    assert [hit["distance"] for hit in hits] == [0.0, 4.0, 16.0, 1.0, 9.0, 25.0]


def test_search_groups_by_several_fields(client, table):
    [hits] = client.search(
        table, [[0.0, 0.0]], anns_field="v", limit=4, group_by_fields=["kind", "color"], output_fields=["kind", "color"]
    )
    assert [(hit["entity"]["kind"], hit["entity"]["color"]) for hit in hits] == [
        ("a", "red"),
        ("b", "blue"),
        (None, "red"),
        ("a", "blue"),
    ]


def test_search_groups_inside_json(client, table):
    def found(**more):
        [hits] = client.search(table, [[0.0, 0.0]], anns_field="v", limit=10, group_by_field="doc", **more)
        return [hit["id"] for hit in hits]

    assert found(json_path='doc["brand"]["name"]') == [0, 1]
    assert found(json_path='doc["brand"]["year"]', json_type=DataType.INT32) == [0, 1, 2]
    assert found(json_path='doc["brand"]["year"]', json_type=DataType.VARCHAR, strict_cast=True) == [0]


def test_hybrid_groups(client, table):
    requests = [
        AnnSearchRequest([[0.0, 0.0]], "v", {"metric_type": "L2"}, 10),
        AnnSearchRequest([[0.0, 0.0]], "w", {"metric_type": "L2"}, 10),
    ]
    for scorer in ("max", "sum", "avg"):
        [hits] = client.hybrid_search(
            table,
            requests,
            RRFRanker(),
            limit=2,
            group_by_field="kind",
            group_size=2,
            strict_group_size=True,
            rank_group_scorer=scorer,
            output_fields=["kind"],
        )
        kinds = [hit["entity"]["kind"] for hit in hits]
        assert len(kinds) == 4 and kinds[0] == kinds[1] and kinds[2] == kinds[3] and kinds[0] != kinds[2]


def test_what_is_wrong_is_named(client, table):
    with pytest.raises(MilvusException, match="does not exist in collection schema|unsortable"):
        client.query(table, filter="id >= 0", limit=2, order_by_fields=["v"])
    with pytest.raises(MilvusException, match="multi-field group_by_fields"):
        client.search(
            table, [[0.0, 0.0]], anns_field="v", group_by_fields=["kind", "n"], order_by_fields=[{"field": "n"}]
        )
    with pytest.raises(MilvusException, match="unsupported data type"):
        client.query(table, group_by_fields=["price"], output_fields=["count(*)"])


def test_a_query_iterator_takes_no_order(client, table):
    with pytest.raises(MilvusException, match="order_by is not supported"):
        client.query_iterator(table, batch_size=5, order_by_fields=["n"]).next()
