//! Operands: literals, names, parentheses, prefix operators and calls.

use super::{Parser, power};
use crate::ast::{Call, Kind, Literal, Node, Part, Step};
use crate::error::{Outcome, invalid};
use crate::lexer::{Token, located, string_body};
use crate::literal::{self, Quoted};

/// Words that begin a call.
const FUNCTIONS: &[&str] = &[
    "text_match",
    "text_match_fuzzy",
    "phrase_match",
    "random_sample",
    "match_all",
    "match_any",
    "match_least",
    "match_most",
    "match_exact",
    "element_filter",
    "json_contains",
    "json_contains_all",
    "json_contains_any",
    "array_contains",
    "array_contains_all",
    "array_contains_any",
    "array_length",
    "st_equals",
    "st_touches",
    "st_overlaps",
    "st_crosses",
    "st_contains",
    "st_intersects",
    "st_within",
    "st_dwithin",
    "st_isvalid",
];

/// Named options of calls.
const OPTIONS: &[&str] = &["minimum_should_match", "threshold", "max_edit_distance"];

impl<'t> Parser<'t> {
    /// Whether the present token can begin an operand.
    pub(super) fn begins_operand(&self) -> bool {
        match self.token() {
            Token::Word(word) => {
                matches!(word, "not" | "exists" | "iso" | "interval") || FUNCTIONS.contains(&word)
            }
            Token::Sign(sign) => matches!(sign, "(" | "[" | "{" | "+" | "-" | "~" | "!"),
            Token::IsNull { .. } | Token::End => false,
            _ => true,
        }
    }

    pub(super) fn primary(&mut self) -> Outcome<Node> {
        let spanned = self.ahead(0);
        let start = spanned.start;
        let kind = match spanned.token {
            Token::Int(text) => match literal::integer(text)? {
                magnitude if magnitude <= i64::MAX as u64 => Kind::Int(magnitude as i64),
                _ => return literal::out_of_range(text),
            },
            Token::Float(text) => Kind::Float(literal::float(text)?),
            Token::Bool(value) => Kind::Bool(value),
            Token::Str(Quoted { raw, verbatim }) => Kind::Str(Literal { raw: raw.to_owned(), verbatim }),
            Token::Part(text) => return self.name(Kind::Part(part(text)?), start, !text.starts_with('$')),
            Token::Name(name) if self.is_sign(1, "(") => {
                self.at += 1;
                return self.call(name.to_owned(), false, start);
            }
            Token::Name(name) => return self.name(Kind::Name(name.to_owned()), start, name != "$meta"),
            Token::Path(text) => {
                let (name, steps) = path(text)?;
                return self.name(Kind::Path(name, steps), start, true);
            }
            Token::Word(word) => return self.word(word, start),
            Token::Sign(sign) => return self.sign(sign, start),
            Token::IsNull { .. } | Token::End => return self.no_alternative(""),
        };
        self.at += 1;
        self.node(kind, start, 1)
    }

    /// A name or path, with the null test that may follow it.
    fn name(&mut self, kind: Kind, start: usize, null_test: bool) -> Outcome<Node> {
        self.at += 1;
        let operand = self.node(kind, start, 1)?;
        match self.token() {
            Token::IsNull { negated } if null_test => {
                self.at += 1;
                self.node(Kind::IsNull { negated, operand: Box::new(operand) }, start, 2)
            }
            _ => Ok(operand),
        }
    }

    fn word(&mut self, word: &'static str, start: usize) -> Outcome<Node> {
        match word {
            "not" => self.unary("!", start),
            "exists" => {
                self.at += 1;
                let operand = self.expression(power::EXISTS)?;
                let depth = operand.depth + 1;
                self.node(Kind::Exists(Box::new(operand)), start, depth)
            }
            "iso" | "interval" => {
                self.at += 1;
                let Token::Str(Quoted { raw, verbatim }) = self.token() else {
                    return self.no_alternative(word);
                };
                self.at += 1;
                let text = Literal { raw: raw.to_owned(), verbatim };
                self.node(if word == "iso" { Kind::Iso(text) } else { Kind::Interval(text) }, start, 1)
            }
            _ if FUNCTIONS.contains(&word) => {
                self.at += 1;
                self.call(word.to_owned(), true, start)
            }
            _ => self.no_alternative(""),
        }
    }

