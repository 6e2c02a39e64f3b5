"""Every type in and out: values, nulls, defaults, dynamic keys."""

import numpy as np
import pytest
from pymilvus import DataType, MilvusException
from pymilvus.exceptions import DataNotMatchException

import exact
from ask import count, query

DIM = 8
ROWS = 12


def schema_of_everything(client):
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("bool", DataType.BOOL)
    schema.add_field("int8", DataType.INT8)
    schema.add_field("int16", DataType.INT16)
    schema.add_field("int32", DataType.INT32)
    schema.add_field("int64", DataType.INT64)
    schema.add_field("float", DataType.FLOAT)
    schema.add_field("double", DataType.DOUBLE)
    schema.add_field("text", DataType.VARCHAR, max_length=200)
    schema.add_field("json", DataType.JSON)
    for name, kind in ARRAYS.items():
        options = {"max_length": 20} if kind is DataType.VARCHAR else {}
        schema.add_field(name, DataType.ARRAY, element_type=kind, max_capacity=8, **options)
    return schema


ARRAYS = {
    "bools": DataType.BOOL,
    "int8s": DataType.INT8,
    "int32s": DataType.INT32,
    "int64s": DataType.INT64,
    "floats": DataType.FLOAT,
    "doubles": DataType.DOUBLE,
    "texts": DataType.VARCHAR,
}
EXTREMES = {"int8": (-128, 127), "int16": (-32768, 32767), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def scalar_row(i):
    low = i % 2
    return {
        "id": i,
        "bool": i % 3 == 0,
        **{name: EXTREMES[name][low] - (i if low else -i) for name in EXTREMES},
        "float": i / 4,
        "double": i / 7,
        "text": f"row {i} é中" if i else "",
        "json": [{"a": i, "b": [1, {"c": None}]}, [i, "x"], i, {"plain": "text"}, True, 1.5][i % 6],
        "bools": [i % 2 == 0, True][: i % 3],
        "int8s": [-i, i],
        "int32s": list(range(i % 8)),
        "int64s": [2**40 + i],
        "floats": [0.5, i / 8],
        "doubles": [i / 3],
        "texts": ["a", f"b{i}"],
        "extra": {"nested": [i]},
        "more": f"dynamic {i}",
    }


def test_scalars_arrays_and_dynamic_keys_come_back(client, name):
    schema = schema_of_everything(client)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection(name, schema=schema)
    vectors = exact.unit(ROWS, DIM)
    rows = [{**scalar_row(i), "v": vectors[i].tolist()} for i in range(ROWS)]
    assert client.insert(name, rows)["insert_count"] == ROWS
    add_index(client, name, "v", "COSINE")
    for round in ("in memory", "sealed"):
        found = query(client, name, "id >= 0", output_fields=["*"])
        assert len(found) == ROWS, round
        for got, row in zip(found, rows):
            same_row(got, row)
        client.flush(name)
    described = {field["name"]: field["type"] for field in client.describe_collection(name)["fields"]}
    assert described["json"] == DataType.JSON and described["int8s"] == DataType.ARRAY and "$meta" not in described


def same_row(got, row):
    assert set(got) == set(row)
    for name, value in row.items():
        if name in ("float", "floats", "v"):
            assert np.allclose(got[name], value, atol=1e-6), name
        else:
            assert plain(got[name]) == value, name


def plain(value):
    return list(value) if isinstance(value, (list, tuple)) or type(value).__name__.startswith("Repeated") else value


def add_index(client, name, field, metric, kind="FLAT"):
    index = client.prepare_index_params()
    index.add_index(field, index_type=kind, metric_type=metric)
    client.create_index(name, index)
    client.load_collection(name)


VECTORS = {
    "FLOAT_VECTOR": ("COSINE", lambda rng: rng.normal(size=16).astype(np.float32)),
    "FLOAT16_VECTOR": ("L2", lambda rng: rng.normal(size=16).astype(np.float16)),
    "INT8_VECTOR": ("IP", lambda rng: rng.integers(-128, 128, 16).astype(np.int8)),
    "BINARY_VECTOR": ("HAMMING", lambda rng: rng.integers(0, 256, 2).astype(np.uint8)),
    "BFLOAT16_VECTOR": ("L2", lambda rng: to_bfloat16(rng.normal(size=16))),
    "SPARSE_FLOAT_VECTOR": ("IP", lambda rng: {int(k): float(np.float32(rng.random())) for k in rng.choice(1000, 5, False)}),
}


def to_bfloat16(values):
    """Raw bfloat16 bytes: the upper half of each float32."""
    return np.asarray(values, "<f4").view("<u4").__rshift__(16).astype("<u2").tobytes()


def sent(kind, vector):
    if kind == "BINARY_VECTOR":
        return vector.tobytes()
    return vector.tolist() if kind == "FLOAT_VECTOR" else vector


def asked(kind, vector):
    """As a query vector: bfloat16 as plain numbers, which the server converts."""
    if kind == "BFLOAT16_VECTOR":
        return (np.frombuffer(vector, "<u2").astype("<u4") << 16).view("<f4").tolist()
    return sent(kind, vector)


@pytest.mark.parametrize("kind", VECTORS)
def test_vectors_come_back_and_are_found(client, name, kind):
    metric, make = VECTORS[kind]
    dim = {} if kind == "SPARSE_FLOAT_VECTOR" else {"dim": 16}
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", getattr(DataType, kind), **dim)
    client.create_collection(name, schema=schema)
    rng = np.random.default_rng(7)
    vectors = [make(rng) for _ in range(20)]
    client.insert(name, [{"id": i, "v": sent(kind, vector)} for i, vector in enumerate(vectors)])
    add_index(client, name, "v", metric, "SPARSE_INVERTED_INDEX" if kind.startswith("SPARSE") else "AUTOINDEX")
    for _ in range(2):
        hits = client.search(name, [asked(kind, vectors[3])], limit=3, output_fields=["v"])[0]
        assert metric == "IP" or hits[0]["id"] == 3
        for row in query(client, name, "id in [3, 4]", output_fields=["v"]):
            assert same_vector(row["v"], vectors[row["id"]]), row
        client.flush(name)


def same_vector(got, sent):
    if isinstance(sent, dict):
        return sorted(got) == sorted(sent) and all(abs(got[key] - sent[key]) < 1e-6 for key in sent)
    if isinstance(got, list) and len(got) == 1 and isinstance(got[0], bytes):
        got = got[0]
    if isinstance(got, bytes):
        return got == (sent if isinstance(sent, bytes) else sent.tobytes())
    if isinstance(sent, bytes):
        return np.asarray(got).tobytes() == sent
    return np.allclose(np.asarray(got, np.float32), np.asarray(sent, np.float32), atol=1e-6)


def test_nulls_and_defaults(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("n", DataType.INT32, nullable=True)
    schema.add_field("d", DataType.INT64, default_value=42)
    schema.add_field("nd", DataType.VARCHAR, max_length=20, nullable=True, default_value="none")
    schema.add_field("j", DataType.JSON, nullable=True)
    schema.add_field("a", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4, nullable=True)
    client.create_collection(name, schema=schema)
    add_index(client, name, "v", "L2")
    base = {"v": [1.0, 0, 0, 0]}
    rows = [
        {"id": 1, **base},
        {"id": 2, **base, "n": 5, "d": 6, "nd": "text", "j": {"k": 1}, "a": [1, 2]},
        {"id": 3, **base, "n": None, "d": None, "nd": None, "j": None, "a": None},
    ]
    client.insert(name, rows)
    empty = {"n": None, "d": 42, "nd": "none", "j": None, "a": None}
    full = {"n": 5, "d": 6, "nd": "text", "j": {"k": 1}, "a": [1, 2]}
    for _ in range(2):
        found = {row["id"]: row for row in query(client, name, "id > 0", output_fields=["n", "d", "nd", "j", "a"])}
        for number, expected in ((1, empty), (2, full), (3, empty)):
            got = {key: plain(found[number][key]) for key in expected}
            assert got == expected, number
        assert [row["id"] for row in query(client, name, "n is null")] == [1, 3]
        assert [row["id"] for row in query(client, name, "n is not null")] == [2]
        assert [row["id"] for row in query(client, name, "j is null and d == 42")] == [1, 3]
        assert count(client, name, "n > 0 or n <= 0") == 1, "null is neither"
        client.flush(name)


def test_a_missing_field_is_refused_whole(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("n", DataType.INT32)
    client.create_collection(name, schema=schema)
    add_index(client, name, "v", "L2")
    with pytest.raises((MilvusException, DataNotMatchException)):
        client.insert(name, [{"id": 1, "v": [0.0] * 4, "n": 1}, {"id": 2, "v": [0.0] * 4}])
    assert count(client, name) == 0


def test_nullable_vectors(client, name):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("w", DataType.FLOAT_VECTOR, dim=4, nullable=True)
    client.create_collection(name, schema=schema)
    index = client.prepare_index_params()
    for field in ("v", "w"):
        index.add_index(field, index_type="FLAT", metric_type="L2")
    client.create_index(name, index)
    client.load_collection(name)
    unit = np.eye(4, dtype=np.float32).tolist()
    client.insert(name, [{"id": i, "v": unit[i], "w": unit[i] if i % 2 else None} for i in range(4)])
    for _ in range(2):
        assert [hit["id"] for hit in client.search(name, [unit[1]], anns_field="w", limit=10)[0]] == [1, 3]
        rows = query(client, name, "id >= 0", output_fields=["w"])
        assert [plain(row["w"]) for row in rows] == [None, unit[1], None, unit[3]]
        client.flush(name)


def test_dynamic_keys(client, name):
    client.create_collection(name, dimension=4)
    values = [1, 2.5, "text", True, None, [1, "a"], {"deep": {"er": 3}}]
    rows = [{"id": i, "vector": [1.0, 0, 0, i], "key": value, f"only{i}": i} for i, value in enumerate(values)]
    client.insert(name, rows)
    found = query(client, name, "id >= 0", output_fields=["key"])
    assert [row.get("key") for row in found] == values
    assert [row["id"] for row in query(client, name, "key == 1")] == [0]
    assert [row["id"] for row in query(client, name, 'key == "text"')] == [2]
    assert [row["id"] for row in query(client, name, 'key["deep"]["er"] == 3')] == [6]
    assert [row["id"] for row in query(client, name, "exists only3")] == [3]
    assert query(client, name, "id == 1", output_fields=["only1"]) == [{"id": 1, "only1": 1}]


def test_auto_id_and_text_keys(client, name):
    client.create_collection(name, dimension=4, auto_id=True)
    first = client.insert(name, [{"vector": [1.0, 0, 0, 0]}, {"vector": [0, 1.0, 0, 0]}])["ids"]
    second = client.insert(name, [{"vector": [0, 0, 1.0, 0]}])["ids"]
    assert len({*first, *second}) == 3
    assert [row["id"] for row in query(client, name, f"id in {list(first)}")] == sorted(first)
    hit = client.search(name, [[0, 0, 1.0, 0]], limit=1)[0][0]
    assert hit["id"] == second[0]


def test_text_keys(client, name):
    client.create_collection(name, dimension=4, id_type="string", max_length=32)
    client.insert(name, [{"id": key, "vector": [1.0, 0, 0, i]} for i, key in enumerate(["b", "a", "ä", "a b"])])
    assert [row["id"] for row in query(client, name, 'id != ""')] == ["a", "a b", "b", "ä"]
    assert client.delete(name, ids=["a"])["delete_count"] == 1
    assert [row["id"] for row in list(client.get(name, ids=["a", "ä"]))] == ["ä"]
