//! Lists of fields in parameters: what to order and to group by.

use super::kv::Pairs;
use elanus_types::query::OrderBy;
use elanus_types::{Error, Result};

/// `order_by_fields`: `field[:asc|desc][:nulls_first|nulls_last]`, divided by commas.
pub(crate) fn order_by(pairs: Pairs<'_>) -> Result<Vec<OrderBy>> {
    let Some(text) = pairs.get("order_by_fields") else { return Ok(Vec::new()) };
    split(text, b',').into_iter().map(one).collect()
}

/// The names under `key`, divided by commas.
pub(crate) fn names(pairs: Pairs<'_>, key: &str) -> Result<Vec<String>> {
    let Some(text) = pairs.get(key) else { return Ok(Vec::new()) };
    let named = |name: &str| match name.trim() {
        "" => Err(Error::invalid(format!("{key} [{text}] has an empty name"))),
        name => Ok(name.to_owned()),
    };
    split(text, b',').into_iter().map(named).collect()
}

fn one(text: &str) -> Result<OrderBy> {
    let mut parts = split(text, b':').into_iter().map(str::trim);
    let field = parts.next().unwrap_or_default();
    if field.is_empty() {
        return Err(Error::invalid(format!("order_by field [{text}] has no name")));
    }
    let mut words: Vec<String> = parts.map(str::to_lowercase).collect();
    let nulls_first = match words.last().map(String::as_str) {
        Some("nulls_first") => Some(true),
        Some("nulls_last") => Some(false),
        _ => None,
    };
    if nulls_first.is_some() {
        words.pop();
    }
    let descending = match words.as_slice() {
        [] => false,
        [direction] if direction == "asc" => false,
        [direction] if direction == "desc" => true,
        [direction] => {
            return Err(Error::invalid(format!(
                "invalid order direction '{direction}' for field '{field}', expected 'asc' or 'desc'"
            )));
        }
        [_, other, ..] => {
            return Err(Error::invalid(format!(
                "invalid null ordering '{other}' for field '{field}', expected 'nulls_first' or 'nulls_last'"
            )));
        }
    };
    let by = OrderBy::new(field, descending);
    Ok(OrderBy { nulls_first: nulls_first.unwrap_or(by.nulls_first), ..by })
}

/// The parts of a text between separators that stand neither in quotes nor in brackets.
fn split(text: &str, separator: u8) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut quote, mut escaped, mut depth) = (None, false, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[' | b'(') => depth += 1,
            (None, b']' | b')') => depth = depth.saturating_sub(1),
            (None, _) if byte == separator && depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::kv::pair;

    fn parse(text: &str) -> Result<Vec<OrderBy>> {
        order_by(Pairs(&[pair("order_by_fields", text)]))
    }

    #[test]
    fn nulls_stand_where_milvus_puts_them() -> Result<()> {
        let by =
            |field: &str, descending, nulls_first| OrderBy { field: field.into(), descending, nulls_first };
        assert_eq!(parse("a")?, [by("a", false, false)]);
        assert_eq!(parse("a:desc, b:ASC")?, [by("a", true, true), by("b", false, false)]);
        assert_eq!(parse("a:desc:nulls_last")?, [by("a", true, false)]);
        assert_eq!(parse("a:nulls_first")?, [by("a", false, true)]);
        assert_eq!(order_by(Pairs(&[]))?, []);
        Ok(())
    }

    #[test]
    fn separators_inside_names_divide_nothing() -> Result<()> {
        let fields: Vec<String> = parse(r#"j["a,b:c"]['d:"e']:desc,sum(x):asc,$meta["q\"],"]"#)?
            .into_iter()
            .map(|by| by.field)
            .collect();
        assert_eq!(fields, [r#"j["a,b:c"]['d:"e']"#, "sum(x)", r#"$meta["q\"],"]"#]);
        let names = names(Pairs(&[pair("group_by_fields", " a , j['x,y']")]), "group_by_fields")?;
        assert_eq!(names, ["a", "j['x,y']"]);
        Ok(())
    }

    #[test]
    fn bad_orders_are_named() {
        let message = |text: &str| parse(text).expect_err("a bad order").message().to_owned();
        assert_eq!(message("f:up"), "invalid order direction 'up' for field 'f', expected 'asc' or 'desc'");
        assert!(message("f:asc:first").starts_with("invalid null ordering 'first' for field 'f'"));
        for text in ["a,,b", ":desc", ","] {
            assert!(message(text).contains("has no name"), "{text}");
        }
        assert!(names(Pairs(&[pair("k", "a,,b")]), "k").is_err());
    }
}
