"""kill -9 of a writing server, again and again.

    python kill_loop.py [--kills 200] [--seed N] [--workers 4]

Workers insert, upsert and delete batches, each in its own range of keys, and remember what was acknowledged. The
server is killed at a random moment, sometimes again while it recovers, and started anew. Then every worker's rows
must be what was acknowledged, with the request under way at the kill either whole or not there at all. ELANUS_BIN
names the binary.
"""

import argparse
import logging
import random
import sys
import tempfile
import threading
import time

from pymilvus import DataType, MilvusClient

from server import Server, free_port

DIM = 4
RANGE = 1_000_000
BATCH = 30
# Small enough that a run of seconds seals, merges, indexes and shortens the log.
SETTINGS = {
    "ELANUS_GROWING_SIZE": "16KiB",
    "ELANUS_LOG_FILE_SIZE": "64KiB",
    "ELANUS_LOG_SIZE": "256KiB",
    "ELANUS_QUIET": "50ms",
    "ELANUS_SEGMENT_INDEX_MIN_ROWS": "64",
    "ELANUS_SEGMENT_INDEX_BUSY_ROWS": "500",
}


class Worker:
    """One range of keys: what is acknowledged, and what may have happened since."""

    def __init__(self, number, seed):
        self.number, self.chance = number, random.Random(f"{seed}/{number}")
        self.rows, self.under_way = {}, None
        self.version = self.writes = 0
        self.error = None

    def write_until_it_fails(self, client):
        self.error = None
        while True:
            after, call = self.next_write(client)
            self.under_way = after
            try:
                call()
            except Exception as error:
                self.error = error
                return
            self.rows, self.under_way = after, None
            self.writes += 1

    def next_write(self, client):
        """The rows as they will be, and the request that leads there."""
        self.version += 1
        after, known = dict(self.rows), sorted(self.rows)
        kind = self.chance.choice(["insert", "insert", "upsert", "delete"] if known else ["insert"])
        size = self.chance.randint(1, BATCH)
        if kind == "delete":
            keys = self.chance.sample(known, min(size, len(known)))
            for key in keys:
                del after[key]
            return after, lambda: client.delete("kills", ids=keys, timeout=10, retry_times=1)
        keys = [self.number * RANGE + self.chance.randrange(2000) for _ in range(size)]
        keys = list(dict.fromkeys(keys + self.chance.sample(known, min(len(known), size // 2))))
        after.update((key, self.version) for key in keys)
        write = client.insert if kind == "insert" else client.upsert
        rows = [{"id": key, "version": self.version, "v": vector(key, self.version)} for key in keys]
        return after, lambda: write("kills", rows, timeout=10, retry_times=1)

    def check(self, client):
        """Fails unless the rows are those acknowledged, or those after the request under way."""
        begin = self.number * RANGE
        found = client.query(
            "kills", filter=f"id >= {begin} and id < {begin + RANGE}", output_fields=["id", "version", "v"]
        )
        rows = {row["id"]: row["version"] for row in found}
        assert len(rows) == len(found), f"worker {self.number}: a key came twice"
        for row in found:
            assert list(row["v"]) == vector(row["id"], row["version"]), f"worker {self.number}: {row} is half of something"
        if rows != self.rows and rows != self.under_way:
            raise AssertionError(f"worker {self.number}: {difference(rows, self.rows, self.under_way)}")
        self.rows, self.under_way = rows, None
        if rows:
            key = self.chance.choice(sorted(rows))
            hits = client.search("kills", [vector(key, rows[key])], limit=1, filter=f"id == {key}")[0]
            assert [hit["id"] for hit in hits] == [key], f"worker {self.number}: a search does not find {key}"


def vector(key, version):
    return [float(key % RANGE), float(version), 1.0, 0.0]


def difference(rows, acknowledged, under_way):
    lost = {key: version for key, version in acknowledged.items() if rows.get(key) != version}
    extra = {key: version for key, version in rows.items() if acknowledged.get(key) != version}
    after = None if under_way is None else {key: v for key, v in under_way.items() if acknowledged.get(key) != v}
    return f"acknowledged but not there: {lost}; there but not acknowledged: {extra}; under way: {after}"


def prepare(client):
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("version", DataType.INT64)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("v", index_type="HNSW", metric_type="L2", params={"M": 8, "efConstruction": 40})
    client.create_collection("kills", schema=schema, index_params=index)


def start(server, chance):
    """Starts on fresh ports, so that no request of an earlier life arrives late; may kill the recovery."""
    server.port, server.admin_port = free_port(), free_port()
    if chance.random() < 0.2:
        server.spawn()
        time.sleep(chance.uniform(0, 0.1))
        server.kill()
    server.start()


def flush_now_and_then(client, stop):
    while not stop.wait(0.15):
        try:
            client.flush("kills", timeout=10, retry_times=1)
        except Exception:
            return


def life(server, workers, chance):
    """One life of the server: check, write, die."""
    client = MilvusClient(server.uri)
    if not client.has_collection("kills"):
        prepare(client)
    for worker in workers:
        worker.check(client)
    clients = [MilvusClient(f"{server.uri}?worker={worker.number}") for worker in workers]
    ends = [threading.Thread(target=w.write_until_it_fails, args=(c,)) for w, c in zip(workers, clients)]
    stop = threading.Event()
    flusher = threading.Thread(target=flush_now_and_then, args=(client, stop))
    for thread in (*ends, flusher):
        thread.start()
    time.sleep(chance.uniform(0.02, 0.5))
    alive = server.process.poll() is None
    refused = [worker.error for worker in workers if worker.error]
    server.kill()
    stop.set()
    for thread in (*ends, flusher):
        thread.join(60)
        assert not thread.is_alive(), "a client hangs"
    for each in (client, *clients):
        each.close()
    assert alive, "the server ended by itself"
    assert not refused, f"a server that was alive refused a write: {refused[0]}"


def run(kills, seed, count):
    # The client logs every call that a kill cuts off.
    logging.disable(logging.CRITICAL)
    chance, folder = random.Random(seed), tempfile.mkdtemp(prefix="elanus-kills-")
    server, workers = Server(folder + "/data", environment=SETTINGS), [Worker(n, seed) for n in range(count)]
    print(f"{kills} kills, seed {seed}, data in {folder}", flush=True)
    try:
        for number in range(1, kills + 1):
            start(server, chance)
            life(server, workers, chance)
            if number % 20 == 0:
                print(f"{number} kills, {sum(w.writes for w in workers)} writes acknowledged", flush=True)
        start(server, chance)
        client = MilvusClient(server.uri)
        for worker in workers:
            worker.check(client)
        client.close()
    except BaseException:
        print(f"failed; the data is kept in {folder}, repeat with --seed {seed}\n{server.log_tail()}", file=sys.stderr)
        server.kill()
        raise
    status, _ = server.stop()
    assert status == 0
    writes = sum(worker.writes for worker in workers)
    assert writes > kills, f"only {writes} writes were acknowledged: too few to prove anything"
    print(f"{kills} kills survived, {writes} writes acknowledged, {sum(len(w.rows) for w in workers)} rows at the end")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=4)
    arguments = parser.parse_args()
    seed = random.randrange(1 << 32) if arguments.seed is None else arguments.seed
    run(arguments.kills, seed, arguments.workers)


if __name__ == "__main__":
    main()
