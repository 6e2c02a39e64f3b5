//! Distances in metres between places given in degrees.

use super::{Bounds, WktError, planar, wkb, wkt};
use geo::{Distance, Euclidean, Geometry, HaversineMeasure, Point};

/// Radius of the sphere that distances between points are taken on, in metres.
const EARTH_RADIUS: f64 = 6_371_000.0;
/// Metres of a degree along a meridian.
const DEGREE: f64 = 111_320.0;

/// All places within some metres of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    centre: [f64; 2],
    metres: f64,
    /// Metres of a degree near the centre, about: the mean of both directions.
    degree: f64,
}

impl Near {
    /// Reads the centre from WKT, longitude first. The text of the error says what is wrong with it, `Ok(None)` that
    /// it is another shape than a point.
    pub fn new(text: &str, metres: f64) -> Result<Option<Near>, WktError> {
        let shape = wkt::parse(text)?;
        let Geometry::Point(centre) = planar::geometry(&shape) else { return Ok(None) };
        let narrowing = centre.y().to_radians().cos();
        let degree = DEGREE * ((1.0 + narrowing * narrowing) / 2.0).sqrt();
        Ok(Some(Near { centre: [centre.x(), centre.y()], metres, degree }))
    }

    /// A box that holds a position of every shape that comes so near, of shapes between -180 and 180, -90 and 90 degrees;
    /// `None` where the circle holds a pole or crosses the line where longitudes begin anew.
    pub fn bounds(&self) -> Option<Bounds> {
        let [x, y] = self.centre;
        let planar = self.metres / self.degree;
        // The circle's own box: Matuschek, «Finding points within a distance of a latitude/longitude», 2010.
        let angle = self.metres / EARTH_RADIUS;
        let high = angle.to_degrees().max(planar) * (1.0 + 1e-9);
        let wide = (angle.sin() / y.to_radians().cos()).asin().to_degrees().max(planar) * (1.0 + 1e-9);
        let inside = angle < 1.5 && y.abs() + high < 90.0 && x.abs() + wide < 180.0;
        inside.then_some(Bounds { min: [x - wide, y - high], max: [x + wide, y + high] })
    }

    /// Whether a shape comes so near: points by the great circle, other shapes by degrees in the plane. Empty shapes
    /// and bytes that are none are nowhere.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let [x, y] = self.centre;
        let centre = Point::new(x, y);
        if let Some((x, y)) = wkb::point(bytes) {
            return HaversineMeasure::new(EARTH_RADIUS).distance(centre, Point::new(x, y)) <= self.metres;
        }
        let Some(shape) = wkb::read(bytes) else { return false };
        let near = |degrees: f64| degrees * self.degree <= self.metres;
        Bounds::of_shape(&shape).is_some_and(|bounds| {
            // A little less, for boxes and shapes round differently.
            near(bounds.distance_to(self.centre) * (1.0 - 1e-9))
                && near(Euclidean.distance(&centre, &planar::geometry(&shape)))
        })
    }
}
