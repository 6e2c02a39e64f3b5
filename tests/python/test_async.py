"""The client for asyncio: the same calls, many at once."""

import asyncio

import pytest
from pymilvus import AnnSearchRequest, AsyncMilvusClient, DataType, MilvusException, RRFRanker

import exact

DIM = 8
VECTORS = exact.unit(200, DIM)


def run(uri, work):
    """Runs a coroutine with a client of its own."""

    async def whole():
        client = AsyncMilvusClient(uri)
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(whole())


async def create(client, name):
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("w", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    for field in ("v", "w"):
        index.add_index(field, index_type="FLAT", metric_type="COSINE")
    await client.create_collection(name, schema=schema, index_params=index)


def rows(start, end):
    return [{"id": i, "v": VECTORS[i].tolist(), "w": VECTORS[-1 - i].tolist(), "n": i} for i in range(start, end)]


def test_everything_at_once(uri, name):
    async def work(client):
        await create(client, name)
        answers = await asyncio.gather(*(client.insert(name, rows(i, i + 20)) for i in range(0, 200, 20)))
        assert sum(answer["insert_count"] for answer in answers) == 200
        found = await asyncio.gather(
            *(client.search(name, [VECTORS[i].tolist()], limit=5, anns_field="v") for i in range(50))
        )
        for i, result in enumerate(found):
            exact.check(result[0], "COSINE", VECTORS, VECTORS[i], 5)
        requests = [AnnSearchRequest([VECTORS[4].tolist()], field, {}, 10) for field in ("v", "w")]
        hits = (await client.hybrid_search(name, requests, RRFRanker(), limit=2))[0]
        assert {hit["id"] for hit in hits} == {4, 195}

    run(uri, work)


def test_reads_see_every_write_before_them(uri, name):
    async def work(client):
        await create(client, name)
        await client.insert(name, rows(0, 10))
        assert (await client.upsert(name, [{**rows(3, 4)[0], "n": 99}]))["upsert_count"] == 1
        assert (await client.delete(name, ids=[1]))["delete_count"] == 1
        assert (await client.delete(name, filter="n == 5"))["delete_count"] == 1
        found = list(await client.query(name, filter="id >= 0", output_fields=["n"]))
        assert [(row["id"], row["n"]) for row in found] == [(0, 0), (2, 2), (3, 99), (4, 4), (6, 6), (7, 7), (8, 8), (9, 9)]
        assert [row["id"] for row in list(await client.get(name, ids=[1, 2]))] == [2]
        with pytest.raises(MilvusException, match="cannot parse expression"):
            await client.query(name, filter="id >")

    run(uri, work)
