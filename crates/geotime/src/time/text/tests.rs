use super::*;

fn at(text: &str, zone: &str) -> Result<String, TimeError> {
    let zone = Zone::find(zone)?;
    parse(text, &zone).map(|moment| format(moment, &Zone::UTC))
}

#[test]
fn reads_what_milvus_reads() {
    let cases = [
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("2024-12-31T22:00:00+08:00", "2024-12-31T14:00:00Z"),
        ("2024-12-31T22:00:00-08:00", "2025-01-01T06:00:00Z"),
        ("2024-12-31 22:00:00", "2024-12-31T14:00:00Z"),
        ("2024-12-31T22:00:00.5", "2024-12-31T14:00:00.5Z"),
        ("2025-06-01t12:00:00.123456789z", "2025-06-01T12:00:00.123456Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("9999-12-31T23:46:05Z", "9999-12-31T23:46:05Z"),
        ("2000-01-01T00:00:00+14:00", "1999-12-31T10:00:00Z"),
        ("2000-01-01T00:00:00-12:00", "2000-01-01T12:00:00Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(at(text, "Asia/Shanghai").as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn refuses_what_is_no_moment() {
    let format =
        ["", "now", "2025-01-01", "2025-1-1T00:00:00Z", "2025-01-01T00:00Z", "2025-01-01T00:00:00.Z"];
    for text in
        format.into_iter().chain(["2025-01-01T00:00:00ZZ", "2025-01-01T00:00:00+8", "２025-01-01T00:00:00Z"])
    {
        assert_eq!(at(text, "UTC"), Err(TimeError::Format(text.into())));
    }
    for text in ["2025-01-01T00:00:00+14:01", "2025-01-01T00:00:00-12:30", "2025-01-01T00:00:00+99:59"] {
        assert_eq!(at(text, "UTC"), Err(TimeError::Offset(text.into())));
    }
    let range =
        ["2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:00:60Z"];
    for text in range.into_iter().chain(["9999-12-31T23:00:00-12:00", "2025-00-10T00:00:00Z"]) {
        assert_eq!(at(text, "UTC"), Err(TimeError::Range(text.into())));
    }
    assert_eq!(at("x", "Mars/Olympus"), Err(TimeError::Zone("Mars/Olympus".into())));
}

#[test]
fn clocks_that_are_set_skip_or_repeat_local_times() {
    let cases = [
        // Skipped at 02:00 on 30 March 2025.
        ("2025-03-30T01:59:59", "Europe/Berlin", "2025-03-30T00:59:59Z"),
        ("2025-03-30T02:30:00", "Europe/Berlin", "2025-03-30T01:30:00Z"),
        ("2025-03-30T03:00:00", "Europe/Berlin", "2025-03-30T01:00:00Z"),
        // Twice between 02:00 and 03:00 on 26 October 2025: the first one.
        ("2025-10-26T02:30:00", "Europe/Berlin", "2025-10-26T00:30:00Z"),
        ("2025-11-02T01:30:00", "America/New_York", "2025-11-02T05:30:00Z"),
        ("2025-07-01T00:00:00", "Asia/Kolkata", "2025-06-30T18:30:00Z"),
        ("2025-01-01T00:00:00", "Pacific/Kiritimati", "2024-12-31T10:00:00Z"),
        // Far beyond any list of changes the rule goes on.
        ("2400-07-01T00:00:00", "Europe/Berlin", "2400-06-30T22:00:00Z"),
    ];
    for (text, zone, expected) in cases {
        assert_eq!(at(text, zone).as_deref(), Ok(expected), "{text} in {zone}");
    }
}

#[test]
fn writes_local_times_that_read_back() {
    let shown = |text: &str, zone: &str| {
        let zone = Zone::find(zone).expect("a zone");
        format(parse(text, &Zone::UTC).expect("a moment"), &zone)
    };
    assert_eq!(shown("2025-07-01T00:00:00.000001Z", "America/New_York"), "2025-06-30T20:00:00.000001-04:00");
    assert_eq!(shown("2025-01-01T00:00:00Z", "Europe/London"), "2025-01-01T00:00:00Z");
    assert_eq!(shown("2025-07-01T00:00:00Z", "Asia/Kathmandu"), "2025-07-01T05:45:00+05:45");
    // Local time beyond the year 9999 has no text of its own.
    assert_eq!(shown("9999-12-31T23:00:00Z", "Asia/Tokyo"), "9999-12-31T23:00:00Z");
    let mut random = fastrand::Rng::with_seed(26);
    let zones =
        ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Africa/Monrovia", "Pacific/Apia"];
    let zones = zones.map(|name| Zone::find(name).expect("a zone"));
    let (first, last) =
        (parse("0001-01-01T00:00:00Z", &Zone::UTC), parse("9999-12-30T00:00:00Z", &Zone::UTC));
    let range = first.expect("a moment")..last.expect("a moment");
    for _ in 0..20_000 {
        let moment = random.i64(range.clone());
        let zone = &zones[random.usize(0..zones.len())];
        let text = format(moment, zone);
        assert_eq!(parse(&text, &Zone::UTC), Ok(moment), "{text}");
    }
}

#[test]
fn any_number_has_a_text() {
    assert_eq!(format(i64::MAX, &Zone::UTC), "9999-12-31T23:59:59.999999999Z");
    let zone = Zone::find("Europe/Berlin").expect("a zone");
    for moment in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX] {
        assert!(!format(moment, &zone).is_empty());
    }
}
