"""Collections that change while they hold rows: fields added, dynamic keys switched on, all rows removed, indexes altered."""

import pytest
from pymilvus import DataType, MilvusClient, MilvusException

from ask import count, ids, query, search

DIM = 2


def make(client, name, properties=None, **options):
    """An empty collection of keys, numbers and vectors, loaded."""
    schema = client.create_schema(**options)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("n", DataType.INT64)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index, properties=properties)
    return name


def row(i, **more):
    return {"id": i, "n": i, "v": [float(i), 0.0], **more}


@pytest.fixture
def table(client, name):
    """Row 0 and 1 in files, 2 and 3 in memory."""
    make(client, name)
    client.insert(name, [row(0), row(1)])
    client.flush(name)
    client.insert(name, [row(2), row(3)])
    return name


def fields(client, name):
    return {field["name"]: field for field in client.describe_collection(name)["fields"]}


def refused(call, match, code=1100):
    with pytest.raises(MilvusException, match=match) as caught:
        call()
    assert caught.value.code == code


def test_a_field_is_added_while_the_collection_is_loaded(client, table):
    client.add_collection_field(table, "note", DataType.VARCHAR, desc="about it", nullable=True, max_length=20)
    client.add_collection_field(table, "size", DataType.INT64, nullable=True, default_value=7)
    described = fields(client, table)
    assert list(described) == ["id", "n", "v", "note", "size"]
    assert described["note"]["nullable"] and described["note"]["params"] == {"max_length": 20}
    assert described["note"]["description"] == "about it" and described["note"]["type"] == DataType.VARCHAR
    assert described["size"]["default_value"].long_data == 7
    assert len({field["field_id"] for field in described.values()}) == 5
    rows = query(client, table, "id >= 0", output_fields=["note", "size"])
    assert rows == [{"id": i, "note": None, "size": 7} for i in range(4)]
    assert count(client, table, "note is null") == 4 and count(client, table, "size == 7") == 4
    assert count(client, table, "note is not null") == 0 and count(client, table, "size is null") == 0
    hits = search(client, table, [0.0, 0.0], limit=2, filter="size == 7", output_fields=["size", "note"])
    assert [hit["id"] for hit in hits] == [0, 1] and hits[0]["entity"] == {"size": 7, "note": None}


@pytest.mark.parametrize(
    "data_type, options, default, value, expression",
    [
        (DataType.BOOL, {}, True, False, "x == false"),
        (DataType.INT64, {}, 5, -6, "x < 0"),
        (DataType.FLOAT, {}, 0.5, 1.5, "x > 1"),
        (DataType.DOUBLE, {}, 0.25, -2.5, "x < 0"),
        (DataType.VARCHAR, {"max_length": 9}, "none", "some", "x == 'some'"),
        (DataType.JSON, {}, None, {"a": [1]}, "json_contains(x['a'], 1)"),
        (DataType.ARRAY, {"element_type": DataType.INT64, "max_capacity": 3}, None, [1, 2], "array_length(x) == 2"),
    ],
)
def test_fields_of_every_kind_can_be_added(client, table, data_type, options, default, value, expression):
    if default is not None:
        options = {**options, "default_value": default}
    client.add_collection_field(table, "x", data_type, nullable=True, **options)
    client.insert(table, [row(4, x=value), row(5), row(6, x=None)])
    expected = [default] * 4 + [value, default, default]
    for _ in ("in memory", "in files"):
        rows = query(client, table, "id >= 0", output_fields=["x"])
        assert [item["x"] for item in rows] == expected
        assert ids(client, table, expression) == [4]
        assert ids(client, table, "x is null") == ([] if default is not None else [0, 1, 2, 3, 5, 6])
        client.flush(table)


def test_upserts_write_into_an_added_field(client, table):
    client.add_collection_field(table, "size", DataType.INT64, nullable=True)
    client.upsert(table, [row(0, size=10)])
    client.upsert(table, [{"id": 2, "size": 12}], partial_update=True)
    rows = query(client, table, "id >= 0", output_fields=["n", "size"])
    assert [(item["n"], item["size"]) for item in rows] == [(0, 10), (1, None), (2, 12), (3, None)]
    client.upsert(table, [row(0)])
    assert ids(client, table, "size is not null") == [2]
    client.delete(table, filter="size > 11")
    assert ids(client, table, "id >= 0") == [0, 1, 3]


