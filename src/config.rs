//! Settings: defaults, then `tradepost.toml`, then the environment, then flags. Every mistake is reported at once.

mod show;
mod storage;
mod webhooks;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use crate::app::seals::SealingKey;
use crate::domain::webhook::TargetRules;
use crate::objects::S3;
use crate::store::Engine;

/// The defaults, and their documentation.
pub const DEFAULTS: &str = include_str!("default.toml");

/// Where settings are read from when nobody says.
pub const DEFAULT_FILE: &str = "tradepost.toml";

/// What a chosen API key must at least have to be as good as one of ours.
const MIN_KEY_CHARS: usize = 32;

/// Longest API key that is read from a header.
const MAX_KEY_CHARS: usize = 255;

/// The settings, checked.
#[derive(Clone)]
pub struct Config {
    /// Where clients reach the service.
    pub listen: SocketAddr,
    /// Where operators reach it.
    pub admin_listen: SocketAddr,
    /// The database.
    pub database_url: String,
    /// Which engine that is.
    pub engine: Engine,
    /// The key of the first start, when one was chosen.
    pub bootstrap_api_key: Option<String>,
    /// Whether gRPC reflection is served.
    pub reflection: bool,
    /// Whether the OpenAPI document and the pages that show it are served.
    pub docs: bool,
    /// The pages that may call the service from a browser, as their origins.
    pub cors_origins: Vec<String>,
    /// Where files of reports are kept; `None`: in the database.
    pub storage: Option<S3>,
    /// How long they are kept.
    pub report_retention: Duration,
    /// How long it is kept that something happened; `None`: for ever.
    pub history_retention: Option<Duration>,
    /// Which log lines are written.
    pub log: String,
    /// How they look.
    pub log_format: LogFormat,
    /// Where webhooks may be sent to.
    pub targets: TargetRules,
    /// What secrets are sealed with; the first one seals.
    pub sealing_keys: Vec<SealingKey>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// For programs.
    Json,
}

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings are wrong:\n  {}", self.0.join("\n  "))
    }
}

impl std::error::Error for ConfigErrors {}

/// Settings by name, before they are checked.
pub type Values = BTreeMap<String, String>;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// A variable of the environment.
    Environment,
    /// A flag.
    Flag,
}

/// Where each setting comes from.
pub type Sources = BTreeMap<String, Source>;

impl Config {
    /// Reads and checks every source. `flags` are those that were given; a file that was chosen must be there.
    pub fn load(chosen: Option<&Path>, flags: Values) -> Result<Self, ConfigErrors> {
        let (values, _, errors) = Self::read(chosen, flags)?;
        Self::check(&values, errors)
    }

    /// Reads and checks every source, and tells the effective values as a TOML file, with where each comes from and without
    /// secrets.
    pub fn show(chosen: Option<&Path>, flags: Values) -> Result<String, ConfigErrors> {
        let (values, sources, errors) = Self::read(chosen, flags)?;
        let config = Self::check(&values, errors)?;
        Ok(show::toml(&config, &values, &sources, chosen.unwrap_or(Path::new(DEFAULT_FILE))))
    }

    fn read(chosen: Option<&Path>, flags: Values) -> Result<(Values, Sources, Vec<String>), ConfigErrors> {
        let file = chosen.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && chosen.is_none() => String::new(),
            Err(error) => return Err(ConfigErrors(vec![format!("{}: {error}", file.display())])),
        };
        let environment = |name: &str| std::env::var(variable(name)).ok();
        Ok(merge(&text, environment, flags))
    }

    fn check(values: &Values, mut errors: Vec<String>) -> Result<Self, ConfigErrors> {
        let text = |name: &str| values.get(name).cloned().unwrap_or_default();
        let database_url = text("database_url");
        let engine = read(
            &mut errors,
            "database_url",
            &database_url,
            "must be sqlite://<file> or postgres://user:password@host/database",
        );
        let listen = read(&mut errors, "listen", &text("listen"), "must be an address and a port: 127.0.0.1:8080");
        let admin = text("admin_listen");
        let admin_listen = read(&mut errors, "admin_listen", &admin, "must be an address and a port: 127.0.0.1:9090");
        let reflection = read(&mut errors, "reflection", &text("reflection"), "must be on or off");
        let docs = read(&mut errors, "docs", &text("docs"), "must be on or off");
        let origins = "must be origins like https://app.example.com, separated by commas";
        let cors_origins = read(&mut errors, "cors_origins", &text("cors_origins"), origins);
        let log_format = read(&mut errors, "log_format", &text("log_format"), "must be auto, pretty or json");
        let log = text("log");
        if let Err(error) = log.parse::<tracing_subscriber::EnvFilter>() {
            errors.push(format!("log: {error}"));
        }
        let storage = storage::read(&mut errors, text);
        let targets = webhooks::targets(&mut errors, &text);
        let sealing_keys = webhooks::sealing_keys(&mut errors, &text("sealing_keys"));
        let bootstrap_api_key = bootstrap_key(&mut errors, text("bootstrap_api_key"));
        let checked = || {
            Some(Self {
                listen: listen?,
                admin_listen: admin_listen?,
                database_url,
                engine: engine?,
                bootstrap_api_key,
                reflection: reflection.map(|Switch(on)| on)?,
                docs: docs.map(|Switch(on)| on)?,
                cors_origins: cors_origins.map(|Origins(origins)| origins)?,
                storage: storage.s3,
                report_retention: storage.report_retention?,
                history_retention: Some(storage.history_retention?).filter(|span| !span.is_zero()),
                log,
                log_format: log_format?,
                targets: targets?,
                sealing_keys: sealing_keys?,
            })
        };
        if errors.is_empty() { checked().ok_or(ConfigErrors(errors)) } else { Err(ConfigErrors(errors)) }
    }
}

