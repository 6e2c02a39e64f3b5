"""Collections: made, described, listed, renamed, dropped; schemas as they come back; what is refused."""

import pytest
from pymilvus import DataType, MilvusException

from ask import count


def fields_of(described):
    return {field["name"]: field for field in described["fields"]}


def test_quick_create_is_described(client, name):
    client.create_collection(name, dimension=8)
    assert client.has_collection(name) and name in client.list_collections()
    described = client.describe_collection(name)
    fields = fields_of(described)
    assert list(fields) == ["id", "vector"]
    assert fields["id"]["is_primary"] and fields["id"]["type"] == DataType.INT64 and not fields["id"].get("auto_id")
    assert fields["vector"]["type"] == DataType.FLOAT_VECTOR and fields["vector"]["params"]["dim"] == 8
    assert described["enable_dynamic_field"] is True
    assert described["collection_name"] == name
    assert described["num_shards"] == 1 and described["num_partitions"] == 1
    assert client.list_indexes(name) == ["vector"]
    index = client.describe_index(name, "vector")
    assert index["index_type"] == "AUTOINDEX" and index["metric_type"] == "COSINE"
    assert str(client.get_load_state(name)["state"]) == "Loaded"


def test_everything_in_a_schema_comes_back(client, name):
    schema = client.create_schema(auto_id=True, enable_dynamic_field=False, description="about it")
    schema.add_field("key", DataType.INT64, is_primary=True, description="the key")
    schema.add_field("text", DataType.VARCHAR, max_length=77, nullable=True)
    schema.add_field("n", DataType.INT64, default_value=7)
    schema.add_field("f", DataType.FLOAT, nullable=True, default_value=0.5)
    schema.add_field("list", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=5, max_length=9)
    schema.add_field("bits", DataType.BINARY_VECTOR, dim=16)
    schema.add_field("v", DataType.FLOAT16_VECTOR, dim=4)
    client.create_collection(name, schema=schema)
    described = client.describe_collection(name)
    assert described["description"] == "about it" and described["auto_id"] is True
    assert described["enable_dynamic_field"] is False
    fields = fields_of(described)
    assert list(fields) == ["key", "text", "n", "f", "list", "bits", "v"]
    assert fields["key"]["description"] == "the key"
    assert fields["text"]["params"]["max_length"] == 77 and fields["text"]["nullable"]
    assert fields["n"]["default_value"].long_data == 7
    assert fields["f"]["nullable"] and fields["f"]["default_value"].float_data == 0.5
    assert fields["list"]["element_type"] == DataType.VARCHAR
    assert fields["list"]["params"] == {"max_capacity": 5, "max_length": 9}
    assert fields["bits"]["params"]["dim"] == 16 and fields["v"]["params"]["dim"] == 4
    assert len({field["field_id"] for field in fields.values()}) == 7
    assert str(client.get_load_state(name)["state"]) == "NotLoad"


