//! Names that somebody may have meant.

use super::Binder;
use crate::ast::Node;
use crate::error::{Cause, Outcome};

/// Functions a filter can call.
const FUNCTIONS: &[&str] = &[
    "array_contains",
    "array_contains_all",
    "array_contains_any",
    "array_length",
    "element_filter",
    "empty",
    "json_contains",
    "json_contains_all",
    "json_contains_any",
    "match_all",
    "match_any",
    "match_exact",
    "match_least",
    "match_most",
    "phrase_match",
    "random_sample",
    "st_contains",
    "st_crosses",
    "st_dwithin",
    "st_equals",
    "st_intersects",
    "st_isvalid",
    "st_overlaps",
    "st_touches",
    "st_within",
    "starts_with",
    "text_match",
    "text_match_fuzzy",
];

impl Binder<'_> {
    /// The refusal of a field that does not exist.
    pub(super) fn no_field<T>(&self, node: &Node, name: &str) -> Outcome<T> {
        let known = self.schema.visible().map(|field| field.name.as_str());
        let structs = self.schema.structs.iter().map(|structure| structure.name.as_str());
        self.unknown(node, &format!("field {name} not exist"), nearest(name, known.chain(structs)))
    }

    /// The refusal of a function that does not exist for arguments of these types.
    pub(super) fn no_function<T>(&self, node: &Node, name: &str, types: &str) -> Outcome<T> {
        let meant = nearest(name, FUNCTIONS.iter().copied()).filter(|meant| *meant != name);
        self.unknown(node, &format!("function {name}({types}) not found"), meant)
    }

    fn unknown<T>(&self, node: &Node, what: &str, meant: Option<&str>) -> Outcome<T> {
        let before = self.text.get(..node.start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count();
        let meant = meant.map_or(String::new(), |meant| format!(", did you mean {meant}?"));
        Err(Cause::Invalid(format!("{what} at line {line}:{column}{meant}")))
    }
}

/// The known name that differs least, where that is little: a letter in three, counted by Damerau's four mistakes.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // Names can be long, and comparing takes the product of their lengths.
    const LONGEST: usize = 64;
    let length = name.chars().take(LONGEST + 1).count();
    let folded = name.to_lowercase();
    let distances = known
        .filter(|known| known.len() <= LONGEST && length <= LONGEST)
        .map(|known| (strsim::osa_distance(&folded, &known.to_lowercase()), known));
    let (distance, known) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= (length / 3).max(1)).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_types::input::FilterText;
    use elanus_types::{CollectionSchema, DataType, FieldSchema};

    #[test]
    fn refusals_name_place_and_likely_name() {
        let fields = vec![
            FieldSchema::new(100, "price", DataType::Int64),
            FieldSchema::new(101, "name", DataType::VarChar),
        ];
        let schema = CollectionSchema { fields, ..CollectionSchema::default() };
        for (text, cause) in [
            ("price > 1 and\n pirce < 3", "field pirce not exist at line 2:1, did you mean price?"),
            ("colour == 3", "field colour not exist at line 1:0: invalid"),
            ("price > 1 or start_with(name, \"a\")", "not found at line 1:13, did you mean starts_with?"),
        ] {
            let error = crate::compile(&FilterText::new(text), &schema).expect_err("refused");
            assert!(error.message().contains(cause), "{text}: {error}");
        }
    }

    #[test]
    fn names_that_differ_little_are_meant() {
        let known = ["price", "title", "id"];
        let meant = |name| nearest(name, known.iter().copied());
        assert_eq!(meant("pirce"), Some("price"));
        assert_eq!(meant("TITLE"), Some("title"));
        assert_eq!((meant("colour"), meant("")), (None, None));
        assert_eq!(meant(&"x".repeat(100_000)), None);
    }
}
