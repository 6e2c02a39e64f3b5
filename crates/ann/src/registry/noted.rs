//! Parameters that clients may send beside those of the table of index types, checked as Milvus checks them and without
//! effect here; and the words that parameters take.

use super::{Parameter, Shape};
use elanus_types::{Error, Result};
use serde_json::Value;

/// What is checked for some index types.
struct Noted {
    types: &'static [&'static str],
    build: &'static [Parameter],
    search: &'static [Parameter],
    /// Of building and searching: names mean the same in both.
    words: &'static [Words],
}

/// A parameter that takes one of some words.
struct Words {
    name: &'static str,
    legal: &'static [&'static str],
    any_case: bool,
}

const HELP: &str = "Accepted and checked; what serves this index type does not need it.";
const MOST: i64 = i32::MAX as i64;

const fn noted(name: &'static str, shape: Shape) -> Parameter {
    Parameter { name, shape, default: None, required: false, help: HELP }
}

const fn integer(name: &'static str, min: i64, max: i64) -> Parameter {
    noted(name, Shape::Integer { min, max })
}

const fn float(name: &'static str, min: f64, max: f64) -> Parameter {
    noted(name, Shape::Float { min, max })
}

const fn switch(name: &'static str) -> Parameter {
    noted(name, Shape::Bool)
}

const fn words(name: &'static str, legal: &'static [&'static str]) -> Words {
    Words { name, legal, any_case: false }
}

const FINE: &[&str] = &["sq6", "sq8", "fp16", "bf16", "fp32", "flat"];

const NOTED: &[Noted] = &[
    Noted {
        types: &[
            "IVF_FLAT",
            "IVF_FLAT_CC",
            "IVF_SQ8",
            "IVF_SQ_CC",
            "IVF_PQ",
            "IVF_RABITQ",
            "IVF_RABITQ_FASTSCAN",
            "SCANN",
            "BIN_IVF_FLAT",
        ],
        build: &[switch("use_elkan")],
        search: &[switch("ensure_topk_full"), integer("max_empty_result_buckets", 0, 65_536)],
        words: &[],
    },
    Noted {
        types: &["IVF_FLAT_CC", "IVF_SQ_CC"],
        build: &[integer("ssize", 32, 2_048)],
        search: &[],
        words: &[],
    },
    Noted {
        types: &["IVF_SQ_CC"],
        build: &[],
        search: &[],
        words: &[words("code_size", &["4", "6", "8", "16"])],
    },
    Noted {
        types: &["IVF_SQ8"],
        build: &[],
        search: &[],
        words: &[Words { name: "sq_type", legal: &["sq4", "sq6", "sq8"], any_case: true }],
    },
    Noted {
        types: &["HNSW_SQ"],
        build: &[],
        search: &[],
        words: &[Words { name: "sq_type", legal: &["sq4u", "sq6", "sq8", "fp16", "bf16"], any_case: true }],
    },
    Noted {
        types: &["IVF_PQ", "IVF_SQ8", "IVF_RABITQ"],
        build: &[switch("refine")],
        search: &[],
        words: &[Words { name: "refine_type", legal: FINE, any_case: true }],
    },
    Noted {
        types: &["IVF_RABITQ_FASTSCAN"],
        build: &[switch("refine")],
        search: &[integer("rbq_bits_query", 0, 0)],
        words: &[Words { name: "refine_type", legal: &["fp32", "flat"], any_case: true }],
    },
    Noted {
        types: &["HNSW_SQ", "HNSW_PQ", "HNSW_PRQ"],
        build: &[switch("refine")],
        search: &[integer("seed_ef", 1, MOST), switch("disable_fallback_brute_force")],
        words: &[Words {
            name: "refine_type",
            legal: &["sq4u", "sq6", "sq8", "fp16", "bf16", "fp32", "flat"],
            any_case: true,
        }],
    },
    Noted {
        types: &["DISKANN", "AISAQ"],
        build: &[
            float("pq_code_budget_gb_ratio", 0.0, f32::MAX as f64),
            float("search_cache_budget_gb_ratio", 0.0, f32::MAX as f64),
            float("build_dram_budget_gb", 0.0, f32::MAX as f64),
            integer("num_threads", 1, MOST),
        ],
        search: &[float("filter_threshold", -1.0, 1.0), integer("min_k", 1, MOST), integer("max_k", 1, MOST)],
        words: &[],
    },
    Noted {
        types: &["AISAQ"],
        build: &[
            integer("inline_pq", -1, 2_048),
            integer("pq_cache_size", 0, 1 << 30),
            switch("rearrange"),
            integer("num_entry_points", 0, 1_000),
        ],
        search: &[
            integer("beamwidth", 1, 16),
            integer("vectors_beamwidth", 1, 4),
            integer("pq_read_page_cache_size", 0, 32 << 20),
        ],
        words: &[words("pq_read_io_engine", &["aio", "uring"])],
    },
    Noted {
        types: &["GPU_CAGRA"],
        build: &[
            switch("cache_dataset_on_device"),
            switch("adapt_for_cpu"),
            integer("nn_descent_niter", 1, MOST),
        ],
        search: &[
            integer("search_width", 1, MOST),
            integer("min_iterations", 0, MOST),
            integer("max_iterations", 0, MOST),
        ],
        words: &[
            words("build_algo", &["NN_DESCENT", "IVF_PQ"]),
            words("team_size", &["0", "4", "8", "16", "32"]),
        ],
    },
    Noted {
        types: &["SPARSE_INVERTED_INDEX", "SPARSE_WAND"],
        build: &[
            integer("block_max_block_size", 1, MOST),
            integer("sindi_window_size", 1_024, 65_535),
            float("bm25_k1", 0.0, 3.0),
            float("bm25_b", 0.0, 1.0),
        ],
        search: &[
            float("dim_max_score_ratio", 0.5, 1.3),
            integer("refine_factor", 1, MOST),
            integer("bulk_query_nnz_threshold", 0, MOST),
        ],
        words: &[
            words("inverted_index_codec", &["block_streamvbyte", "block_maskedvbyte", "block_adaptive"]),
            words("quant_type", &["fp16", "fp32", "u16", "u32"]),
            words("search_algo", SPARSE_SEARCHES),
        ],
    },
];

const SPARSE_SEARCHES: &[&str] =
    &["INHERIT", "TAAT_NAIVE", "DAAT_WAND", "DAAT_MAXSCORE", "BLOCK_MAX_WAND", "BLOCK_MAX_MAXSCORE", "SINDI"];

fn of(index_type: &str) -> impl Iterator<Item = &'static Noted> {
    NOTED.iter().filter(move |noted| noted.types.contains(&index_type))
}

