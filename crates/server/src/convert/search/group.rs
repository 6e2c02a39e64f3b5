//! Grouping as sent.

use crate::convert::kv::Pairs;
use elanus_types::search::GroupBy;
use elanus_types::{Error, ErrorKind, Result};

/// A grouping, if any.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Grouping {
    /// The field and sizes.
    pub by: Option<GroupBy>,
    /// Asked for with the key that takes several fields; the answer's form differs.
    pub as_list: bool,
}

/// Group-by from search or rank parameters.
pub(crate) fn group_by(pairs: Pairs<'_>) -> Result<Grouping> {
    let single = pairs.get("group_by_field");
    let Some(field) = single.or_else(|| pairs.get("group_by_fields")) else { return Ok(Grouping::default()) };
    if field.contains(',') {
        let message = format!("grouping by several fields ({field}) is not supported: name one field");
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let by = GroupBy {
        field: field.trim().to_owned(),
        size: size(pairs)?,
        strict: pairs.flag("strict_group_size")?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::kv::pair;

    #[test]
    fn groups_in_both_spellings() -> Result<()> {
        assert_eq!(group_by(Pairs(&[pair("group_size", "3")]))?, Grouping::default());
        let by = GroupBy { field: "color".into(), size: 3, strict: true };
        for (key, as_list) in [("group_by_field", false), ("group_by_fields", true)] {
            let pairs = [pair(key, "color"), pair("group_size", "3"), pair("strict_group_size", "True")];
            assert_eq!(group_by(Pairs(&pairs))?, Grouping { by: Some(by.clone()), as_list });
        }
        Ok(())
    }

    #[test]
    fn bad_groups_are_named() {
        let message = |pairs: &[_]| group_by(Pairs(pairs)).expect_err("a bad group-by").message().to_owned();
        assert!(message(&[pair("group_by_fields", "a,b")]).contains("several fields (a,b)"));
        for size in ["0", "-1"] {
            let text = message(&[pair("group_by_field", "a"), pair("group_size", size)]);
            assert!(text.starts_with(&format!("input group size:{size} is negative")), "{text}");
        }
        assert!(message(&[pair("group_by_field", "a"), pair("group_size", "x")]).contains("group_size [x]"));
    }
}
