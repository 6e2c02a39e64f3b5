//! From flags, file and environment to settings, and from settings to what the engine and the server take.

use clap::Args;
use elanus_engine::{DuplicateKey, Limits, Options, Policy};
use elanus_runtime::Settings;
use elanus_runtime::settings::{Setting, Source, table};
use elanus_types::{Error, Result};
use std::path::PathBuf;

/// Where settings come from, in rising order: the file, the environment, these flags.
#[derive(Args, Default)]
pub struct Chosen {
    /// Settings file (TOML); ELANUS_CONFIG names one too.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the database [default: ./elanus-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// Port of the Milvus protocol [default: 19530]
    #[arg(long)]
    pub port: Option<String>,
    /// Port of health checks, metrics and status [default: 9091]
    #[arg(long)]
    pub admin_port: Option<String>,
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<String>,
    /// Allow addresses that other machines reach, though there is no authentication yet.
    #[arg(long)]
    pub insecure_bind: bool,
    /// Any other setting; may be repeated. `elanus config` lists all.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

impl Chosen {
    /// The settings in force.
    pub fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::default();
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        if let Some(file) = self.config.clone().or_else(|| variable("ELANUS_CONFIG").map(PathBuf::from)) {
            settings.read_file(&file)?;
        }
        settings.read_environment(variable)?;
        let flags = [
            ("--data", &table::DATA, &self.data),
            ("--port", &table::PORT, &self.port),
            ("--admin-port", &table::ADMIN_PORT, &self.admin_port),
            ("--bind", &table::BIND, &self.bind),
        ];
        for (flag, setting, value) in flags {
            if let Some(value) = value {
                set(&mut settings, setting, value, flag)?;
            }
        }
        if self.insecure_bind {
            set(&mut settings, &table::INSECURE_BIND, "true", "--insecure-bind")?;
        }
        for pair in &self.set {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| Error::invalid(format!("--set {pair}: expected NAME=VALUE")))?;
            settings.set(name.trim(), value, Source::Flag("--set".to_owned()))?;
        }
        Ok(settings)
    }
}

/// A warning for every variable that looks like a setting and is none, misspelled perhaps. What Kubernetes sets for a
/// service that is called elanus is left out.
pub fn strange_variables(names: impl Iterator<Item = String>) -> Vec<String> {
    let known =
        |name: &str| name == "ELANUS_CONFIG" || table::ALL.iter().any(|setting| setting.variable() == name);
    let service = |name: &str| name.starts_with("ELANUS_SERVICE_") || name.starts_with("ELANUS_PORT_");
    let strange = names.filter(|name| name.starts_with("ELANUS_") && !known(name) && !service(name));
    strange
        .map(|name| format!("the environment variable {name} is no setting; `elanus config` lists all"))
        .collect()
}

/// The names of all environment variables.
pub fn variables() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

fn set(settings: &mut Settings, setting: &Setting, value: &str, flag: &str) -> Result<()> {
    settings.set(setting.name, value, Source::Flag(flag.to_owned()))
}

/// How the engine opens the folder.
pub fn options(settings: &Settings) -> Options {
    let count = |setting| settings.count(setting);
    Options {
        threads: count(&table::THREADS) as usize,
        duplicate_key: match settings.text(&table::DUPLICATE_PK).as_str() {
            "keep" => DuplicateKey::Keep,
            "reject" => DuplicateKey::Reject,
            _ => DuplicateKey::Replace,
        },
        growing_bytes: count(&table::GROWING_SIZE) as usize,
        growing_memory: count(&table::GROWING_MEMORY) as usize,
        index_bytes: count(&table::INDEX_MEMORY),
        log_bytes: count(&table::LOG_SIZE),
        log_file_bytes: count(&table::LOG_FILE_SIZE),
        retention_millis: count(&table::RETENTION),
        quiet_millis: count(&table::QUIET),
        scrub_millis: count(&table::SCRUB),
        policy: Policy {
            max_bytes: count(&table::SEGMENT_SIZE),
            index_min_rows: count(&table::SEGMENT_INDEX_ROWS),
            index_busy_rows: count(&table::SEGMENT_BUSY_ROWS),
            busy_fan_in: count(&table::SEGMENT_FAN_IN) as usize,
        },
        limits: limits(settings),
        ..Options::default()
    }
}

fn limits(settings: &Settings) -> Limits {
    let count = |setting| settings.count(setting) as usize;
    // Every limit that is signed has a largest legal value far below the type's.
    let signed = |setting| settings.count(setting) as i64;
    Limits {
        name_length: count(&table::NAME_LENGTH),
        description_length: count(&table::DESCRIPTION_LENGTH),
        databases: count(&table::DATABASES),
        collections: count(&table::COLLECTIONS),
        collections_per_database: count(&table::COLLECTIONS_PER_DATABASE),
        partitions: count(&table::PARTITIONS),
        partition_key_partitions: count(&table::PARTITION_KEY_PARTITIONS),
        shards: signed(&table::SHARDS) as i32,
        fields: count(&table::FIELDS),
        vector_fields: count(&table::VECTOR_FIELDS),
        dimensions: count(&table::DIMENSIONS),
        varchar_length: count(&table::VARCHAR_LENGTH),
        array_capacity: count(&table::ARRAY_CAPACITY),
        json_length: count(&table::JSON_LENGTH),
        index_params_size: count(&table::INDEX_PARAMS_SIZE),
        queries: signed(&table::QUERIES),
        window: signed(&table::WINDOW),
        hybrid_requests: count(&table::HYBRID_REQUESTS),
        group_size: signed(&table::GROUP_SIZE),
        query_groups: count(&table::QUERY_GROUPS),
        output_size: count(&table::OUTPUT_SIZE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_engines_own() {
        let (mine, theirs) = (options(&Settings::default()), Options::default());
        assert_eq!(format!("{mine:?}"), format!("{theirs:?}"));
    }

    #[test]
    fn misspelled_variables_are_named() {
        let names = [
            "ELANUS_PROT",
            "ELANUS_PORT",
            "ELANUS_CONFIG",
            "ELANUS_SERVICE_HOST",
            "ELANUS_PORT_19530_TCP",
            "PATH",
        ];
        let strange = strange_variables(names.into_iter().map(str::to_owned));
        assert_eq!(
            strange,
            ["the environment variable ELANUS_PROT is no setting; `elanus config` lists all"]
        );
    }

    #[test]
    fn flags_count_most() {
        let chosen = Chosen {
            port: Some("1234".into()),
            set: vec!["port=5".into(), "duplicate_pk=keep".into()],
            ..Chosen::default()
        };
        let settings = chosen.settings().expect("legal");
        assert_eq!(settings.count(&table::PORT), 5, "the last one said counts");
        assert_eq!(options(&settings).duplicate_key, DuplicateKey::Keep);
        let wrong = Chosen { set: vec!["port".into()], ..Chosen::default() };
        assert!(wrong.settings().is_err());
    }
}
