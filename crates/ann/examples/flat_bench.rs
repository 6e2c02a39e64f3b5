//! Measures exact search on vectors of one's own: one query at a time, and all queries as one batch.
//!
//! `cargo run --release -p elanus-ann --example flat_bench -- BASE.npy QUERIES.npy [METRIC] [COPIES]`
//!
//! Both files hold little-endian float32 of shape (rows, dimension); the base is repeated so many times. Figures are the best of
//! several rounds; gigabytes are those of the vectors read.

use elanus_ann::{VectorsView, exact_search_batch};
use elanus_kernels::{Element, Level, Metric, TopK};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

const K: usize = 10;
const LINE: usize = 64;

/// Rows of an npy file, and their dimension.
fn read(path: &str) -> Result<(Vec<u8>, usize), Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let head = String::from_utf8_lossy(&bytes[10..start]);
    let shape = head.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')')).ok_or("no shape")?.0;
    let dim: usize = shape.split(',').nth(1).ok_or("not two dimensions")?.trim().parse()?;
    Ok((bytes[start..].to_vec(), dim))
}

/// Sums the words, by so many threads: what memory gives to somebody who does nothing else.
fn sum(bytes: &[u8], threads: usize) -> u64 {
    let sum = |bytes: &[u8]| {
        let mut lanes = [0u64; 16];
        for words in bytes.as_chunks::<8>().0.as_chunks::<16>().0 {
            lanes
                .iter_mut()
                .zip(words)
                .for_each(|(lane, word)| *lane = lane.wrapping_add(u64::from_ne_bytes(*word)));
        }
        lanes.iter().fold(0, |sum: u64, lane| sum.wrapping_add(*lane))
    };
    std::thread::scope(|scope| {
        let parts = bytes.chunks(bytes.len().div_ceil(threads));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || sum(part))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).fold(0, u64::wrapping_add)
    })
}

/// The seconds of the fastest of some rounds of each work, taken in turns.
fn fastest<const N: usize>(rounds: usize, works: [&dyn Fn(); N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..rounds {
        for (best, work) in best.iter_mut().zip(works) {
            let start = Instant::now();
            work();
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    best
}

fn main() -> Result<(), Box<dyn Error>> {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let option = |at: usize, default: &'static str| options.get(at).map_or(default, String::as_str);
    let (base, dim) = read(option(0, ""))?;
    let base = base.repeat(option(3, "1").parse()?);
    // Columns of segments begin at a cache line.
    let mut room = vec![0u8; base.len() + LINE];
    let begin = room.as_ptr().align_offset(LINE);
    let aligned = room.get_mut(begin..begin + base.len()).ok_or("no room")?;
    aligned.copy_from_slice(&base);
    let base: &[u8] = aligned;
    let (queries, _) = read(option(1, ""))?;
    let metric = Metric::parse(option(2, "COSINE")).ok_or("unknown metric")?;
    let vectors = VectorsView::new(Element::F32, dim, base);
    let queries: Vec<&[u8]> = queries.chunks_exact(dim * 4).collect();
    println!("{} rows of {dim}, {metric}, {}", vectors.rows, Level::chosen().name());
    println!("queries threads       q/s     GB/s   of what reading alone gives");
    for count in [1, 2, 5, 10, 100, queries.len()] {
        for threads in [1, 2] {
            let queries = queries.get(..count).unwrap_or(&queries);
            let scan = || {
                let mut outs = vec![TopK::new(K); queries.len()];
                exact_search_batch(&vectors, metric, queries, None, None, &mut outs, threads);
            };
            let read = || {
                black_box(sum(base, threads));
            };
            let [seconds, reading] = fastest(if count <= 10 { 20 } else { 5 }, [&scan, &read]);
            println!(
                "{count:>7} {threads:>7} {:>9.1} {:>8.1} {:>6.2}",
                queries.len() as f64 / seconds,
                base.len() as f64 / seconds / 1e9,
                reading / seconds
            );
        }
    }
    Ok(())
}
