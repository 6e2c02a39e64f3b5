"""TIMESTAMPTZ and GEOMETRY through a real client."""

import pytest
from pymilvus import DataType, MilvusException

from ask import count, query

ROWS = 30


@pytest.fixture
def places(client, name):
    """A collection with rows: a moment each minute, a point each degree, every third of both null."""
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("at", DataType.TIMESTAMPTZ, nullable=True)
    schema.add_field("made", DataType.TIMESTAMPTZ, default_value="2025-01-01T00:00:00+08:00")
    schema.add_field("place", DataType.GEOMETRY, nullable=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    indexes = client.prepare_index_params()
    indexes.add_index("v", index_type="FLAT", metric_type="L2")
    indexes.add_index("at", index_type="STL_SORT")
    indexes.add_index("place", index_type="RTREE")
    client.create_collection(name, schema=schema, index_params=indexes, properties={"timezone": "Asia/Shanghai"})
    client.insert(name, [row(i) for i in range(ROWS)])
    return name


def row(i):
    null = i % 3 == 2
    return {
        "id": i,
        "at": None if null else f"2025-01-01T00:{i:02}:00Z",
        "place": None if null else f"POINT ({i} 0)",
        "v": [float(i), 0.0],
    }


def test_values_come_back(client, places):
    rows = query(client, places, "id >= 0")
    assert [r["place"] for r in rows] == [row(i)["place"] for i in range(ROWS)]
    assert rows[0]["at"] == "2025-01-01T08:00:00+08:00"
    assert rows[2]["at"] is None
    assert {r["made"] for r in rows} == {"2025-01-01T00:00:00+08:00"}
    utc = client.query(places, "id == 1", output_fields=["at"], timezone="UTC")
    assert utc[0]["at"] == "2025-01-01T00:01:00Z"
    fields = {f["name"]: f for f in client.describe_collection(places)["fields"]}
    assert fields["at"]["type"] == DataType.TIMESTAMPTZ
    assert fields["place"]["type"] == DataType.GEOMETRY
    assert fields["made"]["default_value"].string_data == "2025-01-01T00:00:00+08:00"


def test_filters(client, places):
    assert count(client, places, "at < ISO '2025-01-01T00:10:00Z'") == 7
    assert count(client, places, "at + INTERVAL 'PT5M' == ISO '2025-01-01 08:09:00'") == 1
    assert count(client, places, "st_within(place, 'POLYGON ((-1 -1, 9.5 -1, 9.5 1, -1 1, -1 -1))')") == 7
    assert count(client, places, "st_dwithin(place, 'POINT (0 0)', 120000)") == 2
    assert count(client, places, "place is null and at is null") == ROWS // 3
    hits = client.search(
        places, [[0.0, 0.0]], limit=3, output_fields=["at", "place"], filter="st_intersects(place, 'LINESTRING (3 0, 7 0)')",
        search_params={"metric_type": "L2"}, timezone="UTC",
    )[0]
    assert [(hit["id"], hit["entity"]["place"]) for hit in hits] == [(i, f"POINT ({i} 0)") for i in (3, 4, 6)]
    assert hits[0]["entity"]["at"] == "2025-01-01T00:03:00Z"


def test_upserts_and_iterators(client, places):
    client.upsert(places, [{"id": 0, "place": "LINESTRING (0 0, 1 1)"}], partial_update=True)
    client.upsert(places, [{"id": 1, "at": None, "place": None, "made": "2025-06-01T00:00:00Z", "v": [1.0, 0.0]}])
    rows = query(client, places, "id < 2")
    assert (rows[0]["place"], rows[0]["at"]) == ("LINESTRING (0 0, 1 1)", "2025-01-01T08:00:00+08:00")
    assert (rows[1]["place"], rows[1]["at"], rows[1]["made"]) == (None, None, "2025-06-01T08:00:00+08:00")
    client.flush(places)
    pages = client.query_iterator(places, batch_size=7, filter="at is not null", output_fields=["at", "place"])
    seen = []
    while page := pages.next():
        seen += page
    pages.close()
    assert [r["id"] for r in seen] == [i for i in range(ROWS) if i % 3 != 2 and i != 1]
    assert all(r["at"].endswith("+08:00") and r["place"] for r in seen)


def test_wrong_values_are_refused(client, places):
    for column, value in [("at", "yesterday"), ("at", "2025-02-30T00:00:00Z"), ("place", "POINT (1)"), ("place", "here")]:
        with pytest.raises(MilvusException) as error:
            client.insert(places, [{"id": 99, column: value, "v": [0.0, 0.0]}])
        assert error.value.code == 1100
    assert count(client, places, "id == 99") == 0
    with pytest.raises(MilvusException, match="IANA Time Zone ID"):
        client.alter_collection_properties(places, {"timezone": "Middle/Earth"})


def test_a_random_sample_is_a_part(client, places):
    assert 1 <= count(client, places, "id < 20 and random_sample(0.5)") <= 10
