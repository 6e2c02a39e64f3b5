//! Text to tokens.

use crate::error::{Outcome, invalid};
use crate::literal::Quoted;

/// Longest accepted expression in bytes.
const MAX_TEXT: usize = 16 << 20;

/// One token; texts borrow from the expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'t> {
    /// An integer as written.
    Int(&'t str),
    /// A float as written.
    Float(&'t str),
    /// `true` or `false`.
    Bool(bool),
    /// A string literal.
    Str(Quoted<'t>),
    /// A name that is not reserved, or `$meta`.
    Name(&'t str),
    /// A name with `["key"]` and `[3]` steps.
    Path(&'t str),
    /// A part of a struct: `s[sub]`, `s[0][sub]`, `$[sub]`.
    Part(&'t str),
    /// A reserved word, in lower case.
    Word(&'static str),
    /// Punctuation and operators.
    Sign(&'static str),
    /// `is null`, `is not null`.
    IsNull {
        /// `is not null`.
        negated: bool,
    },
    /// The end of the text.
    End,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spanned<'t> {
    /// The token.
    pub(crate) token: Token<'t>,
    /// Byte offset of its first byte.
    pub(crate) start: usize,
    /// Byte offset after its last byte.
    pub(crate) end: usize,
}

/// Names that cannot be used as field names; each exists in lower and in upper case.
const WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "like",
    "exists",
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
    "interval",
    "iso",
    "minimum_should_match",
    "threshold",
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

/// Longest first, so that a prefix never wins.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "<<", ">>", "**", "&&", "||", "=~", "!~", "<", ">", "+", "-", "*", "/", "%", "&",
    "|", "^", "~", "!", "(", ")", "[", "]", "{", "}", ",", "=",
];

/// Splits `text` into tokens, the last of which is [`Token::End`].
pub(crate) fn tokens(text: &str) -> Outcome<Vec<Spanned<'_>>> {
    if text.len() > MAX_TEXT {
        return invalid(format!(
            "the expression has {} bytes, at most {MAX_TEXT} are allowed; pass long lists as template values",
            text.len()
        ));
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut out = Vec::with_capacity(text.len() / 4 + 2);
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let Some(token) = lexer.next() else {
            return invalid(unrecognised(text, start));
        };
        out.push(Spanned { token, start, end: lexer.at });
        if token == Token::End {
            return Ok(out);
        }
    }
}

/// `line 1:3 message` for the byte offset `at`: lines from 1, columns in characters from 0.
pub(crate) fn located(text: &str, at: usize, message: &str) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count();
    format!("line {line}:{column} {message}")
}

fn unrecognised(text: &str, at: usize) -> String {
    let rest = &text[at..];
    let quoted = |s: &str| s.starts_with(['"', '\'']);
    let end = match quoted(rest) {
        true => rest.find(['\n', '\r']).unwrap_or(rest.len()),
        false => rest.chars().next().map_or(0, char::len_utf8),
    };
    let shown: String = rest[..end].chars().take(80).collect();
    located(text, at, &format!("token recognition error at: '{shown}'"))
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(0), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// Bytes from the present one on that satisfy `wanted`.
    fn run(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let bytes = self.text.as_bytes().get(self.at + from..).unwrap_or(&[]);
        bytes.iter().take_while(|byte| wanted(**byte)).count()
    }

    fn take(&mut self, length: usize) -> &'t str {
        let taken = self.text.get(self.at..self.at + length).unwrap_or("");
        self.at += length;
        taken
    }

    fn next(&mut self) -> Option<Token<'t>> {
        let first = self.peek(0);
        match first {
            _ if self.at >= self.text.len() => Some(Token::End),
            b'"' | b'\'' => self.string(0, false),
            b'0'..=b'9' => Some(self.number()),
            b'.' if self.peek(1).is_ascii_digit() => Some(self.number()),
            b'$' => self.dollar(),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.word(),
            _ => {
                let rest = self.rest();
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
                self.at += sign.len();
                Some(Token::Sign(sign))
            }
        }
    }

    /// A string literal whose quote stands `prefix` bytes ahead.
    fn string(&mut self, prefix: usize, verbatim: bool) -> Option<Token<'t>> {
        let quote = self.peek(prefix);
        let body = self.at + prefix + 1;
        let length = string_body(self.text.as_bytes().get(body..)?, quote)?;
        let raw = self.text.get(body..body + length)?;
        self.at = body + length + 1;
        Some(Token::Str(Quoted { raw, verbatim }))
    }

    fn number(&mut self) -> Token<'t> {
        let hex = self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X');
        if hex && let Some(token) = self.hexadecimal() {
            return token;
        }
        if self.peek(0) == b'0' && matches!(self.peek(1), b'b' | b'B') {
            let digits = self.run(2, |byte| matches!(byte, b'0' | b'1'));
            if digits > 0 {
                return Token::Int(self.take(2 + digits));
            }
        }
        let mut length = self.run(0, |byte| byte.is_ascii_digit());
        let mut float = false;
        if self.peek(length) == b'.' {
            float = true;
            length += 1;
            length += self.run(length, |byte| byte.is_ascii_digit());
        }
        if let Some(exponent) = self.exponent(length, b'e') {
            float = true;
            length += exponent;
        }
        let text = self.take(length);
        if float { Token::Float(text) } else { Token::Int(text) }
    }

    fn hexadecimal(&mut self) -> Option<Token<'t>> {
        let whole = self.run(2, |byte| byte.is_ascii_hexdigit());
        let mut length = 2 + whole;
        let mut fraction = 0;
        if self.peek(length) == b'.' {
            fraction = self.run(length + 1, |byte| byte.is_ascii_hexdigit());
        }
        let with_point = length + if self.peek(length) == b'.' { 1 + fraction } else { 0 };
        if whole + fraction > 0
            && let Some(exponent) = self.exponent(with_point, b'p')
        {
            length = with_point + exponent;
            return Some(Token::Float(self.take(length)));
        }
        (whole > 0).then(|| Token::Int(self.take(length)))
    }

    /// Length of an exponent (`e-3`, `p4`) that begins `from` bytes ahead.
    fn exponent(&self, from: usize, letter: u8) -> Option<usize> {
        if !self.peek(from).eq_ignore_ascii_case(&letter) {
            return None;
        }
        let sign = usize::from(matches!(self.peek(from + 1), b'+' | b'-'));
        let digits = self.run(from + 1 + sign, |byte| byte.is_ascii_digit());
        (digits > 0).then_some(1 + sign + digits)
    }

    fn dollar(&mut self) -> Option<Token<'t>> {
        if self.rest().starts_with("$meta") && !is_name_byte(self.peek(5)) {
            return Some(self.name_or_path(5));
        }
        let inside = self.bracketed_name(1)?;
        Some(Token::Part(self.take(1 + inside)))
    }

    fn word(&mut self) -> Option<Token<'t>> {
        let length = self.run(0, is_name_byte);
        let name = self.rest().get(..length)?;
        if matches!(self.peek(length), b'"' | b'\'') {
            match name {
                "u8" | "u" | "U" | "L" => return self.string(length, false),
                "r" | "R" => return self.string(length, true),
                _ => {}
            }
        }
        for (spelling, negated) in
            [("is null", false), ("is not null", true), ("IS NULL", false), ("IS NOT NULL", true)]
        {
            if self.rest().starts_with(spelling) && !is_name_byte(self.peek(spelling.len())) {
                self.at += spelling.len();
                return Some(Token::IsNull { negated });
            }
        }
        if matches!(name, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") {
            self.at += length;
            return Some(Token::Bool(name.starts_with(['t', 'T'])));
        }
        if let Some(word) = reserved(name) {
            self.at += length;
            return Some(Token::Word(word));
        }
        Some(self.name_or_path(length))
    }

    /// A name of `length` bytes and the steps that follow it without a blank.
    fn name_or_path(&mut self, length: usize) -> Token<'t> {
        let mut end = length;
        while let Some(step) = self.bracketed_step(end) {
            end += step;
        }
        if let Some(part) = self.bracketed_name(end) {
            return Token::Part(self.take(end + part));
        }
        let text = self.take(end);
        if end > length { Token::Path(text) } else { Token::Name(text) }
    }

    /// Length of `["key"]` or `[12]` that begins `from` bytes ahead.
    fn bracketed_step(&self, from: usize) -> Option<usize> {
        if self.peek(from) != b'[' {
            return None;
        }
        let inner = match self.peek(from + 1) {
            quote @ (b'"' | b'\'') => {
                string_body(self.text.as_bytes().get(self.at + from + 2..)?, quote)? + 2
            }
            _ => self.run(from + 1, |byte| byte.is_ascii_digit()),
        };
        (inner > 0 && self.peek(from + 1 + inner) == b']').then_some(inner + 2)
    }

    /// Length of `[name]` that begins `from` bytes ahead.
    fn bracketed_name(&self, from: usize) -> Option<usize> {
        let first = self.peek(from + 1);
        if self.peek(from) != b'[' || !(first == b'_' || first.is_ascii_alphabetic()) {
            return None;
        }
        let inner = self.run(from + 1, is_name_byte);
        (self.peek(from + 1 + inner) == b']').then_some(inner + 2)
    }
}

