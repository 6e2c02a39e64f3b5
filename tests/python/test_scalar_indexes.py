"""Scalar indexes of every kind on rows enough to be indexed: the same answers as before, shown in descriptions and plans."""

import json
import random
import re
import time
import urllib.request

import pytest
from pymilvus import DataType, MilvusClient, MilvusException

ROWS = 12_000

INDEXES = {
    "n": ("STL_SORT", {}),
    "small": ("BITMAP", {}),
    "f": ("INVERTED", {}),
    "t": ("TRIE", {}),
    "long": ("NGRAM", {"min_gram": 2, "max_gram": 4}),
    "tags": ("INVERTED", {}),
    "flag": ("AUTOINDEX", {}),
}
PATHS = {
    "by_number": ("doc", 'doc["a"]["n"]', "INVERTED", "DOUBLE"),
    "by_text": ("doc", 'doc["t"]', "STL_SORT", "VARCHAR"),
    "by_list": ("doc", 'doc["l"]', "INVERTED", "ARRAY_DOUBLE"),
    "by_key": ("$meta", "colour", "BITMAP", "VARCHAR"),
}


def row(i):
    pick = random.Random(i)
    n = pick.randrange(-5000, 5000)
    return {
        "id": i,
        "v": [float(i), 1.0],
        "n": None if i % 11 == 0 else n,
        "small": n % 7,
        "f": n / 8,
        "t": f"w{pick.randrange(500)}",
        "long": f"the {pick.choice(['quick', 'slow', 'brown'])} fox number {pick.randrange(3000)} ran",
        "tags": [pick.randrange(20) for _ in range(pick.randrange(4))],
        "flag": pick.random() < 0.3,
        "doc": {"a": {"n": n if i % 5 else str(n)}, "t": f"k{n % 13}", "l": [n % 4, n % 6]},
        "colour": pick.choice(["red", "green", "blue"]) if i % 3 else i,
    }


TABLE = [row(i) for i in range(ROWS)]


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


FILTERS = {
    "n > 1000": lambda r: r["n"] is not None and r["n"] > 1000,
    "-20 <= n < 20": lambda r: r["n"] is not None and -20 <= r["n"] < 20,
    "not (n == 7)": lambda r: r["n"] is not None and r["n"] != 7,
    "n in [1, 2, 3, -4, 5, 6, 4999]": lambda r: r["n"] in (1, 2, 3, -4, 5, 6, 4999),
    "small == 3 and flag == true": lambda r: r["small"] == 3 and r["flag"],
    "small in [1, 2] or f >= 600.5": lambda r: r["small"] in (1, 2) or r["f"] >= 600.5,
    "f == -12.5": lambda r: r["f"] == -12.5,
    't like "w4%"': lambda r: r["t"].startswith("w4"),
    't like "%99"': lambda r: r["t"].endswith("99"),
    't > "w48" and not (t == "w5")': lambda r: r["t"] > "w48" and r["t"] != "w5",
    'long like "%slow%12%"': lambda r: re.search("slow.*12", r["long"]) is not None,
    'long =~ "quick fox number 1[0-9] "': lambda r: re.search("quick fox number 1[0-9] ", r["long"]) is not None,
    "array_contains(tags, 3)": lambda r: 3 in r["tags"],
    "array_contains_all(tags, [3, 4])": lambda r: {3, 4} <= set(r["tags"]),
    "not array_contains_any(tags, [1, 2, 3])": lambda r: not {1, 2, 3} & set(r["tags"]),
    'doc["a"]["n"] < -4900': lambda r: number(r["doc"]["a"]["n"]) and r["doc"]["a"]["n"] < -4900,
    'not (doc["a"]["n"] < -4900)': lambda r: number(r["doc"]["a"]["n"]) and r["doc"]["a"]["n"] >= -4900,
    'doc["t"] == "k7"': lambda r: r["doc"]["t"] == "k7",
    'json_contains(doc["l"], 5)': lambda r: 5 in r["doc"]["l"],
    'colour == "red"': lambda r: r["colour"] == "red",
    "colour > 11000": lambda r: number(r["colour"]) and r["colour"] > 11000,
    'exists doc["a"]["n"] and small == 1': lambda r: r["small"] == 1,
}


@pytest.fixture
def table(client, name):
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("n", DataType.INT32, nullable=True)
    schema.add_field("small", DataType.INT8)
    schema.add_field("f", DataType.FLOAT)
    schema.add_field("t", DataType.VARCHAR, max_length=20)
    schema.add_field("long", DataType.VARCHAR, max_length=200)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.INT16, max_capacity=8)
    schema.add_field("flag", DataType.BOOL)
    schema.add_field("doc", DataType.JSON)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    for start in range(0, ROWS, 3000):
        client.insert(name, TABLE[start : start + 3000])
    client.flush(name)
    client.delete(name, ids=list(range(0, ROWS, 97)))
    return name


