//! Expected lines against the answer.

use crate::script::Expected;
use crate::value::{show, values};
use serde_json::Value;
use std::collections::BTreeMap;

/// How far numbers may lie apart where a step does not say.
const TOLERANCE: f64 = 1e-5;

/// Values that a scenario remembers under a name.
pub type Variables = BTreeMap<String, Value>;

/// What a call answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Lines of values.
    Lines(Vec<Vec<Value>>),
    /// An error with its code.
    Error(String, String),
}

impl Answer {
    /// The answer as it would stand in a scenario.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Answer::Lines(lines) => lines.iter().map(|line| show(line)).collect(),
            Answer::Error(code, text) => vec![format!("error {code} {text}")],
        }
    }
}

/// Whether the answer is what was expected; names in place of values are filled in.
pub fn matches(expected: Option<&Expected>, got: &Answer, variables: &mut Variables) -> Result<bool, String> {
    let Some(expected) = expected else { return Ok(matches!(got, Answer::Lines(_))) };
    match (error(expected), got) {
        (Some((code, part)), Answer::Error(got, text)) => {
            Ok(code == got && text.contains(&with_variables(part, variables)))
        }
        (None, Answer::Lines(lines)) => same_lines(expected, lines, variables),
        _ => Ok(false),
    }
}

/// Code and part of the message of an expected error.
fn error(expected: &Expected) -> Option<(&str, &str)> {
    let [line] = expected.lines.as_slice() else { return None };
    let rest = line.strip_prefix("error ")?;
    Some(rest.split_once(' ').unwrap_or((rest, "")))
}

fn same_lines(expected: &Expected, got: &[Vec<Value>], variables: &mut Variables) -> Result<bool, String> {
    let mut wanted: Vec<Vec<Value>> = Vec::new();
    for line in &expected.lines {
        wanted.push(values(&with_variables(line, variables))?);
    }
    let mut got = got.to_vec();
    if expected.sorted {
        // The keys of objects may stand in any order, so lines are sorted by what is in them.
        wanted.sort_by_cached_key(|line| canonical(line));
        got.sort_by_cached_key(|line| canonical(line));
    }
    let tolerance = expected.tolerance.unwrap_or(TOLERANCE);
    let same = wanted.len() == got.len()
        && wanted.iter().zip(&got).all(|(wanted, got)| {
            wanted.len() == got.len()
                && wanted.iter().zip(got).all(|(wanted, got)| same(wanted, got, tolerance, variables))
        });
    Ok(same)
}

fn canonical(line: &[Value]) -> String {
    let mut line = line.to_vec();
    line.iter_mut().for_each(Value::sort_all_objects);
    show(&line)
}

fn same(wanted: &Value, got: &Value, tolerance: f64, variables: &mut Variables) -> bool {
    match (wanted, got) {
        (Value::String(name), got) if is_variable(name) => {
            variables.insert(name.trim_start_matches('$').to_owned(), got.clone());
            true
        }
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => near(a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN), tolerance),
        },
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, tolerance, variables))
        }
        (Value::Object(a), Value::Object(b)) => {
            let found = |(key, a)| b.get(key).is_some_and(|b| same(a, b, tolerance, variables));
            a.len() == b.len() && a.iter().all(found)
        }
        (a, b) => a == b,
    }
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

/// `$name`: a value to remember. The field of dynamic keys has a name like that too.
fn is_variable(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|name| {
        name != "meta" && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The text with every name that is known replaced by its value; the longest known name counts.
pub fn with_variables(text: &str, variables: &Variables) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known =
            variables.keys().filter(|name| part.starts_with(name.as_str())).max_by_key(|name| name.len());
        match known.and_then(|name| Some((variables.get(name)?, part.get(name.len()..)?))) {
            Some((Value::String(value), rest)) => out.extend([value.as_str(), rest]),
            Some((value, rest)) => out.extend([show(std::slice::from_ref(value)).as_str(), rest]),
            None => out.extend(["$", part]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: &str, expected: &str, got: &str) -> bool {
        let step = crate::script::steps(&format!("x\n----{rule}\n{expected}")).expect("reads").remove(0);
        let lines = got.lines().map(|line| values(line).expect("reads")).collect();
        matches(step.expected.as_ref(), &Answer::Lines(lines), &mut Variables::new()).expect("reads")
    }

    #[test]
    fn lines_are_compared_in_order_unless_sorted() {
        assert!(check("", "{id: 1, a: x}\n{id: 2}", "{a: x, id: 1}\n{id: 2}"));
        assert!(!check("", "{id: 2}\n{id: 1}", "{id: 1}\n{id: 2}"));
        assert!(check(" sorted", "{id: 2, a: 1}\n{id: 1}", "{id: 1}\n{a: 1, id: 2}"));
        for (expected, got) in
            [("1 0.5", "1"), ("1", "1\n2"), ("1\n2", "1"), ("", "1"), ("{a: 1}", "{a: 1, b: 2}")]
        {
            assert!(!check("", expected, got), "{expected} / {got}");
        }
    }

    #[test]
    fn numbers_have_a_tolerance_and_whole_ones_none() {
        assert!(check("", "1 0.3333333", "1 0.33333334"));
        assert!(!check("", "1 0.3334", "1 0.33333334"));
        assert!(check(" within 0.01", "1 0.3334", "1 0.33333334"));
        assert!(!check(" within 0.5", "9007199254740993", "9007199254740992"));
        assert!(check("", "1", "1.0"));
        assert!(!check("", "\"1\"", "1") && !check("", "null", "0"));
    }

    #[test]
    fn names_remember_what_they_met() -> Result<(), String> {
        let step = crate::script::steps("x\n----\nids $a $b\n")?.remove(0);
        let mut variables = Variables::from([("db".to_owned(), "books".into())]);
        let got = Answer::Lines(vec![values("ids 7 [1]")?]);
        assert!(matches(step.expected.as_ref(), &got, &mut variables)?);
        let filled = with_variables("id in [$a] $b $c $meta $db_two", &variables);
        assert_eq!(filled, "id in [7] [1] $c $meta books_two");
        Ok(())
    }

    #[test]
    fn errors_match_by_code_and_part_of_the_message() -> Result<(), String> {
        let mut none = Variables::new();
        let got = Answer::Error("100".into(), "collection not found[database=d]".into());
        for (text, same) in [
            ("error 100 not found", true),
            ("error 100", true),
            ("error 10 not found", false),
            ("error 100 found not", false),
            ("ok", false),
        ] {
            let step = crate::script::steps(&format!("x\n----\n{text}"))?.remove(0);
            assert_eq!(matches(step.expected.as_ref(), &got, &mut none)?, same, "{text}");
        }
        assert!(!matches(None, &got, &mut none)?, "an error is never expected silently");
        Ok(())
    }
}
