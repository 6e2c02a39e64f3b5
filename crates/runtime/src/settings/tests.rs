use super::table::*;
use super::*;

fn message<T>(result: Result<T>) -> String {
    result.err().map_or_else(String::new, |error| error.message().to_owned())
}

#[test]
fn the_table_is_whole() {
    assert!(ALL.len() <= 60, "more settings than a person can survey");
    for setting in ALL {
        assert!(setting.parse(setting.default).is_ok(), "{}: its default is not legal", setting.name);
        assert!(setting.help.split_whitespace().count() >= 3, "{}: no help", setting.name);
        assert_eq!(ALL.iter().filter(|other| other.variable() == setting.variable()).count(), 1);
    }
}

#[test]
fn the_later_source_counts_and_is_named() {
    let mut settings = Settings::default();
    assert_eq!((settings.count(&PORT), settings.source(&PORT)), (19530, Source::Default));
    let file = "port = 1000\ngrowing_size = \"2 MiB\"\ninsecure_bind = true\n[limits]\nqueries = 7\n";
    settings.read_toml(file, "a.toml").expect("legal");
    let variables = |name: &str| (name == "ELANUS_PORT").then(|| "2000".to_owned());
    settings.read_environment(variables).expect("legal");
    assert_eq!(
        (settings.count(&PORT), settings.source(&PORT).to_string()),
        (2000, "environment ELANUS_PORT".into())
    );
    settings.set("port", "3000", Source::Flag("--port".into())).expect("legal");
    assert_eq!(settings.count(&PORT), 3000);
    assert_eq!(settings.count(&GROWING_SIZE), 2 << 20);
    assert_eq!((settings.count(&QUERIES), settings.source(&QUERIES)), (7, Source::File("a.toml".into())));
    assert!(settings.flag(&INSECURE_BIND));
    assert_eq!(settings.text(&BIND), "127.0.0.1");
    let shown = settings.to_string();
    assert!(shown.contains("port = 3000    # from flag --port"), "{shown}");
    assert!(shown.contains("growing_size = 2MiB    # from file a.toml"), "{shown}");
    assert!(ALL.iter().all(|setting| shown.contains(&setting.variable())));
}

#[test]
fn wrong_keys_name_the_nearest() {
    let mut settings = Settings::default();
    assert_eq!(
        message(settings.read_toml("prot = 1", "a.toml")),
        "a.toml: no setting is called prot; did you mean port?"
    );
    assert!(
        message(settings.read_toml("[limits]\nquery = 1", "a")).ends_with("did you mean limits.queries?")
    );
    assert!(message(find("entirely_different_thing")).ends_with("`elanus config` lists all"));
    assert!(message(settings.read_toml("port 1", "a.toml")).starts_with("settings in a.toml: "));
}

#[test]
fn wrong_values_name_the_range() {
    let mut settings = Settings::default();
    assert_eq!(
        message(settings.read_toml("port = 70000", "a.toml")),
        "a.toml: setting port: \"70000\" is not legal, expected a number from 1 to 65535"
    );
    assert!(message(settings.read_toml("quiet = 5", "a")).ends_with("expected a time from 0ms to 1d"));
    assert!(message(settings.read_toml("port = [1]", "a")).ends_with("expected a number from 1 to 65535"));
    let odd = |name: &str| (name == "ELANUS_DUPLICATE_PK").then(|| "both".to_owned());
    let text = message(settings.read_environment(odd));
    assert_eq!(
        text,
        "ELANUS_DUPLICATE_PK: setting duplicate_pk: \"both\" is not legal, expected one of replace, keep, reject"
    );
    let kubernetes = |name: &str| (name == "ELANUS_PORT").then(|| "tcp://10.0.0.1:19530".to_owned());
    settings.read_environment(kubernetes).expect("service links are not settings");
    assert_eq!(settings.source(&PORT), Source::Default);
}

#[test]
fn units_are_read_and_written() {
    let sizes = Kind::Bytes { least: 0, most: u64::MAX };
    for (text, bytes, shown) in
        [("10", 10, "10B"), ("4 KiB", 4096, "4KiB"), ("1536KiB", 1_572_864, "1536KiB"), ("0", 0, "0B")]
    {
        let value = sizes.parse(text).expect("legal");
        assert_eq!((&value, value.to_string().as_str()), (&Value::Bytes(bytes), shown));
    }
    for text in ["", "KiB", "1 kb", "-1", "99999999999TiB", "1.5GiB"] {
        assert!(sizes.parse(text).is_err(), "{text}");
    }
    let times = Kind::Time { least: 0, most: u64::MAX };
    assert_eq!(times.parse("90s"), Ok(Value::Millis(90_000)));
    assert_eq!(Value::Millis(90_000).to_string(), "90s");
    assert_eq!(Value::Millis(900_000).to_string(), "15m");
    assert!(times.parse("90").is_err(), "seconds or milliseconds?");
}
