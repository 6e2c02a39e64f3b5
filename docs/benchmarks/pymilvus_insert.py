"""Rows per second that pymilvus inserts from one or several processes.

    python pymilvus_insert.py URI BASE.npy [PROCESSES]
"""

import multiprocessing
import sys
import time

import numpy
from pymilvus import DataType, MilvusClient

NAME = "pymilvus_insert"
BATCH = 1000


def insert(uri, path, process, processes, begin, done):
    client = MilvusClient(uri)
    vectors = numpy.load(path, mmap_mode="r")
    rows = [{"id": row, "vector": numpy.float32(vectors[row])} for row in range(process, len(vectors), processes)]
    done.put(None)
    begin.wait()
    for first in range(0, len(rows), BATCH):
        client.insert(NAME, rows[first : first + BATCH])
    done.put(None)


def main():
    uri, path, processes = sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["1"])[0])
    rows, dim = numpy.load(path, mmap_mode="r").shape
    client = MilvusClient(uri)
    if client.has_collection(NAME):
        client.drop_collection(NAME)
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    client.create_collection(NAME, schema=schema)
    begin, done = multiprocessing.Event(), multiprocessing.Queue()
    workers = [
        multiprocessing.Process(target=insert, args=(uri, path, process, processes, begin, done))
        for process in range(processes)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        done.get()
    start = time.time()
    begin.set()
    for _ in workers:
        done.get()
    print(f"{processes} processes: {rows / (time.time() - start):.0f} rows/s")
    client.drop_collection(NAME)


if __name__ == "__main__":
    main()
