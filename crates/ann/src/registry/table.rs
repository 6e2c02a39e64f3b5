//! The index types by the names clients use. Everything about them that users meet is in this table.

use super::{Kind, Parameter, Shape};
use elanus_types::DataType::{
    self, BFloat16Vector, BinaryVector, Float16Vector, FloatVector, Int8Vector, SparseFloatVector,
};

/// An index type by name.
#[derive(Clone, Copy, Debug)]
pub struct IndexType {
    /// Name, exact upper case.
    pub name: &'static str,
    /// Vector types it is legal for.
    pub types: &'static [DataType],
    /// The kind that serves it; `None` where that depends on the data.
    pub kind: Option<Kind>,
    /// Why that kind, for those who asked for something else; empty where the name is the kind's.
    pub why: &'static str,
    /// Parameters of building.
    pub build: &'static [Parameter],
    /// Parameters of searching.
    pub search: &'static [Parameter],
}

const FLOATS: &[DataType] = &[FloatVector, Float16Vector, BFloat16Vector];
const NUMBERS: &[DataType] = &[FloatVector, Float16Vector, BFloat16Vector, Int8Vector];
const DENSE: &[DataType] = &[FloatVector, Float16Vector, BFloat16Vector, Int8Vector, BinaryVector];
const ANY: &[DataType] =
    &[FloatVector, Float16Vector, BFloat16Vector, Int8Vector, BinaryVector, SparseFloatVector];
const BITS: &[DataType] = &[BinaryVector];
const SPARSE: &[DataType] = &[SparseFloatVector];

const LISTS: &str = "rows in lists around centres";
const CODES: &str = "hits are always compared exactly in the end";
const DISK: &str =
    "graphs on disk are not built yet; the graph file is mapped, so rarely used parts leave memory";
const GPU: &str = "there is no GPU build; the graph runs on the CPU";
const LISTED: &str = "only FLAT and HNSW are built; the graph is the nearest";
const EXACT_BITS: &str = "bits are compared exactly, as asked";
const EXACT_SPARSE: &str = "sparse vectors are compared exactly";

const NOTED: &str = "Accepted and checked; the kind that serves this type does not need it.";

const fn parameter(
    name: &'static str,
    shape: Shape,
    default: Option<&'static str>,
    help: &'static str,
) -> Parameter {
    Parameter { name, shape, default, required: false, help }
}

const fn integer(
    name: &'static str,
    min: i64,
    max: i64,
    default: Option<&'static str>,
    help: &'static str,
) -> Parameter {
    parameter(name, Shape::Integer { min, max }, default, help)
}

const fn noted(name: &'static str, shape: Shape) -> Parameter {
    parameter(name, shape, None, NOTED)
}

const fn noted_integer(name: &'static str, min: i64, max: i64) -> Parameter {
    noted(name, Shape::Integer { min, max })
}

const REFINE_K: Parameter = parameter(
    "refine_k",
    Shape::Float { min: 1.0, max: f32::MAX as f64 },
    None,
    "Rows compared exactly, per hit asked for, of those that codes found nearest.",
);
/// Lists of an inverted file.
pub(super) const NLIST: Parameter = integer(
    "nlist",
    1,
    65_536,
    None,
    "Lists of rows. By default four times the square root of the rows; never more than one in 39 rows.",
);
/// Lists to look into.
pub(super) const NPROBE: Parameter = integer(
    "nprobe",
    1,
    65_536,
    None,
    "Lists to look into: more find more and take longer. By default measured when the index is built.",
);
/// Bits of a centre's number in a product code.
pub(super) const NBITS: Parameter = integer(
    "nbits",
    1,
    24,
    Some("8"),
    "Bits per number in a product code: 2^nbits centres per piece. More than 12 are taken as 12.",
);
/// Pieces of a product code, of graphs.
pub(super) const PIECES: Parameter =
    integer("m", 1, 65_536, None, "Pieces that a vector is cut into: more find more and take more memory.");
/// Pieces of a product code, of lists.
pub(super) const IVF_PIECES: Parameter = Parameter { required: true, ..PIECES };
/// Stages of a residual product code.
pub(super) const STAGES: Parameter =
    integer("nrq", 1, 16, Some("2"), "Numbers per piece: each says what the ones before left.");
