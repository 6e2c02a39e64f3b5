//! How two shapes lie to each other, by the nine intersections of their insides, borders and outsides.

use super::shape::Shape;
use super::{Bounds, WktError, planar, wkb, wkt};
use geo::coordinate_position::{CoordPos, CoordinatePosition, coord_pos_relative_to_ring};
use geo::relate::PreparedGeometry;
use geo::{Coord, Geometry, Intersects, Polygon, Relate};

/// A question about two shapes; `f` is a row's, `g` the one that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They are the same set of positions.
    Equals,
    /// They meet, but only at their borders.
    Touches,
    /// They share a part that has their dimension, and each has more.
    Overlaps,
    /// They share a part of lower dimension, in the inside of both.
    Crosses,
    /// `g` lies in `f`.
    Contains,
    /// They have a position in common.
    Intersects,
    /// `f` lies in `g`.
    Within,
}

impl Relation {
    /// Whether boxes leave the relation possible: false = the shapes cannot have it.
    pub fn possible(self, f: &Bounds, g: &Bounds) -> bool {
        match self {
            Relation::Equals => f == g,
            Relation::Touches | Relation::Overlaps | Relation::Crosses | Relation::Intersects => f.meets(g),
            Relation::Contains => f.covers(g),
            Relation::Within => g.covers(f),
        }
    }
}

/// One relation to one shape.
#[derive(Clone, Debug)]
pub struct Probe {
    relation: Relation,
    shape: Geometry,
    bounds: Option<Bounds>,
}

impl Probe {
    /// Reads the shape from WKT.
    pub fn new(relation: Relation, text: &str) -> Result<Probe, WktError> {
        let shape = wkt::parse(text)?;
        Ok(Probe { relation, bounds: Bounds::of_shape(&shape), shape: planar::geometry(&shape) })
    }

    /// The relation asked about.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// The box around the shape; `None` when it is empty.
    pub fn bounds(&self) -> Option<&Bounds> {
        self.bounds.as_ref()
    }

    /// Prepares the shape for many comparisons.
    pub fn searcher(&self) -> Searcher<'_> {
        Searcher { probe: self, prepared: None }
    }
}

/// A probe at work, for one thread.
pub struct Searcher<'p> {
    probe: &'p Probe,
    /// Made when the first shape passes the boxes.
    prepared: Option<PreparedGeometry<'p, &'p Geometry>>,
}

impl Searcher<'_> {
    /// Whether a row's shape has the relation; bytes that are no shape have none.
    pub fn holds(&mut self, bytes: &[u8]) -> bool {
        let relation = self.probe.relation;
        if let Some((x, y)) = wkb::point(bytes) {
            let at = Bounds { min: [x, y], max: [x, y] };
            let possible = self.probe.bounds.is_some_and(|bounds| relation.possible(&at, &bounds));
            return possible && self.of_point(Coord { x, y });
        }
        let Some(shape) = wkb::read(bytes) else { return false };
        match (Bounds::of_shape(&shape), &self.probe.bounds) {
            (Some(f), Some(g)) => relation.possible(&f, g) && self.exact(&shape),
            // Nothing equals nothing, and has no other relation to anything.
            (None, None) => relation == Relation::Equals,
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// A single position needs no matrix: it is inside, on the border or outside.
    fn of_point(&mut self, at: Coord) -> bool {
        let shape = &self.probe.shape;
        if matches!(shape, Geometry::GeometryCollection(_)) {
            return self.related(&Geometry::Point(at.into()));
        }
        match self.probe.relation {
            Relation::Intersects => position(shape, &at) != CoordPos::Outside,
            Relation::Within => position(shape, &at) == CoordPos::Inside,
            Relation::Touches => position(shape, &at) == CoordPos::OnBoundary,
            Relation::Crosses | Relation::Overlaps => false,
            // The boxes are alike, and so the shape is at most this position.
            Relation::Equals | Relation::Contains => self.related(&Geometry::Point(at.into())),
        }
    }

    fn exact(&mut self, shape: &Shape) -> bool {
        self.related(&planar::geometry(shape))
    }

    fn related(&mut self, shape: &Geometry) -> bool {
        let collection = |shape: &Geometry| matches!(shape, Geometry::GeometryCollection(_));
        if self.probe.relation == Relation::Intersects && (collection(shape) || collection(&self.probe.shape))
        {
            // Members that overlap each other blur the matrix; any that meets is enough here.
            return shape.intersects(&self.probe.shape);
        }
        let prepared = self.prepared.get_or_insert_with(|| PreparedGeometry::from(&self.probe.shape));
        let matrix = shape.relate(prepared);
        match self.probe.relation {
            Relation::Equals => matrix.is_equal_topo(),
            Relation::Touches => matrix.is_touches(),
            Relation::Overlaps => matrix.is_overlaps(),
            Relation::Crosses => matrix.is_crosses(),
            Relation::Contains => matrix.is_contains(),
            Relation::Intersects => matrix.is_intersects(),
            Relation::Within => matrix.is_within(),
        }
    }
}

/// Where a position lies. A corner that several rings share is on the border, however many they are, which the
/// library counts as it does for ends of lines.
fn position(shape: &Geometry, at: &Coord) -> CoordPos {
    match shape {
        Geometry::Polygon(polygon) => in_polygon(polygon, at),
        Geometry::MultiPolygon(polygons) => {
            let mut positions = polygons.iter().map(|polygon| in_polygon(polygon, at));
            positions.find(|position| *position != CoordPos::Outside).unwrap_or(CoordPos::Outside)
        }
        other => other.coordinate_position(at),
    }
}

fn in_polygon(polygon: &Polygon, at: &Coord) -> CoordPos {
    let outer = coord_pos_relative_to_ring(*at, polygon.exterior());
    if outer != CoordPos::Inside {
        return outer;
    }
    let holes = polygon.interiors().iter().map(|hole| coord_pos_relative_to_ring(*at, hole));
    match holes.fold(CoordPos::Outside, |all, hole| if all == CoordPos::Outside { hole } else { all }) {
        CoordPos::Outside => CoordPos::Inside,
        CoordPos::OnBoundary => CoordPos::OnBoundary,
        CoordPos::Inside => CoordPos::Outside,
    }
}
