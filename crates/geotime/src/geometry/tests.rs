use super::shape::{Axes, Kind, Parts, Shape};
use super::*;
use Relation::{Contains, Crosses, Equals, Intersects, Overlaps, Touches, Within};
use geo::Relate;

const ALL: [Relation; 7] = [Equals, Touches, Overlaps, Crosses, Contains, Intersects, Within];

fn bytes(text: &str) -> Vec<u8> {
    from_wkt(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn related(f: &str, g: &str) -> Vec<Relation> {
    let probe = |relation| Probe::new(relation, g).unwrap_or_else(|error| panic!("{g}: {error}"));
    ALL.into_iter().filter(|relation| probe(*relation).searcher().holds(&bytes(f))).collect()
}

#[test]
fn text_is_written_as_milvus_writes_it() {
    let cases = [
        ("point(1 2)", "POINT (1 2)"),
        (" POINT  ( -1.50 +2e3 ) ", "POINT (-1.5 2000)"),
        ("Point Z(1 2 3)", "POINT Z (1 2 3)"),
        ("POINTM(1 2 3)", "POINT M (1 2 3)"),
        ("POINT(1 2 3)", "POINT Z (1 2 3)"),
        ("POINT EMPTY", "POINT EMPTY"),
        ("LINESTRING(0 0,1 1 ,2 0)", "LINESTRING (0 0, 1 1, 2 0)"),
        (
            "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))",
            "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))",
        ),
        ("MULTIPOINT(1 1,(2 2),EMPTY)", "MULTIPOINT ((1 1), (2 2), EMPTY)"),
        ("MULTILINESTRING((0 0,1 1),EMPTY)", "MULTILINESTRING ((0 0, 1 1), EMPTY)"),
        ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)),EMPTY)", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)"),
        (
            "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING EMPTY)",
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING EMPTY)",
        ),
        ("GEOMETRYCOLLECTION ZM (POINT ZM (1 2 3 4))", "GEOMETRYCOLLECTION ZM (POINT ZM (1 2 3 4))"),
        ("GEOMETRYCOLLECTION EMPTY", "GEOMETRYCOLLECTION EMPTY"),
    ];
    for (text, expected) in cases {
        let stored = bytes(text);
        assert_eq!(to_wkt(&stored).as_deref(), Some(expected), "{text}");
        assert_eq!(bytes(expected), stored, "{text}");
    }
}