def test_clients_that_know_the_old_schema_go_on(client, uri, table):
    other = MilvusClient(uri)
    other.insert(table, [row(4)])
    client.add_collection_field(table, "size", DataType.INT64, nullable=True, default_value=7)
    other.insert(table, [row(5)])
    other.upsert(table, [row(0)])
    assert ids(other, table, "size == 7") == [0, 1, 2, 3, 4, 5]
    other.insert(table, [row(6, size=60)])
    assert query(other, table, "id == 6", output_fields=["*"]) == [{**row(6), "size": 60}]
    other.close()


def test_fields_that_cannot_be_added(client, table):
    def adding(field, data_type=DataType.INT64, **options):
        return lambda: client.add_collection_field(table, field, data_type, **options)

    refused(adding("x"), "added field must be nullable, please check it, field name = x")
    refused(adding("x", nullable=False, default_value=1), "added field must be nullable")
    refused(adding("n", nullable=True), "field already exists, name: n")
    refused(adding("x", DataType.FLOAT_VECTOR, nullable=True, dim=4), "vector field")
    refused(adding("$meta", DataType.JSON, nullable=True), "field name invalid", 1701)
    refused(adding("RowID", nullable=True), "field name invalid", 1701)
    refused(adding("a b", nullable=True), "field name invalid", 1701)
    refused(adding("x", DataType.VARCHAR, nullable=True, max_length=70000), "the maximum length specified")
    with pytest.raises(MilvusException):
        client.add_collection_field(table + "_none", "x", DataType.INT64, nullable=True)
    assert list(fields(client, table)) == ["id", "n", "v"]
    assert count(client, table) == 4


def test_no_more_fields_than_a_new_collection_may_have(client, name):
    make(client, name)
    for i in range(61):
        client.add_collection_field(name, f"f{i}", DataType.INT64, nullable=True, default_value=i)
    refused(lambda: client.add_collection_field(name, "f61", DataType.INT64, nullable=True), "maximum")
    client.insert(name, [row(1)])
    assert query(client, name, "f60 == 60", output_fields=["f0", "f60"]) == [{"id": 1, "f0": 0, "f60": 60}]


def test_an_iterator_that_began_before_a_field_was_added_goes_on(client, table):
    iterator = client.query_iterator(table, filter="n >= 0", batch_size=2, output_fields=["n"])
    first = [item["id"] for item in iterator.next()]
    client.add_collection_field(table, "size", DataType.INT64, nullable=True)
    client.insert(table, [row(9, size=1)])
    rest = []
    while page := iterator.next():
        rest += [item["id"] for item in page]
    iterator.close()
    assert first + rest == [0, 1, 2, 3]


def test_dynamic_keys_are_switched_on_later(client, table):
    with pytest.raises(Exception):
        client.insert(table, [row(4, color="red")])
    client.alter_collection_properties(table, {"dynamicfield.enabled": True})
    assert client.describe_collection(table)["enable_dynamic_field"] is True
    client.insert(table, [row(4, color="red"), row(5)])
    client.upsert(table, [{"id": 0, "color": "blue"}], partial_update=True)
    for _ in ("in memory", "in files"):
        assert ids(client, table, "color == 'red'") == [4]
        assert ids(client, table, "not (exists color)") == [1, 2, 3, 5]
        rows = query(client, table, "id in [0, 1, 4]", output_fields=["*"])
        assert rows == [row(0, color="blue"), row(1), row(4, color="red")]
        hits = search(client, table, [4.0, 0.0], limit=1, output_fields=["color"])
        assert hits[0]["entity"] == {"color": "red"}
        client.flush(table)
    client.alter_collection_properties(table, {"dynamicfield.enabled": True})
    refused(lambda: client.alter_collection_properties(table, {"dynamicfield.enabled": False}), "disabled")
    both = {"dynamicfield.enabled": True, "collection.ttl.seconds": 60}
    refused(lambda: client.alter_collection_properties(table, both), "cannot alter dynamic schema with other")


