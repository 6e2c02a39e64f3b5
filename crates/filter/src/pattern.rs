//! Text patterns: LIKE and regular expressions, compiled once and run over bytes of UTF-8.

use crate::error::{Outcome, invalid};
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};
use std::sync::Arc;

/// Largest compiled regular expression in bytes.
const MAX_COMPILED: usize = 16 << 20;

/// A compiled pattern; LIKE takes the cheapest shape that says the same.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Equal(Arc<[u8]>),
    Prefix(Arc<[u8]>),
    Suffix(Arc<[u8]>),
    /// A literal that may stand anywhere.
    Contains(Arc<Finder<'static>>),
    /// A regular expression that may match anywhere, and texts that every match holds.
    Search(Regex, Arc<[Vec<u8>]>),
    /// What stands before, between and after `%` signs; one piece = no sign.
    Pieces(Arc<[Piece]>),
}

type Piece = Vec<Part>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(Vec<u8>),
    /// `_`: one code point.
    One,
}

impl Pattern {
    /// Compiles a LIKE pattern: `%` any run, `_` one code point, `\x` the literal x.
    pub(crate) fn like(pattern: &str) -> Outcome<Pattern> {
        let pieces = split(pattern)?;
        let texts: Option<Vec<&[u8]>> = pieces.iter().map(literal).collect();
        Ok(match texts.as_deref() {
            Some([text]) => Pattern::Equal((*text).into()),
            Some([text, []]) => Pattern::Prefix((*text).into()),
            Some([[], text]) => Pattern::Suffix((*text).into()),
            Some([[], text, []]) => Pattern::Contains(Arc::new(Finder::new(*text).into_owned())),
            _ => Pattern::Pieces(pieces.into()),
        })
    }

    /// Compiles a regular expression that may match anywhere in a text.
    pub(crate) fn regex(pattern: &str) -> Outcome<Pattern> {
        match RegexBuilder::new(pattern).dot_matches_new_line(true).size_limit(MAX_COMPILED).build() {
            Ok(regex) => Ok(Pattern::Search(regex, mandatory(pattern).into())),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or("").trim().trim_start_matches("error: ");
                invalid(format!("invalid regex pattern: {reason}"))
            }
        }
    }

    /// The pattern of texts that begin with `prefix`.
    pub(crate) fn starts_with(prefix: &str) -> Pattern {
        Pattern::Prefix(prefix.as_bytes().into())
    }

    /// Texts that stand in whatever matches.
    pub(crate) fn literals(&self) -> Vec<&[u8]> {
        match self {
            Pattern::Equal(text) | Pattern::Prefix(text) | Pattern::Suffix(text) => vec![text],
            Pattern::Contains(finder) => vec![finder.needle()],
            Pattern::Search(_, literals) => literals.iter().map(Vec::as_slice).collect(),
            Pattern::Pieces(pieces) => {
                let parts = pieces.iter().flatten();
                parts
                    .filter_map(|part| if let Part::Text(text) = part { Some(text.as_slice()) } else { None })
                    .collect()
            }
        }
    }

    /// Whether `text` matches.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        match self {
            Pattern::Equal(wanted) => **wanted == *text,
            Pattern::Prefix(wanted) => text.starts_with(wanted),
            Pattern::Suffix(wanted) => text.ends_with(wanted),
            Pattern::Contains(finder) => finder.find(text).is_some(),
            Pattern::Search(regex, _) => regex.is_match(text),
            Pattern::Pieces(pieces) => pieces_match(pieces, text),
        }
    }
}

/// Cuts a LIKE pattern at its `%` signs, of which neighbours count as one.
fn split(pattern: &str) -> Outcome<Vec<Piece>> {
    let mut pieces = vec![Piece::new()];
    let mut characters = pattern.chars();
    let mut after_any = false;
    while let Some(character) = characters.next() {
        let any = character == '%';
        if any && !after_any {
            pieces.push(Piece::new());
        }
        after_any = any;
        let Some(piece) = pieces.last_mut() else { continue };
        match character {
            '%' => {}
            '_' => piece.push(Part::One),
            '\\' => match characters.next() {
                Some(escaped) => push_text(piece, escaped),
                None => {
                    return invalid(format!(
                        "Invalid LIKE pattern: trailing backslash, write it twice to mean itself: {pattern}"
                    ));
                }
            },
            plain => push_text(piece, plain),
        }
    }
    Ok(pieces)
}

fn push_text(piece: &mut Piece, character: char) {
    let mut buffer = [0; 4];
    let bytes = character.encode_utf8(&mut buffer).as_bytes();
    match piece.last_mut() {
        Some(Part::Text(text)) => text.extend_from_slice(bytes),
        _ => piece.push(Part::Text(bytes.to_vec())),
    }
}

/// The text of a piece without `_`.
fn literal(piece: &Piece) -> Option<&[u8]> {
    match piece.as_slice() {
        [] => Some(&[]),
        [Part::Text(text)] => Some(text),
        _ => None,
    }
}

