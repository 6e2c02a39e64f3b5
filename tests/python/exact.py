"""Exact answers computed with numpy, to compare a server's with."""

import numpy as np

# Metrics whose smaller score is nearer.
DISTANCES = {"L2", "HAMMING", "JACCARD"}


def scores(metric, rows, query):
    """The score of every row, as Milvus defines it."""
    if metric in ("HAMMING", "JACCARD"):
        return bit_scores(metric, np.asarray(rows, np.uint8), np.asarray(query, np.uint8))
    rows, query = np.asarray(rows, np.float64), np.asarray(query, np.float64)
    if metric == "L2":
        return ((rows - query) ** 2).sum(axis=1)
    if metric == "IP":
        return rows @ query
    if metric == "COSINE":
        return rows @ query / (np.linalg.norm(rows, axis=1) * np.linalg.norm(query))
    raise ValueError(metric)


def bit_scores(metric, rows, query):
    rows, query = np.unpackbits(rows, axis=1), np.unpackbits(query)
    if metric == "HAMMING":
        return (rows != query).sum(axis=1).astype(np.float64)
    both, either = (rows & query).sum(axis=1), (rows | query).sum(axis=1)
    return 1.0 - both / np.maximum(either, 1)


def nearest(metric, rows, query, ids=None):
    """(id, score) of every row, nearest first; ties by the smaller id."""
    values = scores(metric, rows, query)
    ids = np.arange(len(values)) if ids is None else np.asarray(ids)
    keys = values if metric in DISTANCES else -values
    return [(int(ids[i]), float(values[i])) for i in np.lexsort((ids, keys))]


def check(hits, metric, rows, query, limit, ids=None, allowed=None, tolerance=1e-4, key="id"):
    """Asserts that hits are the nearest rows: same count, same scores place by place, each score its row's own."""
    expected = [pair for pair in nearest(metric, rows, query, ids) if allowed is None or pair[0] in allowed][:limit]
    assert len(hits) == len(expected)
    own = dict(nearest(metric, rows, query, ids))
    for hit, (_, score) in zip(hits, expected):
        assert hit["distance"] == near(score, tolerance)
        assert hit["distance"] == near(own[hit[key]], tolerance)
        assert allowed is None or hit[key] in allowed
    assert len({hit[key] for hit in hits}) == len(hits)


class near:
    """Equal to a number up to an absolute and relative tolerance."""

    def __init__(self, value, tolerance=1e-4):
        self.value, self.tolerance = value, tolerance

    def __eq__(self, other):
        return abs(other - self.value) <= self.tolerance * max(1.0, abs(self.value))

    def __repr__(self):
        return f"about {self.value}"


def unit(count, dim, seed=1):
    """Seeded vectors of length one."""
    rows = np.random.default_rng(seed).normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def share(metric, hits, nearest):
    """The share of the nearest that was found: hits as good as the last of them."""
    worst = nearest[-1][1]
    near = [hit["distance"] <= worst + 1e-4 if metric in DISTANCES else hit["distance"] >= worst - 1e-4 for hit in hits]
    return sum(near) / len(nearest)
