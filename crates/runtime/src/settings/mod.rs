//! Settings, declared once as data: the table in [`table`] is what files, environment variables, flags, the
//! printed list and every error about them come from.

mod kind;
mod load;
pub mod table;

pub use kind::{Kind, Value};
pub use load::Source;
pub use table::ALL;

use elanus_types::{Error, Result};
use std::collections::BTreeMap;
use std::fmt;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Name in files and on the command line; a dot separates the table from the key.
    pub name: &'static str,
    /// What values are legal.
    pub kind: Kind,
    /// Default, as a user would write it.
    pub default: &'static str,
    /// What it does, in a sentence or two.
    pub help: &'static str,
}

impl Setting {
    /// The name of its environment variable.
    pub fn variable(&self) -> String {
        format!("ELANUS_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// Reads a value as a user writes it.
    pub fn parse(&self, text: &str) -> Result<Value> {
        self.kind.parse(text).map_err(|expected| self.wrong(&format!("{text:?}"), &expected))
    }

    fn wrong(&self, value: &str, expected: &str) -> Error {
        Error::invalid(format!("setting {}: {value} is not legal, expected {expected}", self.name))
    }
}

/// The value of every setting and where each came from.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    chosen: BTreeMap<&'static str, (Value, Source)>,
}

impl Settings {
    /// A text or a choice.
    pub fn text(&self, setting: &Setting) -> String {
        self.value(setting).to_string()
    }

    /// A number, a size in bytes or a time in milliseconds; 0 for any other kind.
    pub fn count(&self, setting: &Setting) -> u64 {
        match self.value(setting) {
            Value::Count(count) | Value::Bytes(count) | Value::Millis(count) => count,
            Value::Flag(_) | Value::Text(_) => 0,
        }
    }

    /// On or off.
    pub fn flag(&self, setting: &Setting) -> bool {
        self.value(setting) == Value::Flag(true)
    }

    /// The value in force.
    pub fn value(&self, setting: &Setting) -> Value {
        let chosen = self.chosen.get(setting.name).map(|(value, _)| value.clone());
        chosen.unwrap_or_else(|| setting.kind.parse(setting.default).unwrap_or(Value::Text(String::new())))
    }

    /// Where the value came from.
    pub fn source(&self, setting: &Setting) -> Source {
        self.chosen.get(setting.name).map_or(Source::Default, |(_, source)| source.clone())
    }

    /// Sets one by its name, over whatever was set before.
    pub fn set(&mut self, name: &str, value: &str, source: Source) -> Result<()> {
        let setting = find(name)?;
        let value = setting.parse(value)?;
        self.chosen.insert(setting.name, (value, source));
        Ok(())
    }
}

/// All settings, one paragraph each.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, setting) in ALL.iter().enumerate() {
            let gap = if number == 0 { "" } else { "\n" };
            let (value, source) = (self.value(setting), self.source(setting));
            writeln!(f, "{gap}{} = {value}    # from {source}", setting.name)?;
            writeln!(f, "    {}", setting.help.trim())?;
            let default = match setting.default {
                "" => "none",
                default => default,
            };
            writeln!(f, "    default {default}; {}; environment {}", setting.kind, setting.variable())?;
        }
        Ok(())
    }
}

/// The setting with this name, or an error that proposes the nearest one.
pub fn find(name: &str) -> Result<&'static Setting> {
    if let Some(setting) = ALL.iter().find(|setting| setting.name == name) {
        return Ok(setting);
    }
    let nearest = ALL.iter().map(|setting| (distance(name, setting.name), setting.name)).min();
    let hint = match nearest {
        Some((steps, nearest)) if steps * 2 <= nearest.len() => format!("; did you mean {nearest}?"),
        _ => "; `elanus config` lists all".to_owned(),
    };
    Err(Error::invalid(format!("no setting is called {name}{hint}")))
}

/// Letters to insert, remove or replace to get from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