/// Texts that every match of a regular expression holds; not all there are.
fn mandatory(pattern: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if let Ok(hir) = regex_syntax::Parser::new().parse(pattern) {
        collect(&hir, &mut found);
    }
    found
}

fn collect(hir: &Hir, found: &mut Vec<Vec<u8>>) {
    match hir.kind() {
        HirKind::Literal(literal) => found.push(literal.0.to_vec()),
        HirKind::Concat(parts) => parts.iter().for_each(|part| collect(part, found)),
        HirKind::Capture(group) => collect(&group.sub, found),
        HirKind::Repetition(repeated) if repeated.min > 0 => collect(&repeated.sub, found),
        _ => {}
    }
}

/// The first piece stands at the start, the last at the end, and each between as early as it can.
fn pieces_match(pieces: &[Piece], text: &[u8]) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    let Some(mut at) = match_at(first, text, 0) else { return false };
    let Some((last, middle)) = rest.split_last() else { return at == text.len() };
    for piece in middle {
        match find(piece, text, at) {
            Some(end) => at = end,
            None => return false,
        }
    }
    start_of_last(last, text)
        .is_some_and(|start| start >= at && match_at(last, text, start) == Some(text.len()))
}

/// Where `piece` ends when it stands at `at`.
fn match_at(piece: &Piece, text: &[u8], mut at: usize) -> Option<usize> {
    for part in piece {
        match part {
            Part::Text(wanted) => {
                if !text.get(at..)?.starts_with(wanted) {
                    return None;
                }
                at += wanted.len();
            }
            Part::One => at += code_point(text, at)?,
        }
    }
    Some(at)
}

/// Where the earliest occurrence of `piece` from `at` on ends.
fn find(piece: &Piece, text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        if let Some(end) = match_at(piece, text, at) {
            return Some(end);
        }
        at += code_point(text, at)?;
    }
}

/// Where the last piece must begin to reach the end of `text`.
fn start_of_last(piece: &Piece, text: &[u8]) -> Option<usize> {
    let mut at = text.len();
    for part in piece.iter().rev() {
        match part {
            Part::Text(wanted) => at = at.checked_sub(wanted.len())?,
            Part::One => {
                at = at.checked_sub(1)?;
                while text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
                    at = at.checked_sub(1)?;
                }
            }
        }
    }
    Some(at)
}

/// Length of the code point at `at`; `None` at the end.
fn code_point(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let (_, tail) = rest.split_first()?;
    Some(1 + tail.iter().take_while(|byte| **byte & 0xC0 == 0x80).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Backtracking over characters, the definition itself.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['%', rest @ ..] => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            ['_', rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
            ['\\', escaped, rest @ ..] => text.first() == Some(escaped) && naive(rest, &text[1..]),
            [plain, rest @ ..] => text.first() == Some(plain) && naive(rest, &text[1..]),
        }
    }

    #[test]
    fn like_agrees_with_its_definition() {
        let mut random = fastrand::Rng::with_seed(7);
        let alphabet = ['a', 'b', 'é', '%', '_', '\\'];
        for round in 0..20_000 {
            let pattern: Vec<char> = (0..random.usize(0..7)).map(|_| alphabet[random.usize(0..6)]).collect();
            let text: Vec<char> = (0..random.usize(0..8)).map(|_| alphabet[random.usize(0..6)]).collect();
            let (pattern_text, text_text): (String, String) =
                (pattern.iter().collect(), text.iter().collect());
            let trailing = pattern.iter().rev().take_while(|c| **c == '\\').count() % 2 == 1;
            match Pattern::like(&pattern_text) {
                Ok(compiled) => {
                    let got = compiled.matches(text_text.as_bytes());
                    assert_eq!(got, naive(&pattern, &text), "{pattern_text:?} {text_text:?} round {round}");
                }
                Err(_) => assert!(trailing, "{pattern_text:?}"),
            }
        }
    }

    #[test]
    fn takes_the_cheap_shapes() {
        assert!(matches!(Pattern::like("abc"), Ok(Pattern::Equal(_))));
        assert!(matches!(Pattern::like("abc%"), Ok(Pattern::Prefix(_))));
        assert!(matches!(Pattern::like("%abc"), Ok(Pattern::Suffix(_))));
        assert!(matches!(Pattern::like("%%a.c%"), Ok(Pattern::Contains(_))));
        assert!(Pattern::like("%a.c%").is_ok_and(|p| !p.matches(b"xabcx") && p.matches(b"xa.cx")));
        let literals = |pattern: Outcome<Pattern>| {
            let pattern = pattern.expect("sound");
            pattern
                .literals()
                .iter()
                .map(|text| String::from_utf8_lossy(text).into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(literals(Pattern::like("a%bc_d")), ["a", "bc", "d"]);
        assert_eq!(literals(Pattern::regex("^ab(cd)+(x|y)?[0-9]e{2}$")), ["ab", "cd", "e"]);
        assert_eq!(literals(Pattern::regex("(?i)ab|cd")), [""; 0]);
        assert!(Pattern::like("%").is_ok_and(|p| p.matches(b"")));
    }
}