/// Checks what an index is built with and the table does not know.
pub(super) fn check_build<'a>(index_type: &str, get: impl Fn(&str) -> Option<&'a str>) -> Result<()> {
    for noted in of(index_type) {
        for parameter in noted.build {
            get(parameter.name).map_or(Ok(()), |text| parameter.check_text(text))?;
        }
        for words in noted.words {
            get(words.name).map_or(Ok(()), |text| words.check(text))?;
        }
    }
    Ok(())
}

/// Checks what a search is sent with and the table does not know.
pub(super) fn check_search<'a>(index_type: &str, get: impl Fn(&str) -> Option<&'a Value>) -> Result<()> {
    for noted in of(index_type) {
        for parameter in noted.search {
            get(parameter.name).map_or(Ok(()), |value| parameter.check_json(value))?;
        }
        for words in noted.words {
            let Some(value) = get(words.name) else { continue };
            words.check(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))?;
        }
    }
    Ok(())
}

impl Words {
    fn check(&self, text: &str) -> Result<()> {
        let is =
            |legal: &&&str| if self.any_case { legal.eq_ignore_ascii_case(text) } else { **legal == text };
        match self.legal.iter().find(is) {
            Some(_) => Ok(()),
            None => Err(Error::invalid(format!(
                "{} {text} not found or not supported, supported: [{}]",
                self.name,
                self.legal.join(" ")
            ))),
        }
    }
}
