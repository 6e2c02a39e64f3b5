//! The executable shape of a filter: names resolved, types checked, constants folded.

mod members;
mod show;
mod simplify;

use crate::ast::{Comparison, Step};
use crate::pattern::Pattern;
use elanus_geotime::geometry::{Near, Probe};
use elanus_geotime::time::Interval;
use elanus_types::{DataType, FieldId, Value};
pub(crate) use members::Members;
pub(crate) use show::show;
pub(crate) use simplify::{and, not, or};
use std::sync::Arc;

/// Where a value comes from in a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operand {
    pub(crate) field: FieldId,
    pub(crate) access: Access,
    /// The field can hold nulls.
    pub(crate) nullable: bool,
}

/// Which part of a field's value is meant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    /// A plain scalar.
    Scalar(DataType),
    /// `array[index]`, of this element type.
    Element(DataType, usize),
    /// A whole array of this element type.
    Array(DataType),
    /// A place in a JSON document; no steps = the document itself.
    Json(Vec<Step>),
    /// `array_length` of an array.
    ArrayLength,
    /// `array_length` of a place in a JSON document.
    JsonLength(Vec<Step>),
    /// A vector; only the grammar lets it in, every operation refuses it.
    Vector(DataType),
}

impl Operand {
    /// The type a comparison sees.
    pub(crate) fn data_type(&self) -> DataType {
        match &self.access {
            Access::Scalar(data_type) | Access::Element(data_type, _) | Access::Vector(data_type) => {
                *data_type
            }
            Access::Array(_) => DataType::Array,
            Access::Json(_) => DataType::Json,
            Access::ArrayLength | Access::JsonLength(_) => DataType::Int64,
        }
    }

    /// The type for messages: an array is known by its elements.
    pub(crate) fn shown_type(&self) -> DataType {
        match &self.access {
            Access::Array(element) => *element,
            _ => self.data_type(),
        }
    }

    /// Whether it is computed and not a column, a path or an element.
    pub(crate) fn is_length(&self) -> bool {
        matches!(self.access, Access::ArrayLength | Access::JsonLength(_))
    }
}

/// One condition over a row: true, false or unknown.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// The same answer for every row, nulls included.
    Known(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Something asked of one value; unknown where there is none.
    Test(Operand, Test),
    /// `left op right` over two fields.
    Fields(Operand, Comparison, Operand),
    /// The text of the first begins with that of the second.
    StartsWith(Operand, Operand),
    /// Something asked of the words of a text; only an index of words can answer.
    Text(Box<TextQuery>),
    /// The field holds no value; never unknown.
    IsNull(Operand),
    /// The JSON path leads to something that is not empty; never unknown.
    Exists(Operand),
    /// So many elements of a struct array pass; unknown where the row has none because it is null.
    Elements(Box<Elements>),
}

/// A condition over the elements of a struct array.
#[derive(Clone, Debug)]
pub(crate) struct Elements {
    /// A part of the struct array: its lists say how many elements each row has, and where it is null.
    pub(crate) lists: Operand,
    /// What is asked of an element; its operands are elements of the parts.
    pub(crate) condition: Node,
    pub(crate) count: Count,
}

/// How many elements of a row must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Any,
    All,
    Least(u64),
    Most(u64),
    Exactly(u64),
}

/// What is asked of a value. The constants have the type of the operand.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Compare(Comparison, Value),
    /// `low < value <= high`.
    Between(Limit, Limit),
    In(Members),
    Arithmetic(Box<Arithmetic>),
    /// LIKE and regular expressions.
    Match(Pattern),
    /// The array holds all or any of the members.
    Contains {
        all: bool,
        members: Members,
    },
    /// A moment, some time later, compared with another.
    Shifted(Shifted),
    /// A question about a shape.
    Shape(Arc<ShapeTest>),
}

/// `value + interval comparison moment`, by the calendar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shifted {
    pub(crate) interval: Interval,
    pub(crate) comparison: Comparison,
    pub(crate) moment: i64,
}