/// Bits of RaBitQ.
pub(super) const RABITQ_BITS: Parameter = integer(
    "rbq_bits",
    1,
    9,
    Some("1"),
    "Bits per component: more find more and take more memory. Nine are taken as eight.",
);
/// Components of a piece.
pub(super) const SUB_DIM: Parameter =
    integer("sub_dim", 1, 65_536, Some("2"), "Components per piece of the four-bit product code.");
const SQ_TYPE: Parameter = parameter(
    "sq_type",
    Shape::Text,
    Some("SQ8"),
    "How components are coded: sq4u, sq6 and sq8 in so many bits, fp16 and bf16 as halves.",
);

/// Links per node of the graph.
pub(super) const M: Parameter =
    integer("M", 2, 2048, Some("16"), "Links per node: more cost memory and time, and help high recall.");
/// Beam of building.
pub(super) const EF_CONSTRUCTION: Parameter = integer(
    "efConstruction",
    1,
    i32::MAX as i64,
    Some("200"),
    "Beam of building: larger builds slower and finds better links.",
);
/// Whether vectors stay out of memory.
pub(super) const COMPACT: Parameter = parameter(
    "compact",
    Shape::Bool,
    Some("false"),
    "Score hits by codes of eight bits instead of the vectors, which then need no memory: scores are a little off. Not obeyed \
     where such codes alone do not find enough, and for INT8 and binary vectors.",
);
/// Recall to aim at.
pub(super) const RECALL_TARGET: Parameter = parameter(
    "recall_target",
    Shape::Float { min: 0.5, max: 0.999 },
    Some("0.95"),
    "Share of the true nearest to find: `ef` or `nprobe` follow from what was measured when the index was built. Given with \
     a search, an index or a collection; the first of these counts.",
);
/// Beam of searching.
pub(super) const EF: Parameter = integer(
    "ef",
    1,
    i32::MAX as i64,
    None,
    "Beam of searching: larger is slower and finds more. By default measured when the index is built.",
);

const GRAPH_BUILD: &[Parameter] = &[M, EF_CONSTRUCTION, COMPACT];
const GRAPH_SEARCH: &[Parameter] =
    &[EF, noted_integer("seed_ef", 1, i32::MAX as i64), noted("disable_fallback_brute_force", Shape::Bool)];
const GRAPH_SQ_BUILD: &[Parameter] = &[M, EF_CONSTRUCTION, SQ_TYPE];
const GRAPH_SQ_SEARCH: &[Parameter] = &[EF, REFINE_K];
const GRAPH_PQ_BUILD: &[Parameter] = &[M, EF_CONSTRUCTION, PIECES, NBITS];
const GRAPH_PRQ_BUILD: &[Parameter] = &[M, EF_CONSTRUCTION, PIECES, STAGES, NBITS];
const IVF_BUILD: &[Parameter] = &[NLIST];
const IVF_SEARCH: &[Parameter] = &[NPROBE, noted_integer("max_empty_result_buckets", 0, 65_536)];
const IVF_SQ_BUILD: &[Parameter] = &[NLIST, SQ_TYPE];
const IVF_SQ_SEARCH: &[Parameter] = &[NPROBE, REFINE_K];
const IVF_PQ_BUILD: &[Parameter] = &[NLIST, IVF_PIECES, NBITS];
const IVF_RABITQ_BUILD: &[Parameter] = &[NLIST, RABITQ_BITS];
const IVF_RABITQ_SEARCH: &[Parameter] = &[NPROBE, noted_integer("rbq_bits_query", 0, 8), REFINE_K];
const SCANN_BUILD: &[Parameter] = &[NLIST, noted("with_raw_data", Shape::Bool), SUB_DIM];
const SCANN_SEARCH: &[Parameter] = &[NPROBE, noted_integer("reorder_k", 1, i32::MAX as i64)];
const DISK_BUILD: &[Parameter] =
    &[noted_integer("max_degree", 1, 2048), noted_integer("search_list_size", 1, i32::MAX as i64)];
