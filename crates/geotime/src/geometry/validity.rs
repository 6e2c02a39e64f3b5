//! Whether a shape is sound, by the rules of simple features.
//!
//! The library's own check lets rings through that touch themselves or turn back, and compares every pair of edges.

use super::{planar, wkb};
use geo::coordinate_position::CoordPos;
use geo::dimensions::Dimensions;
use geo::{Coord, Geometry, Intersects, Line, LineString, Polygon, Relate};
use std::collections::HashSet;

/// Whether rings neither cross, touch nor retrace themselves, holes lie inside and share no more than positions with
/// other rings, polygons of one shape do not overlap, and lines have a length. Bytes that are no shape are not sound.
pub fn is_valid(bytes: &[u8]) -> bool {
    wkb::read(bytes).is_some_and(|shape| is_sound(&planar::geometry(&shape)))
}

fn is_sound(shape: &Geometry) -> bool {
    match shape {
        Geometry::LineString(line) => has_length(line),
        Geometry::MultiLineString(lines) => lines.iter().all(has_length),
        Geometry::Polygon(polygon) => is_polygon(polygon),
        Geometry::MultiPolygon(polygons) => polygons.iter().all(is_polygon) && are_apart(&polygons.0),
        Geometry::GeometryCollection(members) => members.iter().all(is_sound),
        _ => true,
    }
}

fn has_length(line: &LineString) -> bool {
    line.0.is_empty() || line.0.iter().any(|at| Some(at) != line.0.first())
}

fn is_polygon(polygon: &Polygon) -> bool {
    let filled = |ring: &LineString| Polygon::new(ring.clone(), Vec::new());
    let holes: Vec<Polygon> = polygon.interiors().iter().map(filled).collect();
    if polygon.exterior().0.is_empty() {
        return holes.is_empty();
    }
    let mut rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    if !rings.all(is_ring) {
        return false;
    }
    let outer = filled(polygon.exterior());
    let inside = |hole: &Polygon| {
        let matrix = outer.relate(hole);
        matrix.is_contains() && !share_a_line(&matrix)
    };
    holes.iter().all(inside) && are_apart(&holes)
}

fn share_a_line(matrix: &geo::relate::IntersectionMatrix) -> bool {
    matrix.get(CoordPos::OnBoundary, CoordPos::OnBoundary) == Dimensions::OneDimensional
}

/// Whether no two polygons share more than positions of their borders.
fn are_apart(polygons: &[Polygon]) -> bool {
    let apart = |a: &Polygon, b: &Polygon| {
        let matrix = a.relate(b);
        matrix.get(CoordPos::Inside, CoordPos::Inside) == Dimensions::Empty && !share_a_line(&matrix)
    };
    polygons.iter().enumerate().all(|(number, a)| polygons.iter().skip(number + 1).all(|b| apart(a, b)))
}

/// Whether a ring passes every position once.
fn is_ring(ring: &LineString) -> bool {
    let mut corners = ring.0.clone();
    corners.dedup();
    corners.pop();
    // Zero has two patterns of bits.
    let bits = |at: &Coord| ((at.x + 0.0).to_bits(), (at.y + 0.0).to_bits());
    let distinct: HashSet<_> = corners.iter().map(bits).collect();
    corners.len() >= 3 && distinct.len() == corners.len() && !crosses_itself(&corners)
}

/// Whether edges meet elsewhere than at the corner they share. Edges are taken from left to right, each compared with
/// those that have not ended before it begins.
fn crosses_itself(corners: &[Coord]) -> bool {
    let count = corners.len();
    let edge = |number: usize| Line::new(corners[number], corners[(number + 1) % count]);
    let ends = |edge: &Line| (edge.start.x.min(edge.end.x), edge.start.x.max(edge.end.x));
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| ends(&edge(*a)).0.total_cmp(&ends(&edge(*b)).0));
    let mut open: Vec<usize> = Vec::new();
    for number in order {
        let this = edge(number);
        open.retain(|other| ends(&edge(*other)).1 >= ends(&this).0);
        let meets = |other: &usize| match ((number + 1) % count == *other, (*other + 1) % count == number) {
            (true, _) => turns_back(this, edge(*other)),
            (_, true) => turns_back(edge(*other), this),
            _ => this.intersects(&edge(*other)),
        };
        if open.iter().any(meets) {
            return true;
        }
        open.push(number);
    }
    false
}

/// Whether `second`, which begins where `first` ends, runs back along it.
fn turns_back(first: Line, second: Line) -> bool {
    first.intersects(&second.end) || second.intersects(&first.start)
}
