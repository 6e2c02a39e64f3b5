//! Shapes as the library that relates them wants them.

use super::shape::{Kind, Parts, Shape};
use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

/// The shape without Z and M. An empty point, which the library does not know, is an empty collection; empty points
/// among others are left out.
pub(super) fn geometry(shape: &Shape) -> Geometry {
    match (&shape.parts, shape.kind) {
        (Parts::Line(line), Kind::Point) => match coordinates(line, shape).first() {
            Some(at) => Geometry::Point(Point(*at)),
            None => Geometry::GeometryCollection(GeometryCollection::new_from(Vec::new())),
        },
        (Parts::Line(line), _) => Geometry::LineString(LineString::new(coordinates(line, shape))),
        (Parts::Rings(rings), _) => Geometry::Polygon(polygon(rings, shape)),
        (Parts::Members(members), kind) => of_members(members, kind),
    }
}

fn of_members(members: &[Shape], kind: Kind) -> Geometry {
    let lines = || {
        members.iter().filter_map(|member| match &member.parts {
            Parts::Line(line) => Some(coordinates(line, member)),
            Parts::Rings(_) | Parts::Members(_) => None,
        })
    };
    match kind {
        Kind::MultiPoint => {
            let points = lines().filter_map(|line| line.first().copied().map(Point));
            Geometry::MultiPoint(MultiPoint::new(points.collect()))
        }
        Kind::MultiLineString => {
            let lines = lines().filter(|line| !line.is_empty());
            Geometry::MultiLineString(MultiLineString::new(lines.map(LineString::new).collect()))
        }
        Kind::MultiPolygon => {
            let polygons = members.iter().filter_map(|member| match &member.parts {
                Parts::Rings(rings) if !rings.is_empty() => Some(polygon(rings, member)),
                _ => None,
            });
            Geometry::MultiPolygon(MultiPolygon::new(polygons.collect()))
        }
        _ => {
            Geometry::GeometryCollection(GeometryCollection::new_from(members.iter().map(geometry).collect()))
        }
    }
}

fn polygon(rings: &[Vec<f64>], shape: &Shape) -> Polygon {
    let mut rings = rings.iter().map(|ring| LineString::new(coordinates(ring, shape)));
    let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Polygon::new(outer, rings.collect())
}

fn coordinates(line: &[f64], shape: &Shape) -> Vec<Coord> {
    line.chunks_exact(shape.axes.count()).map(|position| Coord { x: position[0], y: position[1] }).collect()
}
