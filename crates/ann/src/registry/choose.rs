//! What AUTOINDEX chooses, having looked at the vectors and at the memory there is.

use super::difficulty::intrinsic_dimension;
use super::resolve::{Resolved, describe, resolve};
use super::{Kind, estimate, table};
use crate::VectorsView;
use elanus_kernels::{Element, Metric};
use elanus_types::Result;
use elanus_types::catalog::Properties;

/// Measured (docs/benchmarks/indexes.md): from this intrinsic dimension on, twice the links save an eighth of the work of a
/// search and more, and a graph takes no longer to build.
const HARD: f32 = 28.0;
/// From this one on, better chosen links save as much again, and are worth twice the time.
const VERY_HARD: f32 = 45.0;
/// Links and beam of building of a graph over hard rows.
const HARD_LINKS: usize = 32;
const HARD_BEAM: usize = 200;

/// What there is to build an index with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// Bytes of memory that the index and what it reads of the vectors may take; `None` = any number.
    pub memory: Option<u64>,
    /// Threads to look with, at least one.
    pub threads: usize,
}

/// Chooses as [`resolve`] does, and parameters of AUTOINDEX by the difficulty of these vectors and by memory: a graph whose hits are
/// refined with the vectors; where these do not fit into memory a compact graph, which does not read them; where not even
/// that fits, lists of one-bit codes.
pub fn choose(
    index_type: &str,
    params: &Properties,
    vectors: &VectorsView<'_>,
    metric: Metric,
    means: Means,
) -> Result<Resolved> {
    let VectorsView { rows, dim, element, .. } = *vectors;
    let mut chosen = resolve(index_type, params, rows, dim, element, metric)?;
    let automatic = index_type.is_empty() || index_type == "AUTOINDEX";
    if !automatic || chosen.kind != Kind::Hnsw {
        return Ok(chosen);
    }
    let mut why = vec![format!("{rows} rows")];
    if let Some(dimension) = intrinsic_dimension(vectors, metric, means.threads) {
        why.push(format!("intrinsic dimension about {dimension:.0}"));
        if dimension >= HARD {
            chosen.hnsw.m = HARD_LINKS;
        }
        if dimension >= VERY_HARD {
            chosen.hnsw.ef_construction = chosen.hnsw.ef_construction.max(HARD_BEAM);
        }
    }
    let asked = params.contains_key(table::COMPACT.name);
    let memory = means.memory.filter(|_| !asked).map(|memory| fit(&mut chosen, vectors, memory));
    let how = match chosen.kind {
        Kind::Hnsw if chosen.hnsw.compact => "a graph over codes that tell enough",
        Kind::Hnsw => "a graph over compact codes, refined with the full vectors",
        _ => "lists of one-bit codes, the nearest refined with the full vectors from disk",
    };
    why.push(format!("{how}{}", memory.map_or(String::new(), |memory| format!("; {memory}"))));
    chosen.reason = describe("AUTOINDEX", &chosen, rows, metric, &why.join(", "))?;
    Ok(chosen)
}

/// Takes the fastest kind that fits into `memory`, and says what was compared.
fn fit(chosen: &mut Resolved, vectors: &VectorsView<'_>, memory: u64) -> String {
    let VectorsView { rows, dim, element, .. } = *vectors;
    let index = |chosen: &Resolved| {
        estimate(chosen.kind, (&chosen.hnsw, &chosen.ivf), rows, dim, element).index_bytes as u64
    };
    let full = index(chosen) + (rows * vectors.width()) as u64;
    let room = format!("{} of memory there are for it", size(memory));
    // The codes of bytes are the bytes, and bits have none.
    let floats = matches!(element, Element::F32 | Element::F16 | Element::BF16);
    if full <= memory || element == Element::Bit {
        return format!("{} with the vectors, {room}", size(full));
    }
    if floats {
        chosen.hnsw.compact = true;
        let compact = index(chosen);
        if compact <= memory {
            return format!("{}, with the vectors it would be {}, {room}", size(compact), size(full));
        }
        chosen.hnsw.compact = false;
    }
    chosen.kind = Kind::IvfRabitq;
    format!("{}, a graph with the vectors would be {}, {room}", size(index(chosen)), size(full))
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of which so many components vary.
    fn rows(count: usize, dim: usize, vary: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(5);
        let mut value = |at: usize| if at % dim < vary { random.f32() - 0.5 } else { 0.25 };
        (0..count * dim).flat_map(|at| value(at).to_le_bytes()).collect()
    }

    fn chosen(index_type: &str, dim: usize, memory: Option<u64>, params: &[(&str, &str)]) -> Resolved {
        let data = rows(6_000, dim, if memory.is_some() { 6 } else { dim });
        let vectors = VectorsView { data: &data, dim, rows: 6_000, element: Element::F32 };
        let params = params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        choose(index_type, &params, &vectors, Metric::L2, Means { memory, threads: 2 }).expect("a kind")
    }

    #[test]
    fn hard_rows_get_more_links_and_the_reason_says_so() {
        let easy = chosen("AUTOINDEX", 4, None, &[]);
        assert_eq!((easy.hnsw.m, easy.hnsw.ef_construction), (16, 100));
        let told = "AUTOINDEX is served by HNSW, M 16, efConstruction 100 (6000 rows, intrinsic dimension about 4, a graph \
                    over compact codes, refined with the full vectors)";
        assert_eq!(easy.reason, told);
        let hard = chosen("", 256, None, &[]);
        assert_eq!((hard.hnsw.m, hard.hnsw.ef_construction), (32, 200), "{}", hard.reason);
        let named = chosen("HNSW", 256, None, &[]);
        assert_eq!((named.hnsw.m, named.hnsw.ef_construction), (16, 200), "who names a kind gets it");
    }

    #[test]
    fn what_does_not_fit_into_memory_is_chosen_smaller() {
        let kinds = [u64::MAX, 1 << 22, 300_000].map(|memory| {
            let chosen = chosen("AUTOINDEX", 64, Some(memory), &[]);
            (chosen.kind, chosen.hnsw.compact)
        });
        assert_eq!(kinds, [(Kind::Hnsw, false), (Kind::Hnsw, false), (Kind::IvfRabitq, false)]);
        let middle = chosen("AUTOINDEX", 64, Some(1_600_000), &[]);
        assert!(middle.hnsw.compact, "{}", middle.reason);
        assert!(middle.reason.contains("with the vectors it would be"), "{}", middle.reason);
        let told = chosen("AUTOINDEX", 64, Some(300_000), &[("compact", "false")]);
        assert_eq!((told.kind, told.hnsw.compact), (Kind::Hnsw, false));
        assert_eq!(chosen("HNSW", 64, Some(300_000), &[]).kind, Kind::Hnsw);
    }
}
