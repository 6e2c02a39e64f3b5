//! Collecting the n-grams of all texts.

use super::list::List;
use crate::index::NGRAM;
use crate::index::build::each_place;
use crate::index::sections::Writer;
use crate::index::spec::IndexSpec;
use crate::json::Json;
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView};
use std::collections::HashMap;

/// The index of a column of texts, or of the texts at a place of documents; `None` for any other column.
pub(in crate::index) fn build(spec: &IndexSpec, column: &ColumnView<'_>) -> Option<Vec<u8>> {
    let ColumnRef::Bytes { data, .. } = &column.data else { return None };
    let rows = column.len();
    let mut lists: HashMap<Box<[u8]>, List> = HashMap::new();
    let mut known = Bitmap::zeros(rows);
    let mut add = |row: usize, text: &[u8]| {
        known.set(row);
        for gram in all_grams(&String::from_utf8_lossy(text), spec.grams) {
            match lists.get_mut(gram.as_bytes()) {
                Some(list) => list.push(row as u32),
                None => lists.entry(gram.as_bytes().into()).or_default().push(row as u32),
            }
        }
    };
    match &spec.path {
        None => (0..rows)
            .filter(|row| column.is_valid(*row))
            .filter_map(|row| Some((row, column.data.bytes(row)?)))
            .for_each(|(row, text)| add(row, text)),
        Some(path) => each_place(path, column, |row, span| {
            let text = data.get(span.start as usize..span.end as usize).unwrap_or(&[]);
            if let Some(Json::Text(text)) = Json::read(text) {
                add(row, &text);
            }
        }),
    }
    let mut lists: Vec<(Box<[u8]>, List)> = lists.into_iter().collect();
    lists.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Some(lay(spec, &lists, &known))
}

fn lay(spec: &IndexSpec, lists: &[(Box<[u8]>, List)], known: &Bitmap) -> Vec<u8> {
    let (mut grams, mut gram_ends) = (Vec::new(), vec![0_i32]);
    let (mut bytes, mut list_ends) = (Vec::new(), vec![0_u64]);
    for (gram, list) in lists {
        grams.extend_from_slice(gram);
        gram_ends.push(grams.len() as i32);
        bytes.extend_from_slice(&list.bytes);
        list_ends.push(bytes.len() as u64);
    }
    let counts: Vec<u32> = lists.iter().map(|(_, list)| list.count).collect();
    let mut writer = Writer::new(NGRAM);
    writer.number(known.len());
    writer.number(lists.len());
    writer.section(&spec.write());
    writer.section(&grams);
    writer.section(&gram_ends);
    writer.section(&counts);
    writer.section(&list_ends);
    writer.section(&bytes);
    writer.section(known.words());
    writer.finish()
}

/// Every n-gram of a text, of every length allowed.
fn all_grams(text: &str, (least, most): (usize, usize)) -> impl Iterator<Item = &str> {
    (least.max(1)..=most).flat_map(move |length| windows(text, length))
}

/// The n-grams that stand for a literal of a pattern: as long as may be; none where it is too short.
pub(super) fn grams_of(literal: &str, (least, most): (usize, usize)) -> impl Iterator<Item = &str> {
    let characters = literal.chars().take(most).count();
    let length = if characters < least.max(1) { usize::MAX } else { characters };
    windows(literal, length)
}

/// Every run of `length` characters.
fn windows(text: &str, length: usize) -> impl Iterator<Item = &str> {
    let starts = text.char_indices().map(|(start, _)| start);
    let ends = text.char_indices().map(|(start, character)| start + character.len_utf8());
    starts.zip(ends.skip(length.saturating_sub(1))).filter_map(|(start, end)| text.get(start..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_are_of_characters() {
        assert_eq!(all_grams("añb", (1, 2)).collect::<Vec<_>>(), ["a", "ñ", "b", "añ", "ñb"]);
        assert_eq!(grams_of("añbc", (2, 3)).collect::<Vec<_>>(), ["añb", "ñbc"]);
        assert_eq!(grams_of("añ", (2, 3)).collect::<Vec<_>>(), ["añ"]);
        assert_eq!(grams_of("a", (2, 3)).count(), 0);
        assert_eq!(all_grams("", (1, 3)).count(), 0);
    }
}
