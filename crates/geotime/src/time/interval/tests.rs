use super::super::{Zone, format, parse};
use super::*;

fn shifted(moment: &str, interval: &str, back: bool) -> String {
    let moment = parse(moment, &Zone::UTC).expect("a moment");
    let interval = Interval::parse(interval).expect("an interval");
    let interval = if back { interval.negated() } else { interval };
    format(interval.after(moment), &Zone::UTC)
}

#[test]
fn counts_by_the_calendar() {
    let cases = [
        ("2025-01-31T12:00:00Z", "P1M", false, "2025-02-28T12:00:00Z"),
        ("2024-01-31T12:00:00Z", "P1M", false, "2024-02-29T12:00:00Z"),
        ("2024-02-29T00:00:00Z", "P1Y", false, "2025-02-28T00:00:00Z"),
        ("2024-02-29T00:00:00Z", "P4Y", false, "2028-02-29T00:00:00Z"),
        ("2025-03-31T00:00:00Z", "P1M", true, "2025-02-28T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "P13M", true, "2023-12-01T00:00:00Z"),
        ("1900-02-28T23:59:59.999999Z", "PT1S", false, "1900-03-01T00:00:00.999999Z"),
        // Months first: the last day of February, and one more.
        ("2025-01-31T00:00:00Z", "P1M1D", false, "2025-03-01T00:00:00Z"),
        ("2025-03-01T00:00:00Z", "P1M1D", true, "2025-01-31T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "P1Y2M3DT4H5M6S", false, "2026-03-04T04:05:06Z"),
        ("2025-03-30T00:30:00Z", "P1D", false, "2025-03-31T00:30:00Z"),
        ("2025-01-01T00:00:00Z", "P0D", true, "2025-01-01T00:00:00Z"),
    ];
    for (moment, interval, back, expected) in cases {
        assert_eq!(shifted(moment, interval, back), expected, "{moment} {interval} {back}");
    }
}

#[test]
fn reads_durations_in_whole_numbers_only() {
    for text in [
        "", "P", "PT", "1D", "p1d", "P1", "P1H", "P1M1Y", "P1D1D", "P1.5D", "P-1D", "P1W", "P1DT", "P 1D",
        "PT1M1H", "P1D ", "-P1D", "P1é",
    ] {
        assert!(Interval::parse(text).is_err(), "{text}");
    }
    for text in ["P1Y", "P1M", "PT1M", "P2DT3S", "PT48H", "P01Y", "P0Y0M0DT0H0M0S"] {
        assert!(Interval::parse(text).is_ok(), "{text}");
    }
    assert!(Interval::parse("P99999999999999999999Y").is_err());
    assert!(Interval::parse("P9223372036854775807D").is_err());
}

#[test]
fn time_ends_on_both_sides() {
    let years = |text: &str| Interval::parse(text).expect("an interval");
    assert_eq!(format(years("P8000Y").after(0), &Zone::UTC), "9970-01-01T00:00:00Z");
    assert_eq!(years("P9000Y").after(0), i64::MAX);
    assert_eq!(years("P700000000000000000Y").after(0), i64::MAX);
    assert_eq!(years("P12000Y").negated().after(0), i64::MIN);
    assert_eq!(years("PT1S").after(i64::MAX), i64::MAX);
    assert_eq!(years("PT1S").negated().after(i64::MIN), i64::MIN);
    // Moments that no calendar has stay where they are among the others.
    assert_eq!(years("P1M").after(i64::MAX), i64::MAX);
}

#[test]
fn fixed_lengths_are_told_from_months() {
    assert_eq!(Interval::parse("P1DT1S").expect("an interval").fixed(), Some(86_401_000_000));
    assert_eq!(Interval::parse("P1MT1S").expect("an interval").fixed(), None);
}
