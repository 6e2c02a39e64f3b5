"""elanus_lib.py HARNESS DATADIR OUT.json [rounds] [lib ...]: Elanus beside other libraries in the harness's interleave.py.

A lib is a name of the harness, a name of CONFIGURATIONS below, or `elanus:KIND:NAME=VALUE,...@EFFORT,...`, where an effort is a
number (ef or nprobe), NUMBER/REFINE_K, or `default` for what the index found sufficient when it was built."""
import ast
import os
import sys

import numpy as np

import elanus

GRAPH, LISTS = [None, 10, 16, 24, 64, 96], [None, 8, 16, 32, 64, 128, 256]
CONFIGURATIONS = {
    "elanus-hnsw16": ("HNSW", {"M": "16", "efConstruction": "200"}, GRAPH),
    "elanus-hnsw24": ("HNSW", {"M": "24", "efConstruction": "240"}, GRAPH),
    "elanus-ivf-sq8": ("IVF_SQ8", {}, LISTS),
    "elanus-ivf-flat": ("IVF_FLAT", {}, LISTS),
    "elanus-flat": ("FLAT", {}, [None]),
    "elanus-scann": ("SCANN", {}, LISTS),
    "elanus-auto": ("AUTOINDEX", {}, GRAPH),
    "elanus-compact": ("AUTOINDEX", {"compact": "true"}, GRAPH),
}
K = 10


class Elanus:
    """An index with the methods the harness calls."""

    def __init__(self, data, kind, params, efforts):
        self.data, self.kind, self.build_params, self.params = data, kind, params, efforts

    def build(self):
        metric = "L2" if self.data.metric == "l2" else "COSINE"
        base = np.ascontiguousarray(self.data.base, "<f4").tobytes()
        self.index = elanus.Index(base, self.data.dim, metric, self.kind, self.build_params, threads=2)
        print(self.index.describe(), self.index.index_bytes(), "bytes", flush=True)

    def set(self, effort):
        self.effort, self.refine_k = effort if isinstance(effort, tuple) else (effort, None)

    def batch(self, queries, threads):
        found = self.index.search_batch(queries.tobytes(), K, self.effort, threads, self.refine_k)
        return np.frombuffer(found, "<u4").reshape(-1, K)

    def one(self, query):
        return np.frombuffer(self.index.search(query.tobytes(), K, self.effort, self.refine_k), "<u4")


def effort(text):
    """What a word after @ means."""
    if "/" in text:
        number, refine_k = text.split("/")
        return (int(number), float(refine_k))
    return None if text == "default" else int(text)


def parse(name):
    """Kind, parameters and efforts of `elanus:KIND:NAME=VALUE,...@EFFORT,...`."""
    spec, _, efforts = name.removeprefix("elanus:").partition("@")
    kind, _, params = spec.partition(":")
    params = dict(pair.split("=") for pair in params.split(",") if pair)
    known = GRAPH if "HNSW" in kind or kind == "AUTOINDEX" else LISTS
    return kind, params, [effort(word) for word in efforts.split(",")] if efforts else known


def main():
    harness, arguments = os.path.abspath(sys.argv[1]), sys.argv[2:]
    sys.path.insert(0, harness)
    import lib_bench

    known = dict(CONFIGURATIONS)
    known.update((name, parse(name)) for name in arguments if name.startswith("elanus:"))
    for name, what in known.items():
        lib_bench.LIBS[name] = lambda data, what=what: Elanus(data, *what)
    lib_bench.ELANUS_GRID = {name: what[2] for name, what in known.items()}
    # The harness's script holds its grid itself and runs when it is loaded: the grid grows between the two.
    path = os.path.join(harness, "interleave.py")
    with open(path, encoding="utf-8") as file:
        script = ast.parse(file.read(), path)
    targets = lambda step: [target.id for target in getattr(step, "targets", []) if isinstance(target, ast.Name)]
    at = next(i for i, step in enumerate(script.body) if "GRID" in targets(step))
    script.body[at + 1:at + 1] = ast.parse("GRID.update(lb.ELANUS_GRID)").body
    sys.argv = [path, *arguments]
    exec(compile(script, path, "exec"), {"__name__": "__main__", "__file__": path})


main()
