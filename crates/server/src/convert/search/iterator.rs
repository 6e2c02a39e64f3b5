//! Pages of a search iterator (version 2; version 1 sends ordinary searches).

use super::{ITERATOR_WINDOW, Paging};
use crate::convert::kv::Pairs;
use elanus_types::search::SearchIterator;
use elanus_types::{Error, Result};

/// The iterator's state, when the search is a page of one.
pub(super) fn parse(pairs: Pairs<'_>, paging: &Paging) -> Result<Option<SearchIterator>> {
    if paging.iterator && paging.group_by.is_some() {
        return Err(Error::invalid("Not allowed to do groupBy when doing iteration"));
    }
    if paging.iterator && !paging.order_by.is_empty() {
        return Err(Error::invalid("order_by is not supported when using search iterator"));
    }
    if !pairs.flag("search_iter_v2")? {
        return Ok(None);
    }
    if !paging.iterator {
        return Err(Error::invalid("both iterator and search_iter_v2 must be set in the SDK"));
    }
    if paging.offset != 0 {
        return Err(Error::invalid("Setting an offset is not permitted when using a search iterator v2"));
    }
    let token = pairs.get("search_iter_id").map(str::to_owned);
    if token.as_deref().is_some_and(|token| !is_uuid(token)) {
        return Err(Error::invalid("invalid token format"));
    }
    let last_bound = pairs.get("search_iter_last_bound").map(bound).transpose()?;
    Ok(Some(SearchIterator { batch_size: batch_size(pairs)?, token, last_bound }))
}

fn batch_size(pairs: Pairs<'_>) -> Result<usize> {
    let text = pairs.get("search_iter_batch_size").ok_or_else(|| Error::invalid("batch size is required"))?;
    let size = text.trim().parse().ok().filter(|size| (1..=ITERATOR_WINDOW).contains(size));
    size.and_then(|size| usize::try_from(size).ok()).ok_or_else(|| {
        let range = format!("it should be in range [1, {ITERATOR_WINDOW}], but got {text}");
        Error::invalid(format!("batch size is invalid, {range}"))
    })
}

fn bound(text: &str) -> Result<f32> {
    match text.trim().parse::<f32>() {
        Ok(bound) if !bound.is_nan() => Ok(bound),
        _ => Err(Error::invalid(format!("failed to parse input last bound, {text} is not a number"))),
    }
}

/// Whether a text is a UUID, with its dashes or without.
fn is_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(|byte| *byte != b'-').count();
    let dashes: Vec<usize> =
        text.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(i, _)| i).collect();
    let hex = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    hex && digits == 32 && (dashes.is_empty() || dashes == [8, 13, 18, 23])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::kv::pair;
    use elanus_proto::common::KeyValuePair;
    use elanus_types::query::OrderBy;
    use elanus_types::search::GroupBy;

    fn page(more: &[(&str, &str)]) -> Vec<KeyValuePair> {
        let more = more.iter().map(|(key, value)| pair(*key, *value));
        [pair("search_iter_v2", "True")].into_iter().chain(more).collect()
    }

    fn message(pairs: &[KeyValuePair], paging: &Paging) -> String {
        parse(Pairs(pairs), paging).expect_err("a bad page").message().to_owned()
    }

    #[test]
    fn pages_of_both_versions() -> Result<()> {
        let iterator = Paging { iterator: true, ..Paging::default() };
        assert_eq!(parse(Pairs(&[pair("iterator", "True")]), &iterator)?, None, "version 1 has no state");
        let first = page(&[("search_iter_batch_size", "10")]);
        let expected = SearchIterator { batch_size: 10, token: None, last_bound: None };
        assert_eq!(parse(Pairs(&first), &iterator)?, Some(expected));
        let token = "6c2a8a0e-9b1c-4a57-8f52-0d8a3f1b2c3d";
        let bound = ("search_iter_last_bound", "0.9999999403953552");
        let next = page(&[("search_iter_batch_size", "10"), ("search_iter_id", token), bound]);
        let state = parse(Pairs(&next), &iterator)?.expect("a page");
        assert_eq!((state.token.as_deref(), state.last_bound), (Some(token), Some(0.999_999_94)));
        Ok(())
    }

    #[test]
    fn bad_pages_are_named() {
        let iterator = || Paging { iterator: true, ..Paging::default() };
        let sized = page(&[("search_iter_batch_size", "10")]);
        assert_eq!(message(&page(&[]), &iterator()), "batch size is required");
        for size in ["0", "-1", "16385", "x"] {
            let text = message(&page(&[("search_iter_batch_size", size)]), &iterator());
            assert!(text.starts_with("batch size is invalid"), "{text}");
        }
        let bad_token = page(&[("search_iter_batch_size", "10"), ("search_iter_id", "abc")]);
        assert_eq!(message(&bad_token, &iterator()), "invalid token format");
        let bad_bound = page(&[("search_iter_batch_size", "10"), ("search_iter_last_bound", "NaN")]);
        assert!(message(&bad_bound, &iterator()).starts_with("failed to parse input last bound"));
        assert!(message(&sized, &Paging::default()).starts_with("both iterator and search_iter_v2"));
        assert!(message(&sized, &Paging { offset: 1, ..iterator() }).starts_with("Setting an offset"));
        let group_by = Some(GroupBy::new("a"));
        assert!(message(&sized, &Paging { group_by, ..iterator() }).contains("groupBy"));
        let order_by = vec![OrderBy::new("a", false)];
        let text = message(&sized, &Paging { order_by, ..iterator() });
        assert_eq!(text, "order_by is not supported when using search iterator");
    }

    #[test]
    fn uuids_with_and_without_dashes() {
        assert!(is_uuid("6c2a8a0e9b1c4a578f520d8a3f1b2c3d"));
        for text in ["", "6c2a8a0e-9b1c-4a57-8f52-0d8a3f1b2c3", "6c2a8a0e-9b1c4a57-8f52-0d8a3f1b2c3d-", "ü"]
        {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