def test_truncating_leaves_everything_but_the_rows(client, table):
    client.create_partition(table, "p")
    client.create_alias(table, table + "_alias")
    client.insert(table, [row(7)], partition_name="p")
    before = client.describe_collection(table)
    iterator = client.query_iterator(table, filter="n >= 0", batch_size=2)
    assert len(iterator.next()) == 2
    client.truncate_collection(table)
    assert iterator.next() == [], "what is gone is gone for those too who began before"
    iterator.close()
    after = client.describe_collection(table)
    for key in ("collection_id", "fields", "aliases", "properties", "created_timestamp"):
        assert after[key] == before[key], key
    assert count(client, table) == 0 and query(client, table, "id >= 0") == []
    assert search(client, table, [0.0, 0.0], limit=3) == []
    assert client.get_collection_stats(table)["row_count"] == 0
    assert client.get_partition_stats(table, "p")["row_count"] == 0
    assert client.list_partitions(table) == ["_default", "p"] and client.list_indexes(table) == ["v"]
    assert str(client.get_load_state(table)["state"]) == "Loaded"
    client.insert(table, [row(1)])
    client.insert(table, [row(7)], partition_name="p")
    assert ids(client, table, "id >= 0") == [1, 7]
    assert ids(client, table, "id >= 0", partition_names=["p"]) == [7]
    with pytest.raises(MilvusException):
        client.truncate_collection(table + "_none")


def test_index_properties_change_when_released(client, table):
    def alter(**properties):
        names = {key.replace("_", "."): value for key, value in properties.items()}
        client.alter_index_properties(table, "v", properties=names)

    refused(lambda: alter(mmap_enabled=True), "please release the collection first", 104)
    client.release_collection(table)
    alter(mmap_enabled=True)
    assert client.describe_index(table, "v")["mmap.enabled"] == "True"
    alter(mmap_enabled=False)
    assert client.describe_index(table, "v")["mmap.enabled"] == "False"
    client.drop_index_properties(table, "v", property_keys=["mmap.enabled"])
    assert "mmap.enabled" not in client.describe_index(table, "v")
    refused(lambda: alter(nlist=5), "nlist is not a configable index property")
    refused(lambda: alter(mmap_enabled="perhaps"), "mmap.enabled")
    refused(lambda: client.alter_index_properties(table, "w", properties={"mmap.enabled": True}), "index not found", 700)
    index = client.describe_index(table, "v")
    assert index["index_type"] == "FLAT" and index["metric_type"] == "L2"
    client.load_collection(table)
    assert [hit["id"] for hit in search(client, table, [3.0, 0.0], limit=2)] == [3, 2]


def test_all_of_it_is_there_after_a_restart(make_server):
    server = make_server().start()
    client = MilvusClient(server.uri)
    for name in ("grown", "emptied", "opened"):
        make(client, name)
        client.insert(name, [row(0)])
        client.flush(name)
        client.insert(name, [row(1)])
    client.add_collection_field("grown", "size", DataType.INT64, nullable=True, default_value=7)
    client.insert("grown", [row(2, size=20), row(3)])
    client.truncate_collection("emptied")
    client.insert("emptied", [row(5)])
    client.alter_collection_properties("opened", {"dynamicfield.enabled": True})
    client.insert("opened", [row(2, color="red")])
    client.close()
    for stop in (server.kill, server.stop, server.kill):
        stop()
        server.start()
        client = MilvusClient(server.uri)
        rows = query(client, "grown", "id >= 0", output_fields=["size"])
        assert [item["size"] for item in rows] == [7, 7, 20, 7]
        assert ids(client, "grown", "size == 7") == [0, 1, 3]
        assert ids(client, "emptied", "id >= 0") == [5] and count(client, "emptied") == 1
        assert ids(client, "opened", "color == 'red'") == [2] and count(client, "opened", "not (exists color)") == 2
        client.flush("grown")
        client.insert("opened", [row(2, color="red")])
        client.close()
    client = MilvusClient(server.uri)
    client.add_collection_field("grown", "more", DataType.BOOL, nullable=True)
    client.upsert("grown", [row(0, size=1, more=True)])
    assert query(client, "grown", "more == true", output_fields=["size", "more"]) == [{"id": 0, "size": 1, "more": True}]
    assert ids(client, "grown", "more is null") == [1, 2, 3]
    client.close()


def test_filters_that_are_not_there_yet_answer_as_wrong_ones_do(client, table):
    for expression in ("match_any(n, n > 1)", "element_filter(n, n > 1)", "match_all(n, n > 1)"):
        frame = "failed to create query plan: cannot parse expression: " + expression.split("(")[0]
        refused(lambda: query(client, table, expression), frame)
        refused(lambda: search(client, table, [0.0, 0.0], filter=expression), frame)
    refused(lambda: client.delete(table, filter="match_any(n, n > 1)"), "failed to create delete plan: cannot parse")
    assert count(client, table) == 4
