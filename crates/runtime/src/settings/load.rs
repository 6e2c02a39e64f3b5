//! Reading settings: defaults, then the file, then the environment, then flags; the later one counts.

use super::{ALL, Settings, find};
use elanus_types::{Error, Result};
use std::fmt;
use std::path::Path;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Source {
    /// Nobody set it.
    #[default]
    Default,
    /// A settings file.
    File(String),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File(path) => write!(f, "file {path}"),
            Source::Environment(variable) => write!(f, "environment {variable}"),
            Source::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

impl Settings {
    /// Reads a TOML file over what is set.
    pub fn read_file(&mut self, path: &Path) -> Result<()> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::io(format_args!("reading settings from {shown}"), &error))?;
        self.read_toml(&text, &shown.to_string())
    }

    /// Reads TOML over what is set; `origin` names it.
    pub fn read_toml(&mut self, text: &str, origin: &str) -> Result<()> {
        let parsed = text.parse::<toml::Table>();
        let table = parsed.map_err(|error| Error::invalid(format!("settings in {origin}: {error}")))?;
        self.read_table("", &table, origin).map_err(|error| error.context(origin))
    }

    fn read_table(&mut self, prefix: &str, table: &toml::Table, origin: &str) -> Result<()> {
        for (key, value) in table {
            let name = format!("{prefix}{key}");
            let text = match value {
                toml::Value::Table(inner) => {
                    self.read_table(&format!("{name}."), inner, origin)?;
                    continue;
                }
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                other => {
                    let setting = find(&name)?;
                    return Err(setting.wrong(other.type_str(), &setting.kind.to_string()));
                }
            };
            self.set(&name, &text, Source::File(origin.to_owned()))?;
        }
        Ok(())
    }

    /// Takes what environment variables say.
    pub fn read_environment(&mut self, variables: impl Fn(&str) -> Option<String>) -> Result<()> {
        for setting in ALL {
            let variable = setting.variable();
            // Kubernetes sets ELANUS_PORT=tcp://… for a service that is called elanus; that is nobody's choice.
            let Some(text) = variables(&variable).filter(|text| !text.starts_with("tcp://")) else {
                continue;
            };
            let set = self.set(setting.name, &text, Source::Environment(variable.clone()));
            set.map_err(|error| error.context(variable))?;
        }
        Ok(())
    }
}