    fn sign(&mut self, sign: &'static str, start: usize) -> Outcome<Node> {
        match sign {
            "(" => {
                self.at += 1;
                let mut inner = self.expression(0)?;
                self.expect(")")?;
                inner.start = start;
                inner.end = self.tokens.get(self.at - 1).map_or(inner.end, |last| last.end);
                // Parentheses end a chain: `(a and b) and c` keeps its shape only for the reader.
                Ok(inner)
            }
            "[" => {
                self.at += 1;
                let (items, depth) = self.list("]")?;
                self.node(Kind::List(items), start, depth + 1)
            }
            "{" => {
                self.at += 1;
                let Token::Name(name) = self.token() else { return self.no_alternative("{") };
                self.at += 1;
                self.expect("}")?;
                self.node(Kind::Template(name.to_owned()), start, 1)
            }
            "+" | "-" | "~" | "!" => self.unary(sign, start),
            _ => self.no_alternative(""),
        }
    }

    fn unary(&mut self, sign: &'static str, start: usize) -> Outcome<Node> {
        self.at += 1;
        if sign == "-" && self.is_smallest_integer()? {
            self.at += 1;
            return self.node(Kind::Int(i64::MIN), start, 1);
        }
        let operand = self.expression(power::UNARY)?;
        let depth = operand.depth + 1;
        self.node(Kind::Unary(sign, Box::new(operand)), start, depth)
    }

    /// Whether the present token is 2^63, which is an integer only after a minus.
    fn is_smallest_integer(&self) -> Outcome<bool> {
        match self.token() {
            Token::Int(text) => Ok(literal::integer(text)? == 1 << 63),
            _ => Ok(false),
        }
    }

    /// Items up to `close`, a trailing comma allowed; also the depth of the deepest.
    fn list(&mut self, close: &str) -> Outcome<(Vec<Node>, u32)> {
        let (mut items, mut depth) = (Vec::new(), 0);
        while !self.accept(close) {
            let item = self.expression(0)?;
            depth = item.depth.max(depth);
            items.push(item);
            if !self.accept(",") {
                self.expect(close)?;
                break;
            }
        }
        Ok((items, depth))
    }

    /// The rest of a call after its name.
    fn call(&mut self, name: String, reserved: bool, start: usize) -> Outcome<Node> {
        self.expect("(")?;
        let (mut arguments, mut options, mut depth) = (Vec::new(), Vec::new(), 0);
        while !self.accept(")") {
            if let Some(option) = self.option() {
                self.at += 2;
                let value = self.expression(0)?;
                depth = value.depth.max(depth);
                options.push((option, value));
            } else {
                let argument = self.expression(0)?;
                depth = argument.depth.max(depth);
                arguments.push(argument);
            }
            if !self.accept(",") {
                self.expect(")")?;
                break;
            }
        }
        let call = Call { name, reserved, arguments, options };
        self.node(Kind::Call(Box::new(call)), start, depth + 1)
    }

    /// The name in `name = value`, when that stands here.
    fn option(&self) -> Option<String> {
        let name = match self.token() {
            Token::Word(word) => word,
            Token::Name(name) => name,
            _ => return None,
        };
        (self.is_sign(1, "=") && OPTIONS.contains(&name)).then(|| name.to_owned())
    }
}

/// Takes `struct[part]`, `struct[3][part]` or `$[part]` apart.
fn part(text: &str) -> Outcome<Part> {
    let (rest, name) = text.rsplit_once('[').unwrap_or((text, ""));
    let name = name.trim_end_matches(']').to_owned();
    if rest == "$" {
        return Ok(Part::Current(name));
    }
    let (structure, steps) = path(rest)?;
    match steps.as_slice() {
        [] => Ok(Part::Whole(structure, name)),
        [Step::Index(index)] => Ok(Part::At(structure, *index, name)),
        _ => invalid(format!("a part of a struct array is written s[x], s[0][x] or $[x], got: {text}")),
    }
}

/// Takes `name["key"][3]` apart.
fn path(text: &str) -> Outcome<(String, Vec<Step>)> {
    let (name, mut rest) = text.split_at(text.find('[').unwrap_or(text.len()));
    let mut steps = Vec::new();
    while let Some(inner) = rest.strip_prefix('[') {
        let (step, used) = match inner.as_bytes().first() {
            Some(&quote @ (b'"' | b'\'')) => {
                let body = &inner[1..];
                let length = string_body(body.as_bytes(), quote).unwrap_or(body.len());
                let raw = body.get(..length).unwrap_or(body);
                (Step::Key(Quoted { raw, verbatim: false }.unescape()?), length + 2)
            }
            _ => {
                let length = inner.find(']').unwrap_or(inner.len());
                let digits = &inner[..length];
                let Ok(index) = digits.parse() else {
                    return invalid(located(text, 0, &format!("index {digits} is too large")));
                };
                (Step::Index(index), length)
            }
        };
        steps.push(step);
        rest = inner.get(used + 1..).unwrap_or("");
    }
    Ok((name.to_owned(), steps))
}
