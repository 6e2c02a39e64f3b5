//! One parameter of an index type: its shape, its range and how a value is read.

use elanus_types::{Error, Result};
use serde_json::Value;

/// What values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A whole number.
    Integer {
        /// Smallest legal value.
        min: i64,
        /// Largest legal value.
        max: i64,
    },
    /// A number.
    Float {
        /// Smallest legal value.
        min: f64,
        /// Largest legal value.
        max: f64,
    },
    /// True or false.
    Bool,
    /// Any text; the index type decides what it knows.
    Text,
}

/// A parameter as declared in the table of index types.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Name as sent.
    pub name: &'static str,
    /// Legal values.
    pub shape: Shape,
    /// What is used when it is not given; `None` where that depends on other things.
    pub default: Option<&'static str>,
    /// Building without it is an error.
    pub required: bool,
    /// What it does here.
    pub help: &'static str,
}

impl Parameter {
    /// Checks a value that came as text, as all build parameters do.
    pub fn check_text(&self, text: &str) -> Result<()> {
        match self.shape {
            Shape::Integer { .. } => self.integer(text).map(|_| ()),
            Shape::Float { min, max } => {
                let value: f64 = text.trim().parse().map_err(|_| self.unreadable("float", text))?;
                let (low, high) = (format!("{min:.6}"), format!("{max:.6}"));
                self.within(&format!("{value:.6}"), (min..=max).contains(&value), low, high)
            }
            Shape::Bool => {
                let known = ["true", "True", "TRUE", "false", "False", "FALSE"];
                known.contains(&text).then_some(()).ok_or_else(|| self.conflict(text, "boolean"))
            }
            Shape::Text => Ok(()),
        }
    }

    /// Checks a value of a search request's JSON.
    pub fn check_json(&self, value: &Value) -> Result<()> {
        match (self.shape, value) {
            (_, Value::String(text)) => self.check_text(text),
            (Shape::Integer { .. }, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                self.check_text(&number.to_string())
            }
            (Shape::Integer { .. }, _) => Err(self.conflict(value, "integer")),
            (Shape::Float { .. }, Value::Number(number)) => self.check_text(&number.to_string()),
            (Shape::Float { .. }, _) => Err(self.conflict(value, "number")),
            (Shape::Bool, Value::Bool(_)) => Ok(()),
            (Shape::Bool, _) => Err(self.conflict(value, "boolean")),
            (Shape::Text, _) => Err(self.conflict(value, "string")),
        }
    }

    /// Reads and checks a whole number.
    pub fn integer(&self, text: &str) -> Result<i64> {
        let (min, max) = match self.shape {
            Shape::Integer { min, max } => (min, max),
            _ => (i64::MIN, i64::MAX),
        };
        let name = self.name;
        let text = text.trim_start();
        let sign = text.len() - text.trim_start_matches(['-', '+']).len();
        let digits = sign + text[sign..].chars().take_while(char::is_ascii_digit).count();
        if sign > 1 || digits == sign {
            return Err(self.unreadable("integer", text));
        }
        let value = text[..digits].parse::<i64>().ok().filter(|value| i32::try_from(*value).is_ok());
        let value = value.ok_or_else(|| {
            Error::invalid(format!(
                "integer value out of range, key: '{name}', value: '{text}': invalid parameter"
            ))
        })?;
        if digits < text.len() {
            return Err(Error::invalid(format!("wrong data type in json, key: '{name}', value: '{text}'")));
        }
        self.within(text, (min..=max).contains(&value), min, max)?;
        Ok(value)
    }

    fn within(
        &self,
        text: &str,
        is: bool,
        min: impl std::fmt::Display,
        max: impl std::fmt::Display,
    ) -> Result<()> {
        let name = self.name;
        is.then_some(()).ok_or_else(|| {
            Error::invalid(format!(
                "Out of range in json: param '{name}' ({text}) should be in range [{min}, {max}]"
            ))
        })
    }

    fn conflict(&self, value: impl std::fmt::Display, wanted: &str) -> Error {
        Error::invalid(format!("Type conflict in json: param '{}' ({value}) should be {wanted}", self.name))
    }

    fn unreadable(&self, wanted: &str, text: &str) -> Error {
        Error::invalid(format!(
            "invalid {wanted} value, key: '{}', value: '{text}': invalid parameter",
            self.name
        ))
    }
}
