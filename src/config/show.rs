//! The effective settings as a file, with where each comes from. Secrets are not in it.

use std::fmt::Write as _;
use std::path::Path;

use super::{Config, Source, Sources, Values, variable};
use crate::store::Engine;

/// Stands for a secret. Read back, it is no valid key and no right password, so it cannot be taken for one.
const MASK: &str = "***";

/// What the names of parameters with secrets have in them: `password`, `sslpassword`, `sslkey`.
const SECRET_PARAMETERS: [&str; 3] = ["pass", "key", "%"];

/// One line a setting.
pub(super) fn toml(config: &Config, values: &Values, sources: &Sources, file: &Path) -> String {
    let mut text = String::new();
    for (name, value) in values {
        let shown = match name.as_str() {
            "bootstrap_api_key" | "s3_secret_access_key" | "sealing_keys" if !value.is_empty() => MASK.to_owned(),
            "database_url" => match config.engine {
                Engine::Postgres => without_password(value),
                Engine::Sqlite => value.clone(),
            },
            _ => value.clone(),
        };
        let source = match sources.get(name) {
            Some(Source::File) => format!("file {:?}", file.to_string_lossy()),
            Some(Source::Environment) => format!("environment {}", variable(name)),
            Some(Source::Flag) => format!("flag --{}", name.replace('_', "-")),
            Some(Source::Default) | None => "default".to_owned(),
        };
        let secret = if shown == *value { "" } else { "; the secret is not shown" };
        let _ = writeln!(text, "{name} = {} # {source}{secret}", toml::Value::String(shown));
    }
    text
}

/// A database URL with its password masked. One that can be read in two ways is not shown at all: what looks like a path
/// may be a part of a password that was not escaped.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return MASK.to_owned() };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if rest.contains(['@', '#']) {
        return format!("{scheme}://{MASK}");
    }
    let authority = match authority.rsplit_once('@') {
        Some((login, host)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    let Some((path, query)) = rest.split_once('?') else { return format!("{scheme}://{authority}{rest}") };
    let parameters: Vec<_> = query.split('&').map(parameter).collect();
    format!("{scheme}://{authority}{path}?{}", parameters.join("&"))
}

fn parameter(text: &str) -> String {
    let (name, value) = text.split_once('=').unwrap_or(("%", text));
    let is_secret = SECRET_PARAMETERS.iter().any(|part| name.to_lowercase().contains(part));
    match (is_secret, name) {
        (false, _) => format!("{name}={value}"),
        (true, "%") => MASK.to_owned(),
        (true, _) => format!("{name}={MASK}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_url_shows_its_password() {
        for (url, shown) in [
            ("postgres://localhost/shop", "postgres://localhost/shop"),
            ("postgres://anna@localhost/shop?sslmode=require", "postgres://anna@localhost/shop?sslmode=require"),
            ("postgres://anna:secret@db:5432/shop", "postgres://anna:***@db:5432/shop"),
            ("postgresql://anna:sec%40ret@[::1]/shop", "postgresql://anna:***@[::1]/shop"),
            ("postgres://anna:sec@ret:secret@db/shop", "postgres://anna:***@db/shop"),
            ("postgres://:secret@db", "postgres://:***@db"),
            ("postgres://db/shop?user=anna&password=secret", "postgres://db/shop?user=anna&password=***"),
            ("postgres://db/shop?PASSWORD=secret&sslmode=require", "postgres://db/shop?PASSWORD=***&sslmode=require"),
            ("postgres://db/shop?pass%77ord=secret", "postgres://db/shop?pass%77ord=***"),
            ("postgres://db/shop?secret", "postgres://db/shop?***"),
            ("postgres://db?sslkey=secret", "postgres://db?sslkey=***"),
            // The password has a slash, a question mark or a hash.
            ("postgres://anna:12/secret@db/shop", "postgres://***"),
            ("postgres://anna:12?secret=1@db/shop", "postgres://***"),
            ("postgres://anna:12#secret", "postgres://***"),
        ] {
            assert_eq!(without_password(url), shown, "{url}");
        }
    }
}
