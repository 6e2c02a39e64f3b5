//! The text of a scenario, cut into steps.

use crate::value::Reader;
use serde_json::{Map, Value};

/// Between a call and what is expected of it.
const RULE: &str = "----";

/// One call and its expected answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where the call begins, counted from 1.
    pub line: usize,
    /// The call as written.
    pub text: String,
    /// What is expected; without it any success will do.
    pub expected: Option<Expected>,
}

/// The block below the rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// Where its first line is or would be, counted from 1.
    pub line: usize,
    /// Lines may come in any order.
    pub sorted: bool,
    /// How far numbers may lie apart, relative to the larger and to 1.
    pub tolerance: Option<f64>,
    /// The lines.
    pub lines: Vec<String>,
}

/// Reads a file: steps are divided by empty lines, lines that begin with # are comments.
pub fn steps(text: &str) -> Result<Vec<Step>, String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut steps = Vec::new();
    let mut block: Vec<(usize, &str)> = Vec::new();
    for (number, line) in lines.iter().chain([&""]).enumerate() {
        if !line.trim().is_empty() {
            if !line.starts_with('#') {
                block.push((number + 1, line));
            }
        } else if !block.is_empty() {
            steps.push(step(&block)?);
            block.clear();
        }
    }
    Ok(steps)
}

fn step(block: &[(usize, &str)]) -> Result<Step, String> {
    let rule = block.iter().position(|(_, line)| line.starts_with(RULE));
    let (call, below) = block.split_at(rule.unwrap_or(block.len()));
    let Some((line, _)) = call.first() else {
        let line = block.first().map_or(0, |(line, _)| *line);
        return Err(format!("line {line}: no call stands above {RULE}"));
    };
    let text = call.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
    let expected = match below.split_first() {
        None => None,
        Some(((at, rule), lines)) => Some(expected(*at, rule, lines)?),
    };
    Ok(Step { line: *line, text, expected })
}

fn expected(at: usize, rule: &str, lines: &[(usize, &str)]) -> Result<Expected, String> {
    let lines = lines.iter().map(|(_, line)| (*line).to_owned()).collect();
    let mut expected = Expected { line: at + 1, lines, ..Expected::default() };
    let mut words = rule.trim_start_matches('-').split_whitespace();
    while let Some(word) = words.next() {
        match (word, words.clone().next().and_then(|number| number.parse().ok())) {
            ("sorted", _) => expected.sorted = true,
            ("within", Some(number)) => {
                expected.tolerance = Some(number);
                words.next();
            }
            _ => return Err(format!("line {at}: {word} is not known, use `sorted` or `within NUMBER`")),
        }
    }
    Ok(expected)
}

/// A call in its parts: `verb word… {arguments}`, then its body.
#[derive(Debug, PartialEq)]
pub struct Call {
    /// What to call.
    pub verb: String,
    /// Names that follow it.
    pub words: Vec<String>,
    /// Named arguments.
    pub arguments: Map<String, Value>,
    /// The lines below: rows or fields.
    pub body: String,
}

/// Reads a call.
pub fn call(text: &str) -> Result<Call, String> {
    let mut reader = Reader::new(text);
    let mut words = Vec::new();
    let mut arguments = Map::new();
    while !reader.line_ends() {
        match reader.value()? {
            Value::Object(map) => {
                arguments = map;
                break;
            }
            Value::String(word) => words.push(word),
            other => words.push(other.to_string()),
        }
    }
    if words.is_empty() {
        return Err("the call has no name".to_owned());
    }
    let verb = words.remove(0);
    Ok(Call { verb, words, arguments, body: reader.rest().trim_start().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_file_is_cut_into_steps() -> Result<(), String> {
        let text = "# about\n\nload x\n\n# note\nquery x {limit: 1}\n---- sorted within 0.1\n{id: 1}\n# not a row\n{id: 2}\n";
        let steps = steps(text)?;
        assert_eq!(steps.len(), 2);
        assert_eq!((steps[0].line, steps[0].text.as_str(), &steps[0].expected), (3, "load x", &None));
        let expected = Expected {
            line: 8,
            sorted: true,
            tolerance: Some(0.1),
            lines: vec!["{id: 1}".to_owned(), "{id: 2}".to_owned()],
        };
        assert_eq!((steps[1].line, &steps[1].expected), (6, &Some(expected)));
        Ok(())
    }

    #[test]
    fn nothing_may_be_expected_of_a_call() -> Result<(), String> {
        let expected = steps("list x\n----\n")?.remove(0).expected;
        assert_eq!(expected.map(|expected| expected.lines), Some(Vec::new()));
        Ok(())
    }

    #[test]
    fn mistakes_name_their_line() {
        assert_eq!(steps("\n\n----\nok").expect_err("no call").split(':').next(), Some("line 3"));
        assert!(steps("a\n---- shuffled\nok").expect_err("no such word").contains("shuffled"));
        assert!(steps("a\n---- within\nok").is_err());
    }

    #[test]
    fn a_call_has_words_arguments_and_a_body() -> Result<(), String> {
        let read = call("insert \"a b\" 7 {partition: p,\n  n: 1}\n{id: 1}\n{id: 2}")?;
        assert_eq!((read.verb.as_str(), read.words.join("|")), ("insert", "a b|7".to_owned()));
        assert_eq!(Value::Object(read.arguments), json!({"partition": "p", "n": 1}));
        assert_eq!(read.body, "{id: 1}\n{id: 2}");
        let read = call("create_collection x\nid int64 primary")?;
        assert_eq!((read.words.len(), read.arguments.len(), read.body.as_str()), (1, 0, "id int64 primary"));
        assert!(call("{a: 1}").is_err());
        Ok(())
    }
}
