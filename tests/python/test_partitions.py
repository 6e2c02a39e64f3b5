"""Partitions, partition keys, aliases and databases."""

import pytest
from pymilvus import DataType, MilvusClient, MilvusException

import exact
from ask import count, ids

DIM = 4
VECTORS = exact.unit(40, DIM)


def rows(begin, end, **more):
    return [{"id": i, "vector": VECTORS[i].tolist(), **more} for i in range(begin, end)]


@pytest.fixture
def parted(client, name):
    client.create_collection(name, dimension=DIM)
    for partition in ("a", "b"):
        client.create_partition(name, partition)
    client.insert(name, rows(0, 10))
    client.insert(name, rows(10, 20), partition_name="a")
    client.insert(name, rows(20, 40), partition_name="b")
    return name


def test_partitions_are_apart(client, parted):
    assert sorted(client.list_partitions(parted)) == ["_default", "a", "b"]
    assert client.has_partition(parted, "a") and not client.has_partition(parted, "c")
    assert int(client.get_partition_stats(parted, "b")["row_count"]) == 20
    assert count(client, parted) == 40
    assert count(client, parted, partition_names=["a"]) == 10
    assert ids(client, parted, "id >= 0", partition_names=["_default", "a"]) == list(range(20))
    for _ in range(2):
        hits = client.search(parted, [VECTORS[3].tolist()], limit=30, partition_names=["a", "b"])[0]
        exact.check(hits, "COSINE", VECTORS, VECTORS[3], 30, allowed=set(range(10, 40)))
        client.flush(parted)
    client.delete(parted, filter="id >= 0", partition_name="a")
    assert count(client, parted) == 30


def test_creating_and_dropping_partitions(client, parted):
    client.create_partition(parted, "a")
    with pytest.raises(MilvusException, match="partition cannot be dropped, partition is loaded"):
        client.drop_partition(parted, "b")
    client.release_partitions(parted, ["b"])
    client.drop_partition(parted, "b")
    client.drop_partition(parted, "b")
    assert sorted(client.list_partitions(parted)) == ["_default", "a"]
    assert count(client, parted) == 20
    with pytest.raises(MilvusException):
        client.release_collection(parted)
        client.drop_partition(parted, "_default")
    client.load_collection(parted)


def test_missing_partitions(client, parted):
    with pytest.raises(MilvusException, match="partition not found|partition name none not found"):
        client.insert(parted, rows(0, 1), partition_name="none")
    with pytest.raises(MilvusException, match="partition name none not found|partition not found"):
        client.query(parted, filter="id > 0", partition_names=["none"])
    with pytest.raises(MilvusException, match="partition name none not found|partition not found"):
        client.search(parted, [VECTORS[0].tolist()], partition_names=["none"])


def test_an_upsert_is_unique_over_partitions(client, parted):
    client.upsert(parted, rows(10, 11, note="moved"), partition_name="b")
    assert count(client, parted) == 40
    assert ids(client, parted, 'note == "moved"') == [10]


