//! Boxes around shapes.

use super::shape::{Parts, Shape};
use super::wkb;

/// The smallest box that holds a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Smallest x and y.
    pub min: [f64; 2],
    /// Largest x and y.
    pub max: [f64; 2],
}

impl Bounds {
    /// The box of a shape as WKB; `None` for an empty shape, and for bytes that are none.
    pub fn of(bytes: &[u8]) -> Option<Bounds> {
        match wkb::point(bytes) {
            Some((x, y)) => Some(Bounds { min: [x, y], max: [x, y] }),
            None => Self::of_shape(&wkb::read(bytes)?),
        }
    }

    pub(super) fn of_shape(shape: &Shape) -> Option<Bounds> {
        let mut bounds = None;
        grow(&mut bounds, shape);
        bounds
    }

    /// The smallest box that holds both.
    pub fn joined(&self, other: &Bounds) -> Bounds {
        let (min, max) = (
            [0, 1].map(|axis| self.min[axis].min(other.min[axis])),
            [0, 1].map(|axis| self.max[axis].max(other.max[axis])),
        );
        Bounds { min, max }
    }

    /// Whether they have a position in common.
    pub fn meets(&self, other: &Bounds) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.max[axis] && other.min[axis] <= self.max[axis])
    }

    /// Whether every position of `other` is in this one.
    pub fn covers(&self, other: &Bounds) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.min[axis] && other.max[axis] <= self.max[axis])
    }

    /// A lower bound of the planar distance to a position.
    pub(super) fn distance_to(&self, position: [f64; 2]) -> f64 {
        let apart =
            |axis: usize| (self.min[axis] - position[axis]).max(position[axis] - self.max[axis]).max(0.0);
        apart(0).hypot(apart(1))
    }
}

fn grow(bounds: &mut Option<Bounds>, shape: &Shape) {
    let width = shape.axes.count();
    let mut line =
        |line: &[f64]| line.chunks_exact(width).for_each(|position| add(bounds, [position[0], position[1]]));
    match &shape.parts {
        Parts::Line(ordinates) => line(ordinates),
        Parts::Rings(rings) => rings.iter().for_each(|ring| line(ring)),
        Parts::Members(members) => members.iter().for_each(|member| grow(bounds, member)),
    }
}

fn add(bounds: &mut Option<Bounds>, position: [f64; 2]) {
    let bounds = bounds.get_or_insert(Bounds { min: position, max: position });
    for ((min, max), at) in bounds.min.iter_mut().zip(&mut bounds.max).zip(position) {
        *min = min.min(at);
        *max = max.max(at);
    }
}
