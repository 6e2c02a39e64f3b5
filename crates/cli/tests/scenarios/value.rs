//! Values as scenarios write them: JSON in which plain words need no quotes.

use serde_json::{Map, Value};

/// Reads values one after the other.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character after blanks; `None` at the end.
    pub fn peek(&mut self) -> Option<char> {
        let blanks = self.rest().len() - self.rest().trim_start().len();
        self.at += blanks;
        self.rest().chars().next()
    }

    /// Whether the line ends before anything else comes.
    pub fn line_ends(&self) -> bool {
        self.rest().trim_start_matches([' ', '\t']).starts_with('\n') || self.rest().trim().is_empty()
    }

    /// The next value; a word outside of containers ends at a blank only.
    pub fn value(&mut self) -> Result<Value, String> {
        self.parse("")
    }

    fn parse(&mut self, stops: &str) -> Result<Value, String> {
        match self.peek() {
            None => Err("a value is missing at the end".to_owned()),
            Some('{') => self.object(),
            Some('[') => self.list(),
            Some('"') => self.quoted().map(Value::String),
            Some(_) => Ok(plain(self.word(stops))),
        }
    }

    fn word(&mut self, stops: &str) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || stops.contains(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut stream = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        let text = stream.next().unwrap_or_else(|| Ok(String::new()));
        let text = text.map_err(|error| format!("{error} in {}", self.rest().lines().next().unwrap_or("")));
        self.at += stream.byte_offset();
        text
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    fn list(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        self.take('[');
        while !self.take(']') {
            items.push(self.parse(",]}")?);
            self.separator(']')?;
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut map = Map::new();
        self.take('{');
        while !self.take('}') {
            let key = match self.peek() {
                Some('"') => self.quoted()?,
                _ => self.word(",]}:").to_owned(),
            };
            if key.is_empty() || !self.take(':') {
                return Err(format!("expected `key: value`, found {key:?} before {:?}", short(self.rest())));
            }
            map.insert(key, self.parse(",]}")?);
            self.separator('}')?;
        }
        Ok(Value::Object(map))
    }

    fn separator(&mut self, end: char) -> Result<(), String> {
        match self.peek() {
            Some(',') => self.take(','),
            Some(found) if found == end => true,
            _ => return Err(format!("expected , or {end} before {:?}", short(self.rest()))),
        };
        Ok(())
    }
}

fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

/// A number, a literal, or the word itself.
pub fn plain(word: &str) -> Value {
    match serde_json::from_str::<Value>(word) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => value,
        _ => Value::String(word.to_owned()),
    }
}

/// All values of a text.
pub fn values(text: &str) -> Result<Vec<Value>, String> {
    let mut reader = Reader::new(text);
    let mut values = Vec::new();
    while reader.peek().is_some() {
        values.push(reader.value()?);
    }
    Ok(values)
}

/// Values as one line that reads back the same.
pub fn show(values: &[Value]) -> String {
    values.iter().map(show_one).collect::<Vec<_>>().join(" ")
}

fn show_one(value: &Value) -> String {
    match value {
        Value::String(text) if is_word(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(show_one).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let key =
                |key: &String| if is_word(key) { key.clone() } else { Value::from(key.as_str()).to_string() };
            let pairs = map.iter().map(|(name, value)| format!("{}: {}", key(name), show_one(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether a text may stand without quotes and come back as a text.
fn is_word(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || "_$".contains(c));
    let goes_on = text.chars().all(|c| c.is_ascii_alphanumeric() || "_$.<>()-".contains(c));
    begins && goes_on && matches!(plain(text), Value::String(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_need_no_quotes() {
        let read = values(r#"ok 1 -2.5 {id: 1, "a b": [x, "y z", null, true], 7: {}} array<int64>(4) """#);
        let expected = vec![
            json!("ok"),
            json!(1),
            json!(-2.5),
            json!({"id": 1, "a b": ["x", "y z", null, true], "7": {}}),
            json!("array<int64>(4)"),
            json!(""),
        ];
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn what_is_shown_reads_back() {
        let all = [
            json!({"a": [1, 2.5, "x y", "true", "1", ""], "b c": {"d": null}}),
            json!("word"),
            json!("a\nb"),
        ];
        assert_eq!(values(&show(&all)).as_deref(), Ok(&all[..]));
    }

    #[test]
    fn mistakes_are_named() {
        for text in ["{a}", "{a: 1", "[1 2]", "{: 1}", "\"open", "{a: 1]"] {
            assert!(values(text).is_err(), "{text}");
        }
    }
}