def check(client, name):
    for text, passes in FILTERS.items():
        right = sum(1 for i, r in enumerate(TABLE) if i % 97 and passes(r))
        found = client.query(name, filter=text, output_fields=["count(*)"])[0]["count(*)"]
        assert found == right, text


def index_all(client, name):
    params = client.prepare_index_params()
    for field, (kind, more) in INDEXES.items():
        params.add_index(field, index_type=kind, index_name=f"on_{field}", params=more)
    for index_name, (field, path, kind, cast) in PATHS.items():
        more = {"json_path": path, "json_cast_type": cast}
        params.add_index(field, index_type=kind, index_name=index_name, params=more)
    client.create_index(name, params)


def finished(client, name, names):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        described = [client.describe_index(name, index) for index in names]
        if all(d["state"] == "Finished" and "elanus.resolved" in d for d in described):
            return dict(zip(names, described))
        time.sleep(0.1)
    raise AssertionError(f"not finished: {described}")


def test_indexes_change_no_answer_and_are_described(client, table):
    check(client, table)
    index_all(client, table)
    names = [f"on_{field}" for field in INDEXES] + list(PATHS)
    described = finished(client, table, names)
    for field, (kind, _) in INDEXES.items():
        resolved = described[f"on_{field}"]["elanus.resolved"]
        assert resolved.startswith(kind + ":") and " bytes in 1 of 1 segments" in resolved, resolved
        assert described[f"on_{field}"]["index_type"] == kind
    assert described["on_small"]["elanus.resolved"].startswith("BITMAP: 7 different values")
    assert described["on_n"]["indexed_rows"] == ROWS and described["on_n"]["pending_index_rows"] == 0
    check(client, table)
    # Rows written later are not in an index yet.
    client.upsert(table, TABLE[1:50])
    check(client, table)
    client.drop_index(table, "on_n")
    check(client, table)


def test_a_plan_names_the_index_that_answered(make_server):
    server = make_server().start()
    client = MilvusClient(server.uri)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("n", DataType.INT64)
    index = client.prepare_index_params()
    index.add_index("v", index_type="HNSW", metric_type="L2")
    index.add_index("n", index_type="STL_SORT")
    client.create_collection("c", schema=schema, index_params=index)
    client.insert("c", [{"id": i, "v": [float(i), 0, 0, 1], "n": i % 1000} for i in range(10_000)])
    client.flush("c")
    finished(client, "c", ["n"])

    def explain(**asked):
        body = json.dumps({"collection": "c", **asked}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{server.admin_port}/explain", body)
        return json.loads(urllib.request.urlopen(request, timeout=30).read())

    plan = explain(filter="n == 77")
    assert (plan["visible"], plan["passed"], plan["estimated"], plan["answered"]) == (10_000, 10, 10, 10)
    step = plan["segments"][0]["filter"]["steps"][0]
    assert (step["condition"], step["method"], step["rows"]) == ("n == 77", "STL_SORT", 10)
    plan = explain(filter="n > 5000")
    assert plan["segments_pruned"] == 1 and plan["answered"] == 0
    plan = explain(filter="n < 500", vector=[1, 0, 0, 1], limit=5)
    vector = plan["segments"][0]["vector"]
    assert plan["answered"] == 5 and vector["allowed"] == 5000 and vector["distances"] > 0
    with pytest.raises(urllib.error.HTTPError) as refused:
        explain(filter="m < 500")
    assert "m" in json.loads(refused.value.read())["error"]
    client.close()
    server.stop()


@pytest.mark.parametrize(
    "field, kind, params, message",
    [
        ("doc", "INVERTED", {}, "json index must specify cast type"),
        ("doc", "INVERTED", {"json_cast_type": "INT"}, "json_cast_type INT is not supported"),
        ("doc", "BITMAP", {"json_cast_type": "DOUBLE"}, "json_cast_type DOUBLE is not supported for BITMAP index"),
        (
            "doc",
            "INVERTED",
            {"json_cast_type": "VARCHAR", "json_cast_function": "STRING_TO_DOUBLE"},
            "json_cast_function STRING_TO_DOUBLE is not supported for json_cast_type VARCHAR",
        ),
        ("doc", "INVERTED", {"json_cast_type": "DOUBLE", "json_path": "other['a']"}, "json_path"),
        ("long", "NGRAM", {"min_gram": 2}, "Ngram index must specify both min_gram and max_gram"),
        ("long", "NGRAM", {"min_gram": 3, "max_gram": 2}, "max_gram"),
    ],
)
def test_wrong_parameters_are_refused(client, table, field, kind, params, message):
    index = client.prepare_index_params()
    index.add_index(field, index_type=kind, index_name="wrong", params=params)
    with pytest.raises(MilvusException, match=re.escape(message)):
        client.create_index(table, index)