const DISK_SEARCH: &[Parameter] = &[
    integer("search_list", 1, i32::MAX as i64, None, "Beam of searching, as `ef` of HNSW."),
    noted_integer("beamwidth", 1, 128),
];
const CAGRA_BUILD: &[Parameter] = &[
    noted_integer("intermediate_graph_degree", 1, i32::MAX as i64),
    noted_integer("graph_degree", 1, i32::MAX as i64),
];
const CAGRA_SEARCH: &[Parameter] = &[noted_integer("itopk_size", 1, i32::MAX as i64), EF];
const GPU_PQ_BUILD: &[Parameter] = &[NLIST, noted_integer("m", 0, 65_536), noted_integer("nbits", 4, 8)];
/// Bands of MinHash slots.
pub(super) const MH_BANDS: Parameter = integer(
    "mh_lsh_band",
    1,
    i32::MAX as i64,
    Some("1"),
    "Bands of slots: more bands are shorter, so that less similar rows share one. Never more than slots.",
);
/// Width of a MinHash slot.
pub(super) const MH_ELEMENT_BITS: Parameter = integer(
    "mh_element_bit_width",
    8,
    256,
    Some("8"),
    "Bits of a MinHash slot; whole bytes, and the dimension must be a multiple.",
);
const MINHASH_BUILD: &[Parameter] = &[
    MH_BANDS,
    MH_ELEMENT_BITS,
    noted_integer("mh_lsh_aligned_block_size", 4_096, i32::MAX as i64),
    noted("with_raw_data", Shape::Bool),
    noted("mh_lsh_code_in_mem", Shape::Bool),
    noted("mh_lsh_shared_bloom_filter", Shape::Bool),
    noted(
        "mh_lsh_bloom_false_positive_prob",
        Shape::Float { min: f64::MIN_POSITIVE, max: 1.0 - f64::EPSILON },
    ),
];
const MH_JACCARD: Parameter = parameter(
    "mh_search_with_jaccard",
    Shape::Bool,
    Some("false"),
    "Score rows that share a band by the share of equal slots; otherwise each of them scores 1.",
);
const MH_REFINE_K: Parameter = parameter(
    "refine_k",
    Shape::Float { min: 1.0, max: f32::MAX as f64 },
    None,
    "Rows scored by slots, per hit asked for: those that share most bands. By default all that share one.",
);
const MINHASH_SEARCH: &[Parameter] = &[MH_JACCARD, MH_REFINE_K, noted("mh_lsh_batch_search", Shape::Bool)];
const AUTO_SEARCH: &[Parameter] =
    &[EF, GRAPH_SEARCH[1], GRAPH_SEARCH[2], MH_JACCARD, noted("mh_lsh_batch_search", Shape::Bool)];
const SPARSE_BUILD: &[Parameter] = &[
    noted("inverted_index_algo", Shape::Text),
    noted("drop_ratio_build", Shape::Float { min: 0.0, max: 1.0 }),
];
const SPARSE_SEARCH: &[Parameter] = &[noted("drop_ratio_search", Shape::Float { min: 0.0, max: 1.0 })];

const fn exact(name: &'static str, types: &'static [DataType], why: &'static str) -> IndexType {
    IndexType { name, types, kind: Some(Kind::Flat), why, build: &[], search: &[] }
}

const fn graph(
    name: &'static str,
    types: &'static [DataType],
    why: &'static str,
    build: &'static [Parameter],
    search: &'static [Parameter],
) -> IndexType {
    IndexType { name, types, kind: Some(Kind::Hnsw), why, build, search }
}

const fn lists(
    name: &'static str,
    types: &'static [DataType],
    kind: Kind,
    build: &'static [Parameter],
    search: &'static [Parameter],
) -> IndexType {
    IndexType { name, types, kind: Some(kind), why: LISTS, build, search }
}

const fn coded(
    name: &'static str,
    types: &'static [DataType],
    kind: Kind,
    build: &'static [Parameter],
    search: &'static [Parameter],
) -> IndexType {
    IndexType { name, types, kind: Some(kind), why: CODES, build, search }
}

const fn scanned(
    mut index: IndexType,
    build: &'static [Parameter],
    search: &'static [Parameter],
) -> IndexType {
    index.build = build;
    index.search = search;
    index
}

