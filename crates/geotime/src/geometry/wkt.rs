//! Well-known text, read in any case and spacing, written as Milvus writes it: `LINESTRING (0 0, 1 1)`.

use super::WktError;
use super::shape::{Axes, DEEPEST, Kind, Parts, Shape, line_flaw, ring_flaw};
use std::fmt::Write;

type Outcome<T> = Result<T, WktError>;

/// Reads one shape and nothing after it.
pub(super) fn parse(text: &str) -> Outcome<Shape> {
    let mut reader = Reader { text, at: 0 };
    let shape = reader.shape(DEEPEST)?;
    match reader.peek() {
        None => Ok(shape),
        Some(_) => reader.fail("text after the end of the shape"),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn fail<T>(&self, what: &str) -> Outcome<T> {
        let rest: String = self.text.get(self.at..).unwrap_or("").chars().take(30).collect();
        Err(WktError(format!("{what} at byte {} ('{rest}')", self.at)))
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn accept(&mut self, sign: u8) -> bool {
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: u8) -> Outcome<()> {
        if self.accept(sign) { Ok(()) } else { self.fail(&format!("expected '{}'", char::from(sign))) }
    }

    /// The bytes ahead that `wanted` lets through.
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'t str {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or("");
        let length = rest.bytes().take_while(|byte| wanted(*byte)).count();
        rest.get(..length).unwrap_or("")
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let found = self.run(|byte| byte.is_ascii_alphabetic()).eq_ignore_ascii_case(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn shape(&mut self, depth: usize) -> Outcome<Shape> {
        let word = self.run(|byte| byte.is_ascii_alphabetic());
        let Some((kind, axes)) = header(word) else { return self.fail("expected the name of a shape") };
        self.at += word.len();
        let named = Axes::ALL.into_iter().skip(1).find(|axes| self.accept_word(axes.word())).or(axes);
        let Some(depth) = depth.checked_sub(1) else {
            return self.fail(&format!("collections lie more than {DEEPEST} deep in one another"));
        };
        let mut axes = named;
        let parts = self.parts(kind, &mut axes, depth)?;
        let mut shape = Shape { kind, axes: axes.unwrap_or(Axes::Xy), parts };
        same_axes(&mut shape);
        Ok(shape)
    }

    fn parts(&mut self, kind: Kind, axes: &mut Option<Axes>, depth: usize) -> Outcome<Parts> {
        let empty = self.accept_word("EMPTY");
        Ok(match kind {
            Kind::Point | Kind::LineString if empty => Parts::Line(Vec::new()),
            Kind::Polygon if empty => Parts::Rings(Vec::new()),
            _ if empty => Parts::Members(Vec::new()),
            Kind::Point => {
                let line = self.positions(axes)?;
                if line.len() > axes.map_or(2, Axes::count) {
                    return self.fail("a point has one position");
                }
                Parts::Line(line)
            }
            Kind::LineString => Parts::Line(self.line(axes)?),
            Kind::Polygon => Parts::Rings(self.listed(|reader| reader.ring(axes))?),
            Kind::Collection => Parts::Members(self.listed(|reader| reader.member(axes, depth))?),
            Kind::MultiPoint => Parts::Members(self.listed(|reader| reader.bare_point(axes))?),
            Kind::MultiLineString | Kind::MultiPolygon => {
                let member = kind.member().unwrap_or(Kind::LineString);
                let read = |reader: &mut Self| {
                    let parts = reader.parts(member, axes, depth)?;
                    Ok(Shape { kind: member, axes: axes.unwrap_or(Axes::Xy), parts })
                };
                Parts::Members(self.listed(read)?)
            }
        })
    }

    /// One thing or more in parentheses.
    fn listed<T>(&mut self, mut one: impl FnMut(&mut Self) -> Outcome<T>) -> Outcome<Vec<T>> {
        self.expect(b'(')?;
        let mut all = vec![one(self)?];
        while self.accept(b',') {
            all.push(one(self)?);
        }
        self.expect(b')')?;
        Ok(all)
    }

    /// A member of a collection, which must have its axes.
    fn member(&mut self, axes: &mut Option<Axes>, depth: usize) -> Outcome<Shape> {
        let shape = self.shape(depth)?;
        if *axes.get_or_insert(shape.axes) != shape.axes {
            return self.fail("members of a collection with other dimensions");
        }
        Ok(shape)
    }

    /// A point of a MULTIPOINT, in parentheses of its own or not.
    fn bare_point(&mut self, axes: &mut Option<Axes>) -> Outcome<Shape> {
        let parts = match self.peek() {
            Some(b'(' | b'E' | b'e') => self.parts(Kind::Point, axes, 0)?,
            _ => {
                let mut line = Vec::new();
                self.position(axes, &mut line)?;
                Parts::Line(line)
            }
        };
        Ok(Shape { kind: Kind::Point, axes: axes.unwrap_or(Axes::Xy), parts })
    }

    fn line(&mut self, axes: &mut Option<Axes>) -> Outcome<Vec<f64>> {
        let line = self.positions(axes)?;
        line_flaw(&line, axes.unwrap_or(Axes::Xy)).map_or(Ok(line), |flaw| self.fail(flaw))
    }

    fn ring(&mut self, axes: &mut Option<Axes>) -> Outcome<Vec<f64>> {
        let ring = self.positions(axes)?;
        ring_flaw(&ring, axes.unwrap_or(Axes::Xy)).map_or(Ok(ring), |flaw| self.fail(flaw))
    }

    fn positions(&mut self, axes: &mut Option<Axes>) -> Outcome<Vec<f64>> {
        let mut ordinates = Vec::new();
        self.listed(|reader| reader.position(axes, &mut ordinates))?;
        Ok(ordinates)
    }

    /// Numbers up to a comma or the end; the first position says how many there are where no word did.
    fn position(&mut self, axes: &mut Option<Axes>, into: &mut Vec<f64>) -> Outcome<()> {
        let before = into.len();
        while !matches!(self.peek(), None | Some(b',' | b')')) {
            let number = self.number()?;
            into.push(number);
        }
        let counted = match into.len() - before {
            2 => Axes::Xy,
            3 => Axes::Xyz,
            4 => Axes::Xyzm,
            _ => return self.fail("expected a position of two to four numbers"),
        };
        if axes.get_or_insert(counted).count() != counted.count() {
            return self.fail("positions with different numbers of ordinates");
        }
        Ok(())
    }

    fn number(&mut self) -> Outcome<f64> {
        let text = self.run(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.at += text.len();
                Ok(number)
            }
            _ => self.fail("expected a finite number"),
        }
    }
}

/// `POINT`, `PointZ`, `multipolygonzm`.
fn header(word: &str) -> Option<(Kind, Option<Axes>)> {
    let is = |kind: Kind, axes: Axes| {
        let (kind, axes) = (kind.word(), axes.word());
        word.len() == kind.len() + axes.len()
            && word.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
            && word.get(kind.len()..).is_some_and(|end| end.eq_ignore_ascii_case(axes))
    };
    let mut all = Kind::ALL.into_iter().flat_map(|kind| Axes::ALL.map(|axes| (kind, axes)));
    let (kind, axes) = all.find(|(kind, axes)| is(*kind, *axes))?;
    Some((kind, (axes != Axes::Xy).then_some(axes)))
}

/// Gives empty members that came before the first position the axes that it has.
fn same_axes(shape: &mut Shape) {
    if let Parts::Members(members) = &mut shape.parts {
        for member in members {
            member.axes = shape.axes;
            same_axes(member);
        }
    }
}

/// Writes a shape.
pub(super) fn write(shape: &Shape) -> String {
    let mut out = String::new();
    named(&mut out, shape);
    out
}

fn named(out: &mut String, shape: &Shape) {
    out.push_str(shape.kind.word());
    out.push(' ');
    if shape.axes != Axes::Xy {
        out.push_str(shape.axes.word());
        out.push(' ');
    }
    body(out, shape);
}

fn body(out: &mut String, shape: &Shape) {
    match &shape.parts {
        Parts::Line(line) if line.is_empty() => out.push_str("EMPTY"),
        Parts::Rings(rings) if rings.is_empty() => out.push_str("EMPTY"),
        Parts::Members(members) if members.is_empty() => out.push_str("EMPTY"),
        Parts::Line(line) => positions(out, line, shape.axes),
        Parts::Rings(rings) => list(out, rings, |out, ring| positions(out, ring, shape.axes)),
        Parts::Members(members) if shape.kind == Kind::Collection => list(out, members, named),
        Parts::Members(members) => list(out, members, body),
    }
}

fn positions(out: &mut String, line: &[f64], axes: Axes) {
    let all: Vec<&[f64]> = line.chunks(axes.count()).collect();
    list(out, &all, |out, position| {
        for (number, ordinate) in position.iter().enumerate() {
            let blank = if number > 0 { " " } else { "" };
            // Writing to a text cannot fail.
            let _ = write!(out, "{blank}{ordinate}");
        }
    });
}

fn list<T>(out: &mut String, items: &[T], one: impl Fn(&mut String, &T)) {
    out.push('(');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push_str(", ");
        }
        one(out, item);
    }
    out.push(')');
}
