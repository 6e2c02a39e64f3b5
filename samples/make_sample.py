#!/usr/bin/env python3
"""Makes samples/wordnet-5k from a folder of WordNet embeddings.

    python3 samples/make_sample.py SOURCE [TARGET]

SOURCE holds base_f16.npy (n x 384), base_meta.jsonl.gz (one JSON object a row: synset, pos, lex, lemmas, text),
queries_public.npy and queries_public_meta.jsonl.gz. The choice is seeded: the same source gives the same bytes.
Needs numpy.
"""

import gzip
import json
import pathlib
import random
import sys

import numpy as np

SEED = 5000
ROWS = 5000
NEIGHBOURS = 40  # of every query, so that its answers make sense to a reader
# Held-out rows used as queries: concrete things, every part of speech among them.
QUERIES = [22, 27, 49, 55, 83, 103, 120, 134, 189, 206, 223, 227, 270, 285, 306, 308, 360, 411, 490, 516, 593, 625]
# Glosses that a stranger's first screen should not show.
UNSUITABLE = ("offensive", "slur", "obscene", "disparag", "sexual", "derogatory", "vulgar", "penis", "genital", "rape")


def read_meta(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def suitable(row):
    text = row["text"].lower()
    return len(text) <= 200 and not any(word in text for word in UNSUITABLE)


def choose(meta, vectors, queries):
    """Row numbers: the neighbours of the queries, then rows of every lexicographer file in turn."""
    allowed = [i for i, row in enumerate(meta) if suitable(row)]
    chosen = set()
    scores = queries.astype(np.float32) @ vectors[allowed].astype(np.float32).T
    for order in np.argsort(-scores, axis=1)[:, :NEIGHBOURS]:
        chosen.update(allowed[i] for i in order)
    groups = {}
    for i in allowed:
        if i not in chosen:
            groups.setdefault(meta[i]["lex"], []).append(i)
    chance = random.Random(SEED)
    for rows in groups.values():
        chance.shuffle(rows)
    while len(chosen) < ROWS:
        for lex in sorted(groups):
            if groups[lex] and len(chosen) < ROWS:
                chosen.add(groups[lex].pop())
    order = sorted(chosen)
    chance.shuffle(order)
    return order


def compact(number, row):
    lemmas = row["lemmas"]
    head = ", ".join(lemmas) + ": "
    assert row["text"].startswith(head), row["text"]
    out = {"id": number, "pos": row["pos"], "lex": row["lex"], "lemmas": lemmas, "gloss": row["text"][len(head):]}
    return json.dumps(out, ensure_ascii=False, separators=(",", ":"))


def write_lines(path, rows):
    text = "".join(compact(number, row) + "\n" for number, row in enumerate(rows))
    path.write_text(text, encoding="utf-8")


def main():
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent / "wordnet-5k")
    target.mkdir(parents=True, exist_ok=True)
    meta = read_meta(source / "base_meta.jsonl.gz")
    vectors = np.load(source / "base_f16.npy")
    queries = np.load(source / "queries_public.npy")[QUERIES]
    query_meta = read_meta(source / "queries_public_meta.jsonl.gz")
    rows = choose(meta, vectors, queries)
    np.save(target / "vectors.npy", vectors[rows].astype("<f2"))
    np.save(target / "queries.npy", queries.astype("<f2"))
    write_lines(target / "rows.jsonl", [meta[i] for i in rows])
    write_lines(target / "queries.jsonl", [query_meta[i] for i in QUERIES])
    print(f"{len(rows)} rows and {len(QUERIES)} queries in {target}")


if __name__ == "__main__":
    main()
