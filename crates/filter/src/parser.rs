//! Tokens to a tree: operator precedence climbing over the grammar's eighteen levels.
//!
//! `not` binds tighter than comparisons and `in`, bit operators looser than comparisons, and `**` is left
//! associative: the language is what it is, and users' filters depend on it.

mod primary;

use crate::ast::{Chain, Comparison, Expr, Kind, Node, Step};
use crate::error::{Cause, Outcome, invalid};
use crate::lexer::{Spanned, Token, located, tokens};

/// Deepest nesting of an expression.
pub(crate) const MAX_DEPTH: u32 = 200;

/// How tightly operators bind; a larger number is tighter.
mod power {
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const BIT_OR: u8 = 3;
    pub(super) const BIT_XOR: u8 = 4;
    pub(super) const BIT_AND: u8 = 5;
    pub(super) const EQUALITY: u8 = 6;
    pub(super) const ORDER: u8 = 7;
    pub(super) const RANGE: u8 = 8;
    pub(super) const IN: u8 = 9;
    pub(super) const SHIFT: u8 = 10;
    pub(super) const SUM: u8 = 11;
    pub(super) const PRODUCT: u8 = 12;
    pub(super) const UNARY: u8 = 13;
    pub(super) const POWER: u8 = 14;
    pub(super) const NOT_MATCH: u8 = 15;
    pub(super) const MATCH: u8 = 16;
    pub(super) const LIKE: u8 = 17;
    pub(super) const EXISTS: u8 = 18;
}

/// Parses a whole expression.
pub(crate) fn parse(text: &str) -> Outcome<Expr> {
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, nesting: 0 };
    let root = parser.expression(0)?;
    match parser.token() {
        Token::End => Ok(Expr::new(text, root)),
        _ => {
            let short: String = text.chars().take(200).collect();
            invalid(format!("invalid expression: {short}"))
        }
    }
}

