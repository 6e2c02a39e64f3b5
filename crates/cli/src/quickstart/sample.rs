//! The sample as it lies in the binary: see samples/wordnet-5k/NOTICE.md for its origin and licence.

use bytes::Bytes;
use elanus_bench::npy::{self, Kind};
use elanus_types::{Error, Result};
use serde_json::Value;

const ROWS: &str = include_str!("../../../../samples/wordnet-5k/rows.jsonl");
const VECTORS: &[u8] = include_bytes!("../../../../samples/wordnet-5k/vectors.npy");
const QUERIES: &str = include_str!("../../../../samples/wordnet-5k/queries.jsonl");
const QUERY_VECTORS: &[u8] = include_bytes!("../../../../samples/wordnet-5k/queries.npy");

/// One entry of WordNet.
pub struct Entry {
    /// Number.
    pub id: i64,
    /// Part of speech.
    pub pos: String,
    /// WordNet's field of meaning, for example noun.animal.
    pub lex: String,
    /// The words, with commas.
    pub lemmas: String,
    /// Words and gloss: the text that was embedded.
    pub text: String,
}

/// Entries with a float16 vector each.
pub struct Part {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Their vectors, one after the other.
    pub vectors: Bytes,
    /// Bytes of one vector.
    pub width: usize,
}

/// Rows to store and queries to ask.
pub struct Sample {
    /// What is stored.
    pub rows: Part,
    /// What is asked.
    pub queries: Part,
}

impl Sample {
    /// Reads it from the binary.
    pub fn read() -> Result<Self> {
        Ok(Self { rows: Part::read(ROWS, VECTORS)?, queries: Part::read(QUERIES, QUERY_VECTORS)? })
    }

    /// Dimensions of the vectors.
    pub fn dim(&self) -> usize {
        self.rows.width / 2
    }
}

impl Part {
    fn read(lines: &str, vectors: &'static [u8]) -> Result<Self> {
        let array = npy::parse(Bytes::from_static(vectors))?;
        let entries = lines.lines().map(entry).collect::<Result<Vec<_>>>()?;
        if array.kind != Kind::F16 || array.rows != entries.len() || array.columns == 0 {
            return Err(Error::damaged(
                "the sample in this binary is broken: its texts and vectors do not match",
            ));
        }
        Ok(Self { entries, vectors: array.data, width: array.columns * 2 })
    }

    /// The vectors, one each.
    pub fn vectors(&self) -> impl Iterator<Item = Bytes> + '_ {
        (0..self.entries.len()).map(|row| self.vectors.slice(row * self.width..(row + 1) * self.width))
    }
}

fn entry(line: &str) -> Result<Entry> {
    let row: Value = serde_json::from_str(line)
        .map_err(|error| Error::damaged(format!("the sample in this binary is broken: {error}")))?;
    let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let words = row.get("lemmas").and_then(Value::as_array).into_iter().flatten();
    let lemmas = words.filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    Ok(Entry {
        id: row.get("id").and_then(Value::as_i64).unwrap_or_default(),
        pos: text("pos"),
        lex: text("lex"),
        text: format!("{lemmas}: {}", text("gloss")),
        lemmas,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_whole() {
        let sample = Sample::read().expect("it reads");
        assert_eq!((sample.rows.entries.len(), sample.queries.entries.len(), sample.dim()), (5000, 22, 384));
        assert!(sample.rows.entries.iter().enumerate().all(|(place, row)| row.id == place as i64));
        assert!(
            sample
                .rows
                .entries
                .iter()
                .all(|row| row.text.len() > row.lemmas.len() + 2 && row.text.len() <= 400)
        );
        assert_eq!(sample.rows.vectors().filter(|vector| vector.len() == 768).count(), 5000);
    }
}
