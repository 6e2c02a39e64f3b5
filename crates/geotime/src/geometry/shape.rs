//! A shape as its text and its bytes have it.

/// What a shape is, numbered as in WKB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Point = 1,
    LineString = 2,
    Polygon = 3,
    MultiPoint = 4,
    MultiLineString = 5,
    MultiPolygon = 6,
    Collection = 7,
}

/// Which ordinates every position has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axes {
    Xy,
    Xyz,
    Xym,
    Xyzm,
}

/// A shape: its positions, or the shapes that it is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub kind: Kind,
    pub axes: Axes,
    pub parts: Parts,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parts {
    /// Points (one position or none) and lines: ordinates one after the other.
    Line(Vec<f64>),
    /// Polygons: the outer ring first.
    Rings(Vec<Vec<f64>>),
    /// Everything with members.
    Members(Vec<Shape>),
}

/// How deep collections may lie in one another.
pub(super) const DEEPEST: usize = 16;

impl Kind {
    pub(super) const ALL: [Kind; 7] = [
        Kind::Point,
        Kind::LineString,
        Kind::Polygon,
        Kind::MultiPoint,
        Kind::MultiLineString,
        Kind::MultiPolygon,
        Kind::Collection,
    ];

    /// The word of WKT.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Point => "POINT",
            Kind::LineString => "LINESTRING",
            Kind::Polygon => "POLYGON",
            Kind::MultiPoint => "MULTIPOINT",
            Kind::MultiLineString => "MULTILINESTRING",
            Kind::MultiPolygon => "MULTIPOLYGON",
            Kind::Collection => "GEOMETRYCOLLECTION",
        }
    }

    /// What the members are, when they are all alike.
    pub(super) fn member(self) -> Option<Kind> {
        match self {
            Kind::MultiPoint => Some(Kind::Point),
            Kind::MultiLineString => Some(Kind::LineString),
            Kind::MultiPolygon => Some(Kind::Polygon),
            Kind::Point | Kind::LineString | Kind::Polygon | Kind::Collection => None,
        }
    }
}

impl Axes {
    pub(super) const ALL: [Axes; 4] = [Axes::Xy, Axes::Xyz, Axes::Xym, Axes::Xyzm];

    /// Ordinates per position.
    pub(super) fn count(self) -> usize {
        match self {
            Axes::Xy => 2,
            Axes::Xyz | Axes::Xym => 3,
            Axes::Xyzm => 4,
        }
    }

    /// The word of WKT after the kind.
    pub(super) fn word(self) -> &'static str {
        match self {
            Axes::Xy => "",
            Axes::Xyz => "Z",
            Axes::Xym => "M",
            Axes::Xyzm => "ZM",
        }
    }
}

/// Why positions are no line.
pub(super) fn line_flaw(ordinates: &[f64], axes: Axes) -> Option<&'static str> {
    (ordinates.len() == axes.count()).then_some("a line needs two points")
}

/// Why positions are no ring.
pub(super) fn ring_flaw(ordinates: &[f64], axes: Axes) -> Option<&'static str> {
    let width = axes.count();
    if ordinates.len() < 4 * width {
        return Some("a ring needs four points");
    }
    (ordinates.get(..2) != ordinates.get(ordinates.len() - width..ordinates.len() - width + 2))
        .then_some("a ring must end where it begins")
}