/// Reads a name alone or with steps, and nothing else.
pub(crate) fn json_path(text: &str) -> Option<(String, Vec<Step>)> {
    match &parse(text).ok()?.root().kind {
        Kind::Name(name) => Some((name.clone(), Vec::new())),
        Kind::Path(name, steps) => Some((name.clone(), steps.clone())),
        _ => None,
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Spanned<'t>>,
    at: usize,
    nesting: u32,
}

impl<'t> Parser<'t> {
    fn ahead(&self, by: usize) -> Spanned<'t> {
        let end = Spanned { token: Token::End, start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at + by).copied().unwrap_or(end)
    }

    fn token(&self) -> Token<'t> {
        self.ahead(0).token
    }

    fn is_sign(&self, by: usize, sign: &str) -> bool {
        matches!(self.ahead(by).token, Token::Sign(found) if found == sign)
    }

    fn accept(&mut self, sign: &str) -> bool {
        let found = self.is_sign(0, sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Outcome<()> {
        if self.accept(sign) {
            return Ok(());
        }
        let found = self.ahead(0);
        let message = format!("mismatched input '{}' expecting '{sign}'", self.shown(found));
        invalid(located(self.text, found.start, &message))
    }

    /// The text of a token for messages.
    fn shown(&self, spanned: Spanned<'t>) -> &'t str {
        match spanned.token {
            Token::End => "<EOF>",
            _ => self.text.get(spanned.start..spanned.end).unwrap_or(""),
        }
    }

    /// The failure at the present token; `begun` is the operator that led here, when it takes part.
    fn no_alternative<T>(&self, begun: &str) -> Outcome<T> {
        let found = self.ahead(0);
        let message = format!("no viable alternative at input '{begun}{}'", self.shown(found));
        invalid(located(self.text, found.start, &message))
    }

    /// Makes a node that spans from `start` to the last token read.
    fn node(&self, kind: Kind, start: usize, depth: u32) -> Outcome<Node> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        let end = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(start, |last| last.end);
        Ok(Node { kind, start, end, depth })
    }

    /// An expression whose operators all bind at least as tightly as `minimum`.
    fn expression(&mut self, minimum: u8) -> Outcome<Node> {
        self.nesting += 1;
        if self.nesting > MAX_DEPTH {
            return Err(too_deep());
        }
        let mut left = self.primary()?;
        while let Some(infix) = self.infix().filter(|infix| infix.power() >= minimum) {
            left = self.extend(left, infix)?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    /// The operator at the present token, when one stands there.
    fn infix(&self) -> Option<Infix> {
        let infix = match self.token() {
            Token::Word("or") | Token::Sign("||") => Infix::Or,
            Token::Word("and") | Token::Sign("&&") => Infix::And,
            Token::Word("like") => Infix::Like,
            Token::Word("in") => Infix::In { negated: false },
            Token::Word("not") if self.ahead(1).token == Token::Word("in") => Infix::In { negated: true },
            Token::Sign("=~") => Infix::Regex { negated: false },
            Token::Sign("!~") => Infix::Regex { negated: true },
            Token::Sign(sign) => match Comparison::from_sign(sign) {
                Some(comparison) if comparison.is_order() && self.is_chain(comparison) => {
                    Infix::Range(comparison)
                }
                Some(comparison) => Infix::Compare(comparison, sign),
                None => Infix::Binary(sign, binary_power(sign)?),
            },
            _ => return None,
        };
        Some(infix)
    }

    /// Whether `comparison` at the present token begins `… < name < …`.
    fn is_chain(&self, comparison: Comparison) -> bool {
        let Token::Sign(second) = self.ahead(2).token else { return false };
        let middle = matches!(self.ahead(1).token, Token::Name(_) | Token::Path(_) | Token::Part(_));
        let same_way = match comparison {
            Comparison::Lt | Comparison::Le => matches!(second, "<" | "<="),
            _ => matches!(second, ">" | ">="),
        };
        middle && same_way
    }

    fn extend(&mut self, left: Node, infix: Infix) -> Outcome<Node> {
        let start = left.start;
        self.at += if infix == (Infix::In { negated: true }) { 2 } else { 1 };
        match infix {
            Infix::Or => self.junction(left, infix),
            Infix::And => self.junction(left, infix),
            Infix::Range(comparison) => self.range(left, comparison),
            Infix::Like => {
                let pattern = self.pattern()?;
                let depth = left.depth + 1;
                self.node(Kind::Like(Box::new(left), Box::new(pattern)), start, depth)
            }
            Infix::Regex { negated } => {
                let pattern = self.pattern()?;
                let depth = left.depth + 1;
                let kind = Kind::Regex { negated, operand: Box::new(left), pattern: Box::new(pattern) };
                self.node(kind, start, depth)
            }
            Infix::In { negated } => {
                let list = self.expression(infix.power() + 1)?;
                let depth = left.depth.max(list.depth) + 1;
                self.node(Kind::In { negated, operand: Box::new(left), list: Box::new(list) }, start, depth)
            }
            Infix::Compare(comparison, sign) => {
                if comparison.is_order() && !self.begins_operand() {
                    return self.no_alternative(sign);
                }
                let right = self.expression(infix.power() + 1)?;
                let depth = left.depth.max(right.depth) + 1;
                self.node(Kind::Compare(comparison, Box::new(left), Box::new(right)), start, depth)
            }
            Infix::Binary(sign, power) => {
                let right = self.expression(power + 1)?;
                let depth = left.depth.max(right.depth) + 1;
                self.node(Kind::Binary(sign, Box::new(left), Box::new(right)), start, depth)
            }
        }
    }

    /// `and` and `or` take any number of operands, so that a long chain stays flat.
    fn junction(&mut self, left: Node, infix: Infix) -> Outcome<Node> {
        let right = self.expression(infix.power() + 1)?;
        let (start, depth) = (left.start, left.depth.max(right.depth + 1));
        let fresh = left.depth.max(right.depth) + 1;
        match (left.kind, infix) {
            (Kind::And(mut operands), Infix::And) => {
                operands.push(right);
                self.node(Kind::And(operands), start, depth)
            }
            (Kind::Or(mut operands), Infix::Or) => {
                operands.push(right);
                self.node(Kind::Or(operands), start, depth)
            }
            (kind, _) => {
                let operands = vec![Node { kind, ..left }, right];
                let kind = if infix == Infix::And { Kind::And(operands) } else { Kind::Or(operands) };
                self.node(kind, start, fresh)
            }
        }
    }

    /// The rest of `left < middle <= right` after its first operator.
    fn range(&mut self, left: Node, first: Comparison) -> Outcome<Node> {
        let start = left.start;
        let middle = self.primary()?;
        let second = match self.token() {
            Token::Sign(sign) => Comparison::from_sign(sign),
            _ => None,
        };
        let Some(second) = second else { return self.no_alternative("") };
        self.at += 1;
        let right = self.expression(power::RANGE + 1)?;
        let depth = left.depth.max(right.depth).max(middle.depth) + 1;
        let inclusive = |comparison| matches!(comparison, Comparison::Le | Comparison::Ge);
        let (first_inclusive, second_inclusive) = (inclusive(first), inclusive(second));
        let chain = match first {
            Comparison::Lt | Comparison::Le => Chain {
                low: left,
                low_inclusive: first_inclusive,
                middle,
                high: right,
                high_inclusive: second_inclusive,
            },
            _ => Chain {
                low: right,
                low_inclusive: second_inclusive,
                middle,
                high: left,
                high_inclusive: first_inclusive,
            },
        };
        self.node(Kind::Range(Box::new(chain)), start, depth)
    }

    /// The right side of LIKE and regex operators.
    fn pattern(&mut self) -> Outcome<Node> {
        match self.token() {
            Token::Str(_) | Token::Sign("{") => self.primary(),
            _ => {
                let found = self.ahead(0);
                let message = format!("mismatched input '{}' expecting StringLiteral", self.shown(found));
                invalid(located(self.text, found.start, &message))
            }
        }
    }
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Infix {
    Or,
    And,
    Binary(&'static str, u8),
    Compare(Comparison, &'static str),
    Range(Comparison),
    In { negated: bool },
    Regex { negated: bool },
    Like,
}

impl Infix {
    fn power(self) -> u8 {
        match self {
            Infix::Or => power::OR,
            Infix::And => power::AND,
            Infix::Binary(_, power) => power,
            Infix::Compare(comparison, _) if comparison.is_order() => power::ORDER,
            Infix::Compare(..) => power::EQUALITY,
            Infix::Range(_) => power::RANGE,
            Infix::In { .. } => power::IN,
            Infix::Regex { negated: true } => power::NOT_MATCH,
            Infix::Regex { negated: false } => power::MATCH,
            Infix::Like => power::LIKE,
        }
    }
}

fn binary_power(sign: &str) -> Option<u8> {
    Some(match sign {
        "|" => power::BIT_OR,
        "^" => power::BIT_XOR,
        "&" => power::BIT_AND,
        "<<" | ">>" => power::SHIFT,
        "+" | "-" => power::SUM,
        "*" | "/" | "%" => power::PRODUCT,
        "**" => power::POWER,
        _ => return None,
    })
}

fn too_deep() -> Cause {
    Cause::Invalid(format!("the expression is nested too deeply, at most {MAX_DEPTH} levels are allowed"))
}