/// Every index type for vectors.
pub const INDEX_TYPES: &[IndexType] = &[
    IndexType { name: "AUTOINDEX", types: ANY, kind: None, why: "", build: &[], search: AUTO_SEARCH },
    exact("FLAT", NUMBERS, ""),
    graph("HNSW", DENSE, "", GRAPH_BUILD, GRAPH_SEARCH),
    coded("HNSW_SQ", NUMBERS, Kind::HnswSq, GRAPH_SQ_BUILD, GRAPH_SQ_SEARCH),
    coded("HNSW_PQ", NUMBERS, Kind::HnswPq, GRAPH_PQ_BUILD, GRAPH_SQ_SEARCH),
    coded("HNSW_PRQ", NUMBERS, Kind::HnswPrq, GRAPH_PRQ_BUILD, GRAPH_SQ_SEARCH),
    lists("IVF_FLAT", NUMBERS, Kind::IvfFlat, IVF_BUILD, IVF_SEARCH),
    lists("IVF_FLAT_CC", FLOATS, Kind::IvfFlat, IVF_BUILD, IVF_SEARCH),
    lists("IVF_SQ8", NUMBERS, Kind::IvfSq8, IVF_SQ_BUILD, IVF_SQ_SEARCH),
    lists("IVF_SQ_CC", FLOATS, Kind::IvfSq8, IVF_BUILD, IVF_SEARCH),
    coded("IVF_PQ", NUMBERS, Kind::IvfPq, IVF_PQ_BUILD, IVF_SQ_SEARCH),
    coded("IVF_RABITQ", FLOATS, Kind::IvfRabitq, IVF_RABITQ_BUILD, IVF_RABITQ_SEARCH),
    coded("IVF_RABITQ_FASTSCAN", FLOATS, Kind::IvfRabitq, IVF_RABITQ_BUILD, IVF_RABITQ_SEARCH),
    coded("SCANN", NUMBERS, Kind::Scann, SCANN_BUILD, SCANN_SEARCH),
    graph("DISKANN", FLOATS, DISK, DISK_BUILD, DISK_SEARCH),
    graph("AISAQ", FLOATS, DISK, DISK_BUILD, DISK_SEARCH),
    exact("SVS_FLAT", FLOATS, "rows are compared exactly, as asked"),
    graph("SVS_VAMANA", FLOATS, LISTED, &[], &[]),
    graph("SVS_VAMANA_LVQ", FLOATS, LISTED, &[], &[]),
    graph("SVS_VAMANA_LEANVEC", FLOATS, LISTED, &[], &[]),
    graph("SVS_IVF", FLOATS, LISTED, &[], &[]),
    graph("SVS_IVF_LEANVEC", FLOATS, LISTED, &[], &[]),
    graph("FAISS", &[FloatVector, BinaryVector], LISTED, &[], &[]),
    exact("GPU_BRUTE_FORCE", &[FloatVector, Float16Vector], GPU),
    graph("GPU_IVF_FLAT", &[FloatVector, Float16Vector, Int8Vector], GPU, IVF_BUILD, IVF_SEARCH),
    graph("GPU_IVF_PQ", &[FloatVector, Float16Vector, Int8Vector], GPU, GPU_PQ_BUILD, IVF_SEARCH),
    graph(
        "GPU_CAGRA",
        &[FloatVector, Float16Vector, Int8Vector, BinaryVector],
        GPU,
        CAGRA_BUILD,
        CAGRA_SEARCH,
    ),
    exact("BIN_FLAT", BITS, EXACT_BITS),
    lists("BIN_IVF_FLAT", BITS, Kind::IvfFlat, IVF_BUILD, IVF_SEARCH),
    IndexType {
        name: "MINHASH_LSH",
        types: BITS,
        kind: Some(Kind::MinHashLsh),
        why: "",
        build: MINHASH_BUILD,
        search: MINHASH_SEARCH,
    },
    scanned(exact("SPARSE_INVERTED_INDEX", SPARSE, EXACT_SPARSE), SPARSE_BUILD, SPARSE_SEARCH),
    scanned(exact("SPARSE_WAND", SPARSE, EXACT_SPARSE), SPARSE_BUILD, SPARSE_SEARCH),
];

/// Finds an index type by its exact name.
pub fn find(name: &str) -> Option<&'static IndexType> {
    INDEX_TYPES.iter().find(|index| index.name == name)
}

/// Whether searches by this index type always compare every row, so that no file is built for it.
pub fn is_exact(index_type: &str) -> bool {
    find(index_type).is_some_and(|index| index.kind == Some(Kind::Flat))
}
