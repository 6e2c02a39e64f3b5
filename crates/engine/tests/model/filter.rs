//! Conditions on rows, decided one row at a time in three-valued logic.

use crate::reference::{Key, Row};
use elanus_types::Value;

/// A condition.
#[derive(Clone, Debug)]
pub enum Filter {
    All,
    Keys(Vec<Key>),
    After(Key),
    NumberAbove(i64),
    NumberIsNull(bool),
    TwiceNumberBelow(i64),
    Level(i64),
    LabelBegins(&'static str),
    Groups(Vec<Value>),
    RealBelow(i64),
    Flag(bool),
    ListHas(i64),
    ColorAbove(i64),
    Not(Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
}

impl Filter {
    pub fn matches(&self, key: &Key, row: &Row) -> bool {
        self.decide(key, row) == Some(true)
    }

    /// Nothing = unknown.
    fn decide(&self, key: &Key, row: &Row) -> Option<bool> {
        match self {
            Filter::All => Some(true),
            Filter::Keys(keys) => Some(keys.contains(key)),
            Filter::After(last) => Some(key > last),
            Filter::NumberAbove(least) => row.int("number").map(|number| number > *least),
            Filter::NumberIsNull(null) => Some(row.int("number").is_none() == *null),
            Filter::TwiceNumberBelow(most) => row.int("number").map(|number| number * 2 < *most),
            Filter::Level(level) => row.int("level").map(|stored| stored == *level),
            Filter::LabelBegins(start) => match row.cell("label") {
                Value::Str(label) => Some(label.starts_with(start)),
                _ => None,
            },
            Filter::Groups(groups) => Some(groups.contains(row.cell("group"))),
            Filter::RealBelow(most) => match row.cell("real") {
                Value::Float(real) => Some(*real < *most as f64),
                _ => None,
            },
            Filter::Flag(flag) => match row.cell("flag") {
                Value::Bool(stored) => Some(stored == flag),
                _ => None,
            },
            Filter::ListHas(item) => match row.cell("list") {
                Value::Array(items) => Some(items.contains(&Value::Int(*item))),
                _ => None,
            },
            Filter::ColorAbove(least) => match row.cell("$meta") {
                Value::Json(keys) => keys.get("color")?.as_i64().map(|color| color > *least),
                _ => None,
            },
            Filter::Not(inner) => inner.decide(key, row).map(|known| !known),
            Filter::And(a, b) => match (a.decide(key, row), b.decide(key, row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Filter::Or(a, b) => match (a.decide(key, row), b.decide(key, row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }

    /// As users write it.
    pub fn text(&self, text_keys: bool) -> String {
        let inner = |filter: &Filter| filter.text(text_keys);
        match self {
            Filter::All if text_keys => "key >= \"\"".to_owned(),
            Filter::All => "key >= 0".to_owned(),
            Filter::Keys(keys) => {
                let keys: Vec<_> = keys.iter().map(Key::literal).collect();
                format!("key in [{}]", keys.join(", "))
            }
            Filter::After(key) => format!("key > {}", key.literal()),
            Filter::NumberAbove(least) => format!("number > {least}"),
            Filter::NumberIsNull(true) => "number is null".to_owned(),
            Filter::NumberIsNull(false) => "number is not null".to_owned(),
            Filter::TwiceNumberBelow(most) => format!("number * 2 < {most}"),
            Filter::Level(level) => format!("level == {level}"),
            Filter::LabelBegins(start) => format!("label like \"{start}%\""),
            Filter::Groups(groups) => {
                let groups: Vec<_> = groups.iter().map(Value::to_string).collect();
                format!("group in [{}]", groups.join(", "))
            }
            Filter::RealBelow(most) => format!("real < {most}"),
            Filter::Flag(flag) => format!("flag == {flag}"),
            Filter::ListHas(item) => format!("array_contains(list, {item})"),
            Filter::ColorAbove(least) => format!("color > {least}"),
            Filter::Not(filter) => format!("not ({})", inner(filter)),
            Filter::And(a, b) => format!("({}) and ({})", inner(a), inner(b)),
            Filter::Or(a, b) => format!("({}) or ({})", inner(a), inner(b)),
        }
    }

    /// Whether it names keys and nothing else: such a delete does not read.
    pub fn is_literal(&self) -> bool {
        match self {
            Filter::Keys(_) => true,
            Filter::Not(inner) => matches!(&**inner, Filter::Not(inner) if inner.is_literal()),
            _ => false,
        }
    }
}
