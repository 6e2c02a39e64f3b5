//! A settings file.

use elanus_runtime::settings::{ALL, Settings, Source};

pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut settings = Settings::default();
    let _ = settings.read_toml(&text, "a file");
    for setting in ALL {
        let _ = (
            settings.value(setting),
            settings.count(setting),
            settings.flag(setting),
            settings.source(setting),
        );
    }
    let _ = settings.to_string();
    if let Some((name, value)) = text.split_once('=') {
        let _ = settings.set(name.trim(), value.trim(), Source::Default);
    }
}

pub fn samples() -> Vec<Vec<u8>> {
    let one = ALL.iter().map(|setting| format!("\"{}\" = \"{}\"\n", setting.name, setting.default));
    let nested = ALL.iter().filter_map(|setting| {
        let (table, key) = setting.name.split_once('.')?;
        Some(format!("[{table}]\n{key} = {}\n", setting.default))
    });
    one.chain(nested).map(String::into_bytes).collect()
}