/// What is asked of a shape.
#[derive(Clone, Debug)]
pub(crate) enum ShapeTest {
    /// How it lies to another.
    Related(Probe),
    /// Whether it comes near a place.
    Near(Near),
    /// Whether it is sound.
    Valid,
}

/// A search for words in a field that has `enable_match`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TextQuery {
    pub(crate) operand: Operand,
    /// What to look for, not yet taken apart into words.
    pub(crate) text: String,
    pub(crate) words: Words,
}

/// How the words of a query must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// At least `minimum` of them, each as often as it stands in the query.
    Any { minimum: u32 },
    /// Any of them or a word at most `distance` edits away.
    Fuzzy { distance: u8 },
    /// All of them in order, out of place by `slop` in all.
    Phrase { slop: u32 },
}

impl TextQuery {
    /// The function of the language.
    pub(crate) fn function(&self) -> &'static str {
        match self.words {
            Words::Any { .. } => "text_match",
            Words::Fuzzy { .. } => "text_match_fuzzy",
            Words::Phrase { .. } => "phrase_match",
        }
    }
}

/// `value operator right`, compared with `result`.
#[derive(Clone, Debug)]
pub(crate) struct Arithmetic {
    pub(crate) operator: Operator,
    pub(crate) right: Value,
    pub(crate) comparison: Comparison,
    pub(crate) result: Value,
}

/// An arithmetic or bit operator a field can take part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    BitAnd,
    BitOr,
    BitXor,
}

impl Operator {
    pub(crate) fn from_sign(sign: &str) -> Option<Self> {
        Some(match sign {
            "+" => Operator::Add,
            "-" => Operator::Subtract,
            "*" => Operator::Multiply,
            "/" => Operator::Divide,
            "%" => Operator::Modulo,
            "&" => Operator::BitAnd,
            "|" => Operator::BitOr,
            "^" => Operator::BitXor,
            _ => return None,
        })
    }

    /// The operator as written.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Modulo => "%",
            Operator::BitAnd => "&",
            Operator::BitOr => "|",
            Operator::BitXor => "^",
        }
    }

    /// The verb Milvus uses in messages.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Operator::Add => "add",
            Operator::Subtract => "subtract",
            Operator::Multiply => "multiply",
            Operator::Divide => "divide",
            Operator::Modulo => "modulo",
            Operator::BitAnd | Operator::BitOr | Operator::BitXor => "bitwise operations",
        }
    }

    /// Whether it is defined on integers only.
    pub(crate) fn needs_integers(self) -> bool {
        matches!(self, Operator::Modulo | Operator::BitAnd | Operator::BitOr | Operator::BitXor)
    }

    /// Whether it refuses a zero on its right.
    pub(crate) fn divides(self) -> bool {
        matches!(self, Operator::Divide | Operator::Modulo)
    }

    /// Whether its sides can be exchanged.
    pub(crate) fn commutes(self) -> bool {
        !matches!(self, Operator::Subtract | Operator::Divide | Operator::Modulo)
    }

    /// 64-bit integers, wrapping; division truncates and gives 0 for a zero divisor, which binding refuses.
    #[inline]
    pub(crate) fn integers(self, left: i64, right: i64) -> i64 {
        match self {
            Operator::Add => left.wrapping_add(right),
            Operator::Subtract => left.wrapping_sub(right),
            Operator::Multiply => left.wrapping_mul(right),
            Operator::Divide if right != 0 => left.wrapping_div(right),
            Operator::Modulo if right != 0 => left.wrapping_rem(right),
            Operator::Divide | Operator::Modulo => 0,
            Operator::BitAnd => left & right,
            Operator::BitOr => left | right,
            Operator::BitXor => left ^ right,
        }
    }

    /// Doubles; operators on integers only give NaN, which compares with nothing.
    #[inline]
    pub(crate) fn doubles(self, left: f64, right: f64) -> f64 {
        match self {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            _ => f64::NAN,
        }
    }

    /// [`Operator::doubles`] in single precision.
    #[inline]
    pub(crate) fn singles(self, left: f32, right: f32) -> f32 {
        match self {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            _ => f32::NAN,
        }
    }
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) value: Value,
    pub(crate) inclusive: bool,
}