@pytest.fixture
def keyed(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("tenant", DataType.VARCHAR, max_length=20, is_partition_key=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index, num_partitions=7)
    client.insert(name, [{**row, "tenant": f"t{row['id'] % 5}"} for row in rows(0, 40)])
    return name


def test_partition_key(client, keyed):
    assert len(client.list_partitions(keyed)) == 7
    assert ids(client, keyed, 'tenant == "t3"') == list(range(3, 40, 5))
    assert ids(client, keyed, 'tenant in ["t1", "t2"] and id < 10') == [1, 2, 6, 7]
    hits = client.search(keyed, [VECTORS[0].tolist()], filter='tenant == "t4"', limit=10)[0]
    exact.check(hits, "L2", VECTORS, VECTORS[0], 10, allowed=set(range(4, 40, 5)))
    client.upsert(keyed, [{"id": 4, "tenant": "t0", "vector": VECTORS[4].tolist()}])
    assert count(client, keyed) == 40 and 4 in ids(client, keyed, 'tenant == "t0"')
    assert client.delete(keyed, filter='tenant == "t0"')["delete_count"] == 9
    assert count(client, keyed) == 31


def test_partition_key_forbids_naming_partitions(client, keyed):
    partition = client.list_partitions(keyed)[0]
    with pytest.raises(MilvusException, match="partition key mode is used"):
        client.insert(keyed, [{**rows(0, 1)[0], "tenant": "x"}], partition_name=partition)
    with pytest.raises(MilvusException, match="partition key mode is used"):
        client.create_partition(keyed, "mine")
    with pytest.raises(MilvusException, match="partition key mode is used"):
        client.query(keyed, filter="id > 0", partition_names=[partition])


def test_aliases(client, name):
    one, two, alias = name, name + "_two", name + "_alias"
    for number, each in enumerate((one, two)):
        client.create_collection(each, dimension=DIM)
        client.insert(each, rows(0, 5 + number))
    client.create_alias(one, alias)
    client.create_alias(one, alias)
    assert count(client, alias) == 5
    assert client.describe_alias(alias)["collection_name"] == one
    assert client.list_aliases(one)["aliases"] == [alias]
    assert client.describe_collection(alias)["collection_name"] == one
    assert list(client.describe_collection(one)["aliases"]) == [alias]
    assert len(client.search(alias, [VECTORS[0].tolist()], limit=9)[0]) == 5
    client.insert(alias, rows(5, 6))
    assert count(client, one) == 6
    client.alter_alias(two, alias)
    assert count(client, alias) == 6 and client.list_aliases(one)["aliases"] == []
    with pytest.raises(MilvusException, match="alias already exist"):
        client.create_alias(one, alias)
    with pytest.raises(MilvusException, match="associated aliases"):
        client.drop_collection(two)
    with pytest.raises(MilvusException, match="cannot drop the collection via alias"):
        client.drop_collection(alias)
    with pytest.raises(MilvusException, match="alias and collection name conflict|collection name conflict"):
        client.create_alias(one, two)
    with pytest.raises(MilvusException, match="alias not found"):
        client.describe_alias(alias + "_none")
    client.drop_alias(alias)
    client.drop_alias(alias)
    assert not client.has_collection(alias)
    client.drop_collection(two)


def test_databases_are_apart(client, uri, name):
    database = name + "_db"
    client.create_database(database, properties={"database.max.collections": "2"})
    assert database in client.list_databases() and "default" in client.list_databases()
    assert client.describe_database(database)["name"] == database
    assert client.describe_database(database)["database.max.collections"] == "2"
    with pytest.raises(MilvusException, match="database already exist"):
        client.create_database(database)
    client.create_collection(name, dimension=DIM)
    client.insert(name, rows(0, 3))
    other = MilvusClient(uri, db_name=database)
    try:
        assert other.list_collections() == []
        other.create_collection(name, dimension=DIM)
        other.insert(name, rows(0, 7))
        assert (count(other, name), count(client, name)) == (7, 3)
        with pytest.raises(MilvusException, match="not empty"):
            client.drop_database(database)
        client.alter_database_properties(database, {"mine": "1"})
        assert client.describe_database(database)["mine"] == "1"
        client.drop_database_properties(database, ["mine"])
        assert "mine" not in client.describe_database(database)
        other.drop_collection(name)
    finally:
        other.close()
    client.drop_database(database)
    assert database not in client.list_databases()
    with pytest.raises(MilvusException, match="database not found"):
        client.describe_database(database)
    with pytest.raises(MilvusException, match="can not drop default database"):
        client.drop_database("default")


def test_using_a_database(uri, client, name):
    client.create_database(name)
    mine = MilvusClient(uri)
    mine.use_database(name)
    mine.create_collection("inside", dimension=DIM)
    assert mine.list_collections() == ["inside"] and "inside" not in client.list_collections()
    mine.drop_collection("inside")
    mine.close()
    with pytest.raises(MilvusException, match="database not found"):
        MilvusClient(uri, db_name=name + "_none").list_collections()
    client.drop_database(name)