#[test]
fn bytes_are_those_of_the_standard() {
    let mut point = vec![1, 1, 0, 0, 0];
    point.extend(1.0_f64.to_le_bytes());
    point.extend((-2.0_f64).to_le_bytes());
    assert_eq!(bytes("POINT(1 -2)"), point);
    assert_eq!(bytes("POLYGON Z EMPTY"), [1, 0xEB, 3, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes("MULTIPOINT(1 -2)"), [vec![1, 4, 0, 0, 0, 1, 0, 0, 0], point].concat());
}

#[test]
fn what_is_no_shape_is_refused_with_its_place() {
    let cases = [
        ("", "expected the name of a shape at byte 0"),
        ("POINTY(1 2)", "expected the name of a shape"),
        ("POINT", "expected '(' at byte 5"),
        ("POINT()", "expected a position"),
        ("POINT(1)", "expected a position"),
        ("POINT(1 2", "expected ')'"),
        ("POINT(1 2) x", "text after the end"),
        ("POINT(1 2, 3 4)", "a point has one position"),
        ("POINT(nan 2)", "expected a finite number"),
        ("POINT(1e999 2)", "expected a finite number"),
        ("POINT Z (1 2)", "different numbers of ordinates"),
        ("POINT(1 2 3 4 5)", "expected a position"),
        ("LINESTRING(0 0)", "a line needs two points"),
        ("LINESTRING(0 0, 1 1 1)", "different numbers of ordinates"),
        ("POLYGON((0 0,1 0,0 0))", "a ring needs four points"),
        ("POLYGON((0 0,1 0,1 1,0 1))", "a ring must end where it begins"),
        ("GEOMETRYCOLLECTION(POINT(1 2),POINT Z(1 2 3))", "other dimensions"),
        ("SRID=4326;POINT(1 2)", "expected the name of a shape"),
        ("POINT(１ 2)", "expected a finite number"),
    ];
    for (text, cause) in cases {
        let error = from_wkt(text).expect_err(text).to_string();
        assert!(error.starts_with("invalid WKT: ") && error.contains(cause), "{text}: {error}");
    }
    let nested =
        |depth: usize| format!("{}POINT(1 2){}", "GEOMETRYCOLLECTION(".repeat(depth), ")".repeat(depth));
    assert!(from_wkt(&nested(15)).is_ok());
    for depth in [16, 100_000] {
        assert!(from_wkt(&nested(depth)).is_err_and(|error| error.to_string().contains("deep")));
    }
}

/// Relations that follow from the definitions; each pair once in both directions.
#[test]
fn relations_of_known_shapes() {
    let square = "POLYGON((0 0,4 0,4 4,0 4,0 0))";
    let holed = "POLYGON((0 0,10 0,10 10,0 10,0 0),(3 3,7 3,7 7,3 7,3 3))";
    let two = "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((5 5,6 5,6 6,5 6,5 5)))";
    let cases: &[(&str, &str, &[Relation], &[Relation])] = &[
        (
            "POINT(1 1)",
            "POINT(1 1)",
            &[Equals, Contains, Intersects, Within],
            &[Equals, Contains, Intersects, Within],
        ),
        ("POINT(1 1)", "POINT(1 2)", &[], &[]),
        ("POINT(1 1)", square, &[Intersects, Within], &[Contains, Intersects]),
        ("POINT(0 2)", square, &[Touches, Intersects], &[Touches, Intersects]),
        ("POINT(5 5)", holed, &[], &[]),
        ("POINT(3 5)", holed, &[Touches, Intersects], &[Touches, Intersects]),
        ("POINT(5.5 5.5)", two, &[Intersects, Within], &[Contains, Intersects]),
        ("POINT(0 0)", "LINESTRING(0 0,2 2)", &[Touches, Intersects], &[Touches, Intersects]),
        ("POINT(1 1)", "LINESTRING(0 0,2 2)", &[Intersects, Within], &[Contains, Intersects]),
        ("POINT(0 0)", "LINESTRING(0 0,1 0,1 1,0 0)", &[Intersects, Within], &[Contains, Intersects]),
        ("POINT(1 1)", "MULTIPOINT(1 1,2 2)", &[Intersects, Within], &[Contains, Intersects]),
        ("MULTIPOINT(1 1,2 2)", "MULTIPOINT(2 2,3 3)", &[Overlaps, Intersects], &[Overlaps, Intersects]),
        ("MULTIPOINT(1 1,9 9)", square, &[Crosses, Intersects], &[Crosses, Intersects]),
        (
            "MULTIPOINT(2 2,1 1)",
            "MULTIPOINT(1 1,2 2)",
            &[Equals, Contains, Intersects, Within],
            &[Equals, Contains, Intersects, Within],
        ),
        ("LINESTRING(0 0,2 2)", "LINESTRING(0 2,2 0)", &[Crosses, Intersects], &[Crosses, Intersects]),
        ("LINESTRING(0 0,2 0)", "LINESTRING(1 0,3 0)", &[Overlaps, Intersects], &[Overlaps, Intersects]),
        ("LINESTRING(0 0,1 0)", "LINESTRING(1 0,1 1)", &[Touches, Intersects], &[Touches, Intersects]),
        (
            "LINESTRING(0 0,2 0)",
            "LINESTRING(2 0,1 0,0 0)",
            &[Equals, Contains, Intersects, Within],
            &[Equals, Contains, Intersects, Within],
        ),
        ("LINESTRING(-1 2,5 2)", square, &[Crosses, Intersects], &[Crosses, Intersects]),
        ("LINESTRING(1 1,3 3)", square, &[Intersects, Within], &[Contains, Intersects]),
        ("LINESTRING(0 0,4 0)", square, &[Touches, Intersects], &[Touches, Intersects]),
        ("LINESTRING(4 5,7 5)", holed, &[Touches, Intersects], &[Touches, Intersects]),
        ("LINESTRING(0 5,5 5)", holed, &[Crosses, Intersects], &[Crosses, Intersects]),
        (
            square,
            "POLYGON((4 4,0 4,0 0,4 0,4 4))",
            &[Equals, Contains, Intersects, Within],
            &[Equals, Contains, Intersects, Within],
        ),
        (square, "POLYGON((2 2,6 2,6 6,2 6,2 2))", &[Overlaps, Intersects], &[Overlaps, Intersects]),
        (square, "POLYGON((4 0,8 0,8 4,4 4,4 0))", &[Touches, Intersects], &[Touches, Intersects]),
        (square, "POLYGON((4 4,8 4,8 8,4 8,4 4))", &[Touches, Intersects], &[Touches, Intersects]),
        (square, "POLYGON((1 1,2 1,2 2,1 2,1 1))", &[Contains, Intersects], &[Intersects, Within]),
        (square, "POLYGON((0 0,4 0,4 2,0 2,0 0))", &[Contains, Intersects], &[Intersects, Within]),
        (holed, "POLYGON((3 3,7 3,7 7,3 7,3 3))", &[Touches, Intersects], &[Touches, Intersects]),
        (holed, "POLYGON((4 4,6 4,6 6,4 6,4 4))", &[], &[]),
        (two, "POLYGON((0 0,1 0,1 1,0 1,0 0))", &[Contains, Intersects], &[Intersects, Within]),
        (
            two,
            "POLYGON((0.5 0.5,5.5 0.5,5.5 5.5,0.5 5.5,0.5 0.5))",
            &[Overlaps, Intersects],
            &[Overlaps, Intersects],
        ),
        (
            "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(2 2,3 3))",
            square,
            &[Intersects, Within],
            &[Contains, Intersects],
        ),
        ("POINT EMPTY", "POINT EMPTY", &[Equals], &[Equals]),
        ("POINT EMPTY", "POLYGON EMPTY", &[Equals], &[Equals]),
        ("MULTIPOINT(EMPTY,1 1)", square, &[Intersects, Within], &[Contains, Intersects]),
        ("LINESTRING EMPTY", square, &[], &[]),
        (
            "POINT Z (1 1 9)",
            "POINT(1 1)",
            &[Equals, Contains, Intersects, Within],
            &[Equals, Contains, Intersects, Within],
        ),
    ];
    for (f, g, forth, back) in cases {
        assert_eq!(related(f, g), *forth, "{f} to {g}");
        assert_eq!(related(g, f), *back, "{g} to {f}");
    }
}

#[test]
fn soundness() {
    for text in [
        "POINT(1 1)",
        "POINT EMPTY",
        "LINESTRING(0 0,1 1)",
        "POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5))",
        "POLYGON((0 0,0 0,4 0,4 4,4 4,0 0))",
        "POLYGON((0 0,9 0,9 9,0 9,0 0),(0 4,2 2,2 6,0 4))",
        "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((4 4,8 4,8 8,4 8,4 4)),EMPTY)",
    ] {
        assert!(is_valid(&bytes(text)), "{text}");
    }
    for text in [
        "POLYGON((0 0,4 4,4 0,0 4,0 0))",
        "POLYGON((0 0,4 0,4 4,0 4,0 0),(5 5,6 5,6 6,5 5))",
        "LINESTRING(1 1,1 1)",
        "POLYGON((0 0,2 2,1 1,0 0))",
        "POLYGON((0 0,4 0,4 4,2 4,2 6,2 4,0 4,0 0))",
        "POLYGON((0 0,4 0,2 2,4 4,0 4,2 2,0 0))",
        "POLYGON((0 0,4 0,4 4,2 0,0 4,0 0))",
        "POLYGON((0 0,9 0,9 9,0 9,0 0),(0 2,2 2,2 4,0 4,0 2))",
        "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,4 1,4 4,1 4,1 1),(4 2,6 2,6 3,4 3,4 2))",
        "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((4 0,8 0,8 4,4 4,4 0)))",
        "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(1 1,1 1))",
        "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((1 1,2 1,2 2,1 1)))",
    ] {
        assert!(!is_valid(&bytes(text)), "{text}");
    }
    assert!(!is_valid(b"no shape"));
}

#[test]
fn metres_between_points_follow_the_sphere() {
    let within =
        |f: &str, g: &str, metres: f64| Near::new(g, metres).expect("WKT").expect("a point").holds(&bytes(f));
    // A degree of a great circle of 6,371 km radius: 111,194.93 m; half the circle: 20,015,086.8 m.
    for (f, g, metres) in [
        ("POINT(0 1)", "POINT(0 0)", 111_194.927),
        ("POINT(1 0)", "POINT(0 0)", 111_194.927),
        ("POINT(179.5 0)", "POINT(-179.5 0)", 111_194.927),
        ("POINT(0 90)", "POINT(77 -90)", 20_015_086.796),
        // Berlin to Paris.
        ("POINT(13.4050 52.5200)", "POINT(2.3522 48.8566)", 877_463.3),
    ] {
        assert!(within(f, g, metres * 1.000_001), "{f} {g}");
        assert!(!within(f, g, metres * 0.999_999), "{f} {g}");
    }
    assert!(within("POINT(5 5)", "POINT(5 5)", 0.0));
    assert!(Near::new("LINESTRING(0 0,1 1)", 1.0).expect("WKT").is_none());
    assert!(Near::new("POINT EMPTY", 1.0).expect("WKT").is_none());
}

#[test]
fn metres_to_other_shapes_count_degrees_in_the_plane() {
    let within = |f: &str, y: f64, metres: f64| {
        Near::new(&format!("POINT(0 {y})"), metres).expect("WKT").expect("a point").holds(&bytes(f))
    };
    // At the equator a degree counts 111,320 m; at 60 degrees north that times √(1.25 / 2).
    assert!(
        within("LINESTRING(1 -1,1 1)", 0.0, 111_320.0) && !within("LINESTRING(1 -1,1 1)", 0.0, 111_319.0)
    );
    let degree = 111_320.0 * 0.625_f64.sqrt();
    assert!(within("LINESTRING(2 59,2 61)", 60.0, degree * 2.0 + 0.01));
    assert!(!within("LINESTRING(2 59,2 61)", 60.0, degree * 2.0 - 0.01));
    assert!(within("POLYGON((-1 -1,1 -1,1 1,-1 1,-1 -1))", 0.0, 0.0), "inside is no distance");
    assert!(within("MULTIPOINT(3 0,0 1)", 0.0, 111_320.0));
    assert!(!within("POLYGON EMPTY", 0.0, 1e9) && !within("POINT EMPTY", 0.0, 1e9));
}

/// Shapes on a small grid, where borders meet all the time; also wrong ones.
fn random_shape(random: &mut fastrand::Rng, depth: usize) -> Shape {
    shape_of(random, depth, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
}

/// A shape with ordinates from a list.
fn shape_of(random: &mut fastrand::Rng, depth: usize, from: &[f64]) -> Shape {
    let at = |random: &mut fastrand::Rng| [0, 1].map(|_| from[random.usize(0..from.len())]);
    let line =
        |random: &mut fastrand::Rng| (0..random.usize(2..6)).flat_map(|_| at(random)).collect::<Vec<_>>();
    let ring = |random: &mut fastrand::Rng| {
        if random.bool() {
            let ([x, y], [w, h]) = (at(random), at(random).map(|side| side + 1.0));
            let [right, top] = [x + w, y + h].map(|far| far.clamp(f64::MIN, f64::MAX));
            return vec![x, y, right, y, right, top, x, top, x, y];
        }
        let mut ring: Vec<f64> = (0..random.usize(3..6)).flat_map(|_| at(random)).collect();
        ring.extend_from_within(..2);
        ring
    };
    let kind = Kind::ALL[random.usize(0..if depth == 0 { 3 } else { 7 })];
    let parts = match kind {
        _ if random.usize(0..12) == 0 => match kind {
            Kind::Point | Kind::LineString => Parts::Line(Vec::new()),
            Kind::Polygon => Parts::Rings(Vec::new()),
            _ => Parts::Members(Vec::new()),
        },
        Kind::Point => Parts::Line(at(random).to_vec()),
        Kind::LineString => Parts::Line(line(random)),
        Kind::Polygon => Parts::Rings((0..random.usize(1..3)).map(|_| ring(random)).collect()),
        _ => {
            let mut members: Vec<Shape> =
                (0..random.usize(1..4)).map(|_| shape_of(random, depth - 1, from)).collect();
            members.retain(|member| kind.member().is_none_or(|kind| kind == member.kind));
            Parts::Members(members)
        }
    };
    Shape { kind, axes: Axes::Xy, parts }
}

/// Boxes and the short way for points never change an answer, and no pair of shapes is a danger.
#[test]
fn short_cuts_answer_as_the_matrix_does() {
    let mut random = fastrand::Rng::with_seed(31);
    for round in 0..30_000 {
        let (f, g) = (random_shape(&mut random, 2), random_shape(&mut random, 2));
        let (text, stored) = (wkt::write(&g), wkb::write(&f));
        assert_eq!(wkb::read(&stored).as_ref(), Some(&f));
        assert_eq!(wkt::parse(&wkt::write(&f)).as_ref(), Ok(&f), "round {round}");
        if Bounds::of_shape(&f).is_none() || Bounds::of_shape(&g).is_none() {
            continue;
        }
        let matrix = planar::geometry(&f).relate(&planar::geometry(&g));
        for relation in ALL {
            let expected = match relation {
                Equals => matrix.is_equal_topo(),
                Touches => matrix.is_touches(),
                Overlaps => matrix.is_overlaps(),
                Crosses => matrix.is_crosses(),
                Contains => matrix.is_contains(),
                Intersects => matrix.is_intersects(),
                Within => matrix.is_within(),
            };
            let got = Probe::new(relation, &text).expect("WKT").searcher().holds(&stored);
            // Of unsound shapes and of mixed ones the matrix is a guess.
            let certain =
                [&f, &g].iter().all(|shape| shape.kind != Kind::Collection && is_valid(&wkb::write(shape)));
            assert!(
                got == expected || !certain,
                "round {round}: {relation:?} of {} to {text}",
                wkt::write(&f)
            );
        }
    }
}

#[test]
fn wrong_bytes_are_no_shape_and_no_danger() {
    let mut random = fastrand::Rng::with_seed(32);
    for _ in 0..30_000 {
        let mut stored = wkb::write(&random_shape(&mut random, 2));
        for _ in 0..random.usize(1..4) {
            let at = random.usize(0..stored.len());
            match random.u8(0..3) {
                0 => stored[at] = random.u8(..),
                1 => stored.truncate(at.max(1)),
                _ => stored.insert(at, random.u8(..)),
            }
        }
        let text = to_wkt(&stored);
        let _ = (Bounds::of(&stored), is_valid(&stored));
        for relation in ALL {
            let probe =
                Probe::new(relation, "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 1))").expect("WKT");
            let holds = probe.searcher().holds(&stored);
            assert!(text.is_some() || !holds);
        }
    }
    let count = [1, 2, 0, 0, 0, 255, 255, 255, 255];
    assert_eq!(to_wkt(&count), None);
    let nested: Vec<u8> = [1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(100_000);
    assert_eq!(to_wkt(&nested), None);
}

#[test]
fn extreme_ordinates_are_no_danger() {
    let from = [f64::MAX, f64::MIN, 1e300, -1e300, f64::MIN_POSITIVE, 5e-324, 0.0, -0.0, 0.1, 0.3, 1.0, 1e17];
    let mut random = fastrand::Rng::with_seed(33);
    for _ in 0..30_000 {
        let (f, g) = (shape_of(&mut random, 2, &from), shape_of(&mut random, 2, &from));
        let (text, stored) = (wkt::write(&g), wkb::write(&f));
        assert_eq!(from_wkt(&wkt::write(&f)).as_ref(), Ok(&stored));
        let _ = is_valid(&stored);
        for relation in ALL {
            Probe::new(relation, &text).expect("WKT").searcher().holds(&stored);
        }
        if let Ok(Some(near)) = Near::new(&text, random.f64() * 1e7) {
            near.holds(&stored);
        }
    }
}
