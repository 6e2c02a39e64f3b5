//! The shape of an expression, before it meets a schema.

use serde::{Deserialize, Serialize};

/// A parsed expression; made by [`crate::parse`].
#[derive(Clone, Debug)]
pub struct Expr {
    text: String,
    root: Node,
}

impl Expr {
    pub(crate) fn new(text: &str, root: Node) -> Self {
        Self { text: text.to_owned(), root }
    }

    /// The text it was parsed from.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }
}

/// One node and where its text stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Longest way down; bounded, so that walking (and dropping) a tree cannot exhaust the stack.
    pub(crate) depth: u32,
}

/// A step into a JSON document or an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// `["key"]`.
    Key(String),
    /// `[3]`.
    Index(usize),
}

/// An owned string literal, escapes still in it: LIKE and regex patterns want them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Literal {
    pub(crate) raw: String,
    pub(crate) verbatim: bool,
}

/// A part of a struct array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `$[part]`, of the element a predicate is about.
    Current(String),
    /// `struct[part]`, of all elements of a row.
    Whole(String, String),
    /// `struct[3][part]`, of one element.
    At(String, usize, String),
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Literal),
    List(Vec<Node>),
    /// `{name}`.
    Template(String),
    /// A field or a dynamic key.
    Name(String),
    /// A field with steps into it.
    Path(String, Vec<Step>),
    /// A part of a struct array.
    Part(Part),
    /// `iso '…'`: a moment.
    Iso(Literal),
    /// `interval '…'`: a length of time.
    Interval(Literal),
    /// `+ - ~ !`; `not` is `!`.
    Unary(&'static str, Box<Node>),
    /// Arithmetic and bit operators.
    Binary(&'static str, Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Range(Box<Chain>),
    Like(Box<Node>, Box<Node>),
    Regex {
        negated: bool,
        operand: Box<Node>,
        pattern: Box<Node>,
    },
    In {
        negated: bool,
        operand: Box<Node>,
        list: Box<Node>,
    },
    IsNull {
        negated: bool,
        operand: Box<Node>,
    },
    Exists(Box<Node>),
    Call(Box<Call>),
}

/// `low < middle <= high`, the smaller bound first whichever way it was written.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) low: Node,
    pub(crate) low_inclusive: bool,
    pub(crate) middle: Node,
    pub(crate) high: Node,
    pub(crate) high_inclusive: bool,
}

/// A call, of a reserved function or any other name.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// Reserved function names are known to the language; others only fail when they run.
    pub(crate) reserved: bool,
    pub(crate) arguments: Vec<Node>,
    /// `minimum_should_match = 2` and the like.
    pub(crate) options: Vec<(String, Node)>,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Comparison {
    pub(crate) fn from_sign(sign: &str) -> Option<Self> {
        Some(match sign {
            "==" => Comparison::Eq,
            "!=" => Comparison::Ne,
            "<" => Comparison::Lt,
            "<=" => Comparison::Le,
            ">" => Comparison::Gt,
            ">=" => Comparison::Ge,
            _ => return None,
        })
    }

    /// The operator as written.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Comparison::Eq => "==",
            Comparison::Ne => "!=",
            Comparison::Lt => "<",
            Comparison::Le => "<=",
            Comparison::Gt => ">",
            Comparison::Ge => ">=",
        }
    }

    /// The operator with its sides exchanged.
    pub(crate) fn flipped(self) -> Self {
        match self {
            Comparison::Lt => Comparison::Gt,
            Comparison::Le => Comparison::Ge,
            Comparison::Gt => Comparison::Lt,
            Comparison::Ge => Comparison::Le,
            same => same,
        }
    }

    /// Whether it asks for an order and not only for equality.
    pub(crate) fn is_order(self) -> bool {
        !matches!(self, Comparison::Eq | Comparison::Ne)
    }

    /// The answer for two values in `ordering`; `None` = not comparable (NaN), which is only ever unequal.
    #[inline]
    pub(crate) fn holds(self, ordering: Option<std::cmp::Ordering>) -> bool {
        match self {
            Comparison::Eq => ordering.is_some_and(std::cmp::Ordering::is_eq),
            Comparison::Ne => ordering.is_none_or(std::cmp::Ordering::is_ne),
            Comparison::Lt => ordering.is_some_and(std::cmp::Ordering::is_lt),
            Comparison::Le => ordering.is_some_and(std::cmp::Ordering::is_le),
            Comparison::Gt => ordering.is_some_and(std::cmp::Ordering::is_gt),
            Comparison::Ge => ordering.is_some_and(std::cmp::Ordering::is_ge),
        }
    }
}