/// The variable of a setting.
fn variable(name: &str) -> String {
    format!("TRADEPOST_{}", name.to_uppercase())
}

/// Later sources win.
fn merge(file: &str, environment: impl Fn(&str) -> Option<String>, flags: Values) -> (Values, Sources, Vec<String>) {
    let mut errors = Vec::new();
    let mut values = table(DEFAULTS, &mut errors);
    let mut sources: Sources = values.keys().map(|name| (name.clone(), Source::Default)).collect();
    let mut from_file = table(file, &mut errors);
    from_file.retain(|name, _| {
        let is_known = values.contains_key(name);
        if !is_known {
            errors.push(format!("{name}: there is no such setting"));
        }
        is_known
    });
    let from_environment = values.keys().filter_map(|name| Some((name.clone(), environment(name)?))).collect();
    for (source, found) in [(Source::File, from_file), (Source::Environment, from_environment), (Source::Flag, flags)] {
        for (name, value) in found {
            sources.insert(name.clone(), source);
            values.insert(name, value);
        }
    }
    (values, sources, errors)
}

/// Variables that look like settings and are none, so that a misspelled one is noticed.
#[must_use]
pub fn unknown_variables() -> Vec<String> {
    let known = table(DEFAULTS, &mut Vec::new());
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let unknown = names.filter(|name| {
        name.strip_prefix("TRADEPOST_").is_some_and(|setting| !known.contains_key(&setting.to_lowercase()))
    });
    unknown.collect()
}

/// Secrets stay out of debug output.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("listen", &self.listen).field("engine", &self.engine).finish_non_exhaustive()
    }
}

fn table(text: &str, errors: &mut Vec<String>) -> Values {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            errors.push(error.to_string());
            return Values::new();
        }
    };
    let texts = table.into_iter().filter_map(|(name, value)| match value {
        toml::Value::String(text) => Some((name, text)),
        other => {
            errors.push(format!("{name}: must be a text, not {}", other.type_str()));
            None
        }
    });
    texts.collect()
}

fn read<T: FromStr>(errors: &mut Vec<String>, name: &str, text: &str, rule: &str) -> Option<T> {
    let value = text.parse().ok();
    if value.is_none() {
        errors.push(format!("{name}: {rule}"));
    }
    value
}

fn bootstrap_key(errors: &mut Vec<String>, key: String) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    if !(MIN_KEY_CHARS..=MAX_KEY_CHARS).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        errors.push("bootstrap_api_key: must be 32 to 255 visible ASCII characters".to_owned());
    }
    Some(key)
}

struct Switch(bool);

impl FromStr for Switch {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "on" | "true" | "1" => Ok(Self(true)),
            "off" | "false" | "0" => Ok(Self(false)),
            _ => Err(()),
        }
    }
}

struct Origins(Vec<String>);

impl FromStr for Origins {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<_> = origins.map(str::to_owned).collect();
        if origins.iter().all(|origin| is_origin(origin)) { Ok(Self(origins)) } else { Err(()) }
    }
}

/// As browsers write it: scheme, host in lower case, and the port unless it is the scheme's own (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    ["http", "https"].contains(&scheme)
        && !authority.as_str().contains('@')
        && !authority.as_str().ends_with(own_port)
        && !text.contains(|c: char| c.is_ascii_uppercase())
        && text == format!("{scheme}://{authority}")
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "auto" => Ok(Self::Auto),
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn from_sources(
        file: &str,
        environment: impl Fn(&str) -> Option<String>,
        flags: Values,
    ) -> Result<Config, ConfigErrors> {
        let (values, _, errors) = merge(file, environment, flags);
        Config::check(&values, errors)
    }

    #[test]
    fn the_defaults_are_valid() {
        let config = from_sources("", |_| None, Values::new()).expect("valid");
        assert_eq!(config.listen, "127.0.0.1:8080".parse().expect("an address"));
        assert_eq!((config.engine, config.bootstrap_api_key, config.reflection), (Engine::Sqlite, None, true));
    }

    #[test]
    fn later_sources_win() {
        let file = "listen = \"127.0.0.1:1\"\nadmin_listen = \"127.0.0.1:2\"\nlog = \"warn\"";
        let environment = |name: &str| (name == "listen" || name == "log").then(|| "127.0.0.1:3".to_owned());
        let config = from_sources(file, environment, values(&[("log", "debug")])).expect("valid");
        assert_eq!((config.listen.port(), config.admin_listen.port(), config.log.as_str()), (3, 2, "debug"));
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let file = "cors_origins = \"*\"\ndocs = \"yes\"\nlisten = \"here\"\nport = \"1\"\nreflection = true\ndatabase_url = \"mysql://x\"";
        let flags = values(&[("bootstrap_api_key", "short"), ("log_format", "xml")]);
        let Err(ConfigErrors(errors)) = from_sources(file, |_| None, flags) else { panic!("valid") };
        let names =
            ["listen", "port", "reflection", "docs", "cors_origins", "database_url", "bootstrap_api_key", "log_format"];
        for name in names {
            assert!(errors.iter().any(|error| error.starts_with(&format!("{name}:"))), "{name} in {errors:?}");
        }
        assert_eq!(errors.len(), names.len());
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let read = |text: &str| text.parse::<Origins>().ok().map(|Origins(origins)| origins);
        assert_eq!(read(""), Some(vec![]));
        let two = ["https://app.example.com", "http://localhost:5173"].map(str::to_owned);
        assert_eq!(read("https://app.example.com, http://localhost:5173"), Some(two.into()));
        for wrong in [
            "*",
            "null",
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/shop",
            "https://App.example.com",
            "https://app.example.com:443",
            "ftp://app.example.com",
            "https://me@app.example.com",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