def test_creating_again(client, name):
    client.create_collection(name, dimension=8)
    client.insert(name, [{"id": 1, "vector": [1.0] * 8}])
    client.create_collection(name, dimension=8)
    assert count(client, name) == 1, "the same schema again changes nothing"
    with pytest.raises(MilvusException, match="duplicate collection with different parameters"):
        schema = client.create_schema()
        schema.add_field("other", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
        client.create_collection(name, schema=schema)


def test_drop_and_missing_collections(client, name):
    client.create_collection(name, dimension=8)
    client.insert(name, [{"id": 1, "vector": [1.0] * 8}])
    client.drop_collection(name)
    client.drop_collection(name)
    assert not client.has_collection(name) and name not in client.list_collections()
    with pytest.raises(MilvusException) as caught:
        client.describe_collection(name)
    assert caught.value.code == 100
    for call in (
        lambda: client.query(name, filter="id > 0"),
        lambda: client.search(name, [[1.0] * 8]),
        lambda: client.insert(name, [{"id": 1, "vector": [1.0] * 8}]),
        lambda: client.load_collection(name),
        lambda: client.get_collection_stats(name),
    ):
        with pytest.raises(MilvusException):
            call()
    client.create_collection(name, dimension=4)
    assert count(client, name) == 0, "the name is free, the rows are gone"


def test_rename(client, name):
    client.create_collection(name, dimension=4)
    client.insert(name, [{"id": 1, "vector": [1.0] * 4}])
    client.rename_collection(name, name + "_new")
    assert not client.has_collection(name)
    assert count(client, name + "_new") == 1
    client.create_collection(name, dimension=4)
    with pytest.raises(MilvusException, match="duplicated new collection name"):
        client.rename_collection(name, name + "_new")
    with pytest.raises(MilvusException):
        client.rename_collection(name + "_none", name + "_other")
    client.drop_collection(name + "_new")


def test_properties(client, name):
    client.create_collection(name, dimension=4, properties={"collection.ttl.seconds": 3600})
    assert client.describe_collection(name)["properties"]["collection.ttl.seconds"] == "3600"
    client.alter_collection_properties(name, {"collection.ttl.seconds": 60, "mine": "yes"})
    properties = client.describe_collection(name)["properties"]
    assert properties["collection.ttl.seconds"] == "60" and properties["mine"] == "yes"
    client.drop_collection_properties(name, ["mine"])
    assert "mine" not in client.describe_collection(name)["properties"]


def test_stats_are_exact_at_once(client, name):
    client.create_collection(name, dimension=4)
    rows = [{"id": i, "vector": [1.0, 0, 0, i]} for i in range(10)]
    client.insert(name, rows)
    assert int(client.get_collection_stats(name)["row_count"]) == 10
    client.delete(name, ids=[1, 2])
    client.upsert(name, rows[5:7])
    assert int(client.get_collection_stats(name)["row_count"]) == 8


@pytest.mark.parametrize("bad", ["", "1abc", "a-b", "a b", "é", "a" * 256, "$x"])
def test_bad_names(client, bad):
    with pytest.raises(Exception) as caught:
        client.create_collection(bad, dimension=4)
    if isinstance(caught.value, MilvusException) and caught.value.code == 1100:
        assert "Invalid collection name" in caught.value.message or "collection name" in caught.value.message


def refused(client, name, build, match):
    """A schema that create_collection refuses; nothing is left behind."""
    schema = client.create_schema()
    build(schema)
    with pytest.raises(MilvusException, match=match):
        client.create_collection(name, schema=schema)
    assert not client.has_collection(name)


def test_schemas_that_are_refused(client, name):
    def with_key(build):
        def both(schema):
            schema.add_field("id", DataType.INT64, is_primary=True)
            build(schema)

        return both

    refused(client, name, with_key(lambda s: s.add_field("v", DataType.FLOAT_VECTOR, dim=1)), "should be in range 2 ~ 32768")
    refused(client, name, with_key(lambda s: s.add_field("v", DataType.FLOAT_VECTOR, dim=40000)), "should be in range 2 ~ 32768")
    refused(client, name, with_key(lambda s: s.add_field("v", DataType.BINARY_VECTOR, dim=12)), "should be multiple of 8")
    refused(client, name, with_key(lambda s: s.add_field("n", DataType.INT64)), "schema does not contain vector field")
    vector = lambda s: s.add_field("v", DataType.FLOAT_VECTOR, dim=4)
    refused(
        client, name, with_key(lambda s: (vector(s), s.add_field("t", DataType.VARCHAR, max_length=70000))), "maximum length specified"
    )
    refused(
        client,
        name,
        with_key(lambda s: (vector(s), s.add_field("a", DataType.ARRAY, element_type=DataType.INT64, max_capacity=5000))),
        "maximum capacity specified",
    )
    refused(
        client,
        name,
        with_key(lambda s: [s.add_field(f"v{i}", DataType.FLOAT_VECTOR, dim=4) for i in range(11)]),
        "maximum vector field's number should be limited to 10",
    )
    refused(
        client,
        name,
        with_key(lambda s: (vector(s), [s.add_field(f"n{i}", DataType.INT64) for i in range(63)])),
        "maximum field's number should be limited to 64",
    )
    refused(client, name, with_key(lambda s: s.add_field("1v", DataType.FLOAT_VECTOR, dim=4)), "Invalid field name")


def test_many_collections(client, name):
    names = [f"{name}_{i}" for i in range(30)]
    for each in names:
        client.create_collection(each, dimension=4)
    assert set(names) <= set(client.list_collections())
    for each in names:
        client.drop_collection(each)
    assert not set(names) & set(client.list_collections())


def test_version_and_health(client):
    assert client.get_server_version()
    assert client.get_server_type() == "milvus"


def test_an_index_says_what_it_resolved_to(client, name):
    client.create_collection(name, dimension=4)
    assert "elanus.resolved" not in client.describe_index(name, "vector"), "nothing is there to index"
    client.insert(name, [{"id": i, "vector": [float(i), 1.0, 2.0, 3.0]} for i in range(100)])
    client.flush(name)
    described = client.describe_index(name, "vector")
    assert described["index_type"] == "AUTOINDEX"
    assert described["elanus.resolved"].startswith("FLAT: 100 rows are compared one by one")