/// Length of a string's body up to its closing quote; `None` when it does not close on its line.
pub(crate) fn string_body(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            b'\n' | b'\r' => return None,
            byte if byte == quote => return Some(at),
            _ => at += 1,
        }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn reserved(name: &str) -> Option<&'static str> {
    let upper = || name.bytes().all(|byte| !byte.is_ascii_lowercase());
    let lower = || name.bytes().all(|byte| !byte.is_ascii_uppercase());
    let word = WORDS.iter().copied().find(|word| word.eq_ignore_ascii_case(name))?;
    (lower() || upper()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Token<'_>> {
        tokens(text).expect("tokens").into_iter().map(|spanned| spanned.token).collect()
    }

    #[test]
    fn splits_numbers() {
        let expected = [
            ("0x1F", Token::Int("0x1F")),
            ("0b101", Token::Int("0b101")),
            ("010", Token::Int("010")),
            ("5.", Token::Float("5.")),
            (".5", Token::Float(".5")),
            ("1.5E-3", Token::Float("1.5E-3")),
            ("0x1.8p3", Token::Float("0x1.8p3")),
            ("1e3", Token::Float("1e3")),
        ];
        for (text, token) in expected {
            assert_eq!(kinds(text), [token, Token::End], "{text}");
        }
    }

    #[test]
    fn keywords_have_two_spellings() {
        assert_eq!(
            kinds("and AND And"),
            [Token::Word("and"), Token::Word("and"), Token::Name("And"), Token::End]
        );
        assert_eq!(kinds("a is not null"), [Token::Name("a"), Token::IsNull { negated: true }, Token::End]);
        assert_eq!(kinds("is  null").len(), 3, "two blanks make two names");
    }

    #[test]
    fn paths_are_single_tokens() {
        assert_eq!(kinds(r#"j["a]"][0]['k']"#), [Token::Path(r#"j["a]"][0]['k']"#), Token::End]);
        assert_eq!(kinds("$meta[\"x\"]"), [Token::Path("$meta[\"x\"]"), Token::End]);
        assert_eq!(kinds("s[0][sub]"), [Token::Part("s[0][sub]"), Token::End]);
        assert_eq!(kinds("a[-1]").len(), 6);
    }

    #[test]
    fn names_what_it_cannot_read() {
        let cause = |text| match tokens(text) {
            Err(crate::error::Cause::Invalid(cause)) => cause,
            other => panic!("{other:?}"),
        };
        assert_eq!(cause("a @ 1"), "line 1:2 token recognition error at: '@'");
        assert_eq!(cause("a ==\n 'x"), "line 2:1 token recognition error at: ''x'");
    }
}
