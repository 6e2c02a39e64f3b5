"""The filters of `elanus bench filter` in DuckDB, over the same rows in a native table.

    elanus bench filter --json figures.json          the filters, as text and as SQL, and Elanus's times
    elanus bench filter --export rows.csv            the rows
    python filter_duckdb.py figures.json rows.csv [rounds]

Prints the median time of a count of each, in microseconds. The time of an empty query (`select 1`) through the same Python
call is taken off DuckDB's, so that engines are compared and not their front doors.
"""

import json
import statistics
import sys
import time

import duckdb

figures, rows = json.load(open(sys.argv[1])), sys.argv[2]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 21
db = duckdb.connect()
db.execute(f"set threads = {figures['threads']}")
db.execute(
    "create table rows(id bigint, n bigint, k integer, f double, s varchar, j json)",
)
db.execute(f"copy rows from '{rows}' (header)")


def micros(sql):
    begin = time.perf_counter()
    answer = db.execute(sql).fetchall()
    return (time.perf_counter() - begin) * 1e6, answer


times = {filter["name"]: [] for filter in figures["filters"]}
empty = []
for _ in range(rounds):
    empty.append(micros("select 1")[0])
    for filter in figures["filters"]:
        taken, answer = micros(f"select count(*) from rows where {filter['sql']}")
        assert answer == [(filter["rows"],)], (filter, answer)
        times[filter["name"]].append(taken)
nothing = statistics.median(empty)
print(f"DuckDB {duckdb.__version__}, {figures['threads']} threads, empty query {nothing:.0f} µs")
print(f"{'filter':<18} {'DuckDB µs':>10} {'scan µs':>10} {'ratio':>6} {'index µs':>10} {'ratio':>6}")
for filter in figures["filters"]:
    duck = statistics.median(times[filter["name"]]) - nothing
    scan, index = filter["scan_micros"], filter["index_micros"]
    print(f"{filter['name']:<18} {duck:>10.0f} {scan:>10.0f} {scan / duck:>6.2f} {index:>10.0f} {index / duck:>6.2f}")
