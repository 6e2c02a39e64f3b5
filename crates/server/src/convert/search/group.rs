//! Grouping as sent.

use crate::convert::kv::Pairs;
use crate::convert::order::names;
use elanus_types::search::{GroupBy, GroupScorer, JsonGroup};
use elanus_types::{DataType, Error, Result};

/// A grouping, if any.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Grouping {
    /// The fields and sizes.
    pub by: Option<GroupBy>,
    /// Asked for with the key that takes several fields; the answer's form differs.
    pub as_list: bool,
}

/// Group-by from search or rank parameters.
pub(crate) fn group_by(pairs: Pairs<'_>) -> Result<Grouping> {
    let single = pairs.get("group_by_field");
    let list = names(pairs, "group_by_fields")?;
    let fields = match single {
        Some(_) if !list.is_empty() => {
            return Err(Error::invalid(
                "group_by_field and group_by_fields are mutually exclusive, give one of them",
            ));
        }
        Some(field) => vec![field.trim().to_owned()],
        None if list.is_empty() => return Ok(Grouping::default()),
        None => list,
    };
    let by = GroupBy {
        fields,
        size: size(pairs)?,
        strict: pairs.flag("strict_group_size")?,
        json: json(pairs)?,
        scorer: scorer(pairs)?,
    };
    Ok(Grouping { by: Some(by), as_list: single.is_none() })
}

fn size(pairs: Pairs<'_>) -> Result<usize> {
    let size = pairs.int("group_size")?.unwrap_or(1);
    usize::try_from(size).ok().filter(|size| *size > 0).ok_or_else(|| {
        Error::invalid(format!(
            "input group size:{size} is negative, failed to do search_groupby: it must be positive"
        ))
    })
}

fn json(pairs: Pairs<'_>) -> Result<JsonGroup> {
    let data_type = pairs.get("json_type").map(|name| {
        let known = DataType::ALL.iter().copied().find(|known| known.name() == name);
        known.filter(|t| t.is_integer() || matches!(t, DataType::Bool | DataType::VarChar)).ok_or_else(|| {
            Error::invalid(format!(
                "unsupported json cast type: {name}, use Bool, Int8, Int16, Int32, Int64 or VarChar"
            ))
        })
    });
    Ok(JsonGroup {
        path: pairs.get("json_path").map(str::to_owned),
        data_type: data_type.transpose()?,
        strict: pairs.flag("strict_cast")?,
    })
}

fn scorer(pairs: Pairs<'_>) -> Result<GroupScorer> {
    match pairs.get("rank_group_scorer") {
        None | Some("max") => Ok(GroupScorer::Max),
        Some("sum") => Ok(GroupScorer::Sum),
        Some("avg") => Ok(GroupScorer::Avg),
        Some(other) => Err(Error::invalid(format!(
            "input group scorer type: {other} is not supported, use max, sum or avg"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::kv::pair;

    #[test]
    fn groups_in_both_spellings() -> Result<()> {
        assert_eq!(group_by(Pairs(&[pair("group_size", "3")]))?, Grouping::default());
        let by = GroupBy { size: 3, strict: true, ..GroupBy::new("color") };
        for (key, as_list) in [("group_by_field", false), ("group_by_fields", true)] {
            let pairs = [pair(key, "color"), pair("group_size", "3"), pair("strict_group_size", "True")];
            assert_eq!(group_by(Pairs(&pairs))?, Grouping { by: Some(by.clone()), as_list });
        }
        Ok(())
    }

    #[test]
    fn several_fields_and_places_in_json() -> Result<()> {
        let pairs = [
            pair("group_by_fields", "a, b"),
            pair("json_path", "j[\"x\"]"),
            pair("json_type", "Int64"),
            pair("strict_cast", "True"),
            pair("rank_group_scorer", "avg"),
        ];
        let json =
            JsonGroup { path: Some("j[\"x\"]".into()), data_type: Some(DataType::Int64), strict: true };
        let fields = vec!["a".to_owned(), "b".to_owned()];
        let by = GroupBy { fields, json, scorer: GroupScorer::Avg, ..GroupBy::new("") };
        assert_eq!(group_by(Pairs(&pairs))?.by, Some(by));
        Ok(())
    }

    #[test]
    fn bad_groups_are_named() {
        let message = |pairs: &[_]| group_by(Pairs(pairs)).expect_err("a bad group-by").message().to_owned();
        assert!(message(&[pair("group_by_field", "a"), pair("group_by_fields", "b")]).contains("exclusive"));
        assert!(message(&[pair("group_by_fields", "a,,b")]).contains("empty name"));
        for size in ["0", "-1"] {
            let text = message(&[pair("group_by_field", "a"), pair("group_size", size)]);
            assert!(text.starts_with(&format!("input group size:{size} is negative")), "{text}");
        }
        assert!(message(&[pair("group_by_field", "a"), pair("group_size", "x")]).contains("group_size [x]"));
        let json_type = message(&[pair("group_by_field", "a"), pair("json_type", "Float")]);
        assert!(json_type.starts_with("unsupported json cast type: Float"), "{json_type}");
        let scorer = message(&[pair("group_by_field", "a"), pair("rank_group_scorer", "min")]);
        assert!(scorer.starts_with("input group scorer type: min is not supported"), "{scorer}");
    }
}
