//! The settings of webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Switch, read};
use crate::app::seals::SealingKey;
use crate::domain::webhook::{Network, TargetRules};

/// Every port.
const ANY: &str = "any";

/// Longest name of a sealing key.
const MAX_ID: usize = 32;

/// The name of the key in the database.
const RESERVED: &str = "db";

/// Where webhooks may be sent to.
pub(super) fn targets(errors: &mut Vec<String>, text: &impl Fn(&str) -> String) -> Option<TargetRules> {
    let http = read(errors, "webhook_http", &text("webhook_http"), "must be on or off");
    let ports = match text("webhook_ports").trim() {
        ANY => Some(Vec::new()),
        some => list(some).map(|port| port.parse::<u16>().ok().filter(|port| *port > 0)).collect::<Option<Vec<_>>>(),
    };
    let ports = ports.filter(|ports| !ports.is_empty() || text("webhook_ports").trim() == ANY);
    if ports.is_none() {
        errors.push("webhook_ports: must be ports, separated by commas, or any".to_owned());
    }
    let networks = text("webhook_networks");
    let networks = list(&networks).map(|network| network.parse::<Network>().ok()).collect::<Option<Vec<_>>>();
    if networks.is_none() {
        errors.push("webhook_networks: must be networks like 10.1.0.0/16, separated by commas".to_owned());
    }
    Some(TargetRules { http: http.map(|Switch(on)| on)?, ports: ports?, networks: networks? })
}

/// What secrets are sealed with.
pub(super) fn sealing_keys(errors: &mut Vec<String>, text: &str) -> Option<Vec<SealingKey>> {
    let keys: Option<Vec<_>> = list(text).map(sealing_key).collect();
    let is_once = |keys: &Vec<SealingKey>| {
        keys.iter().enumerate().all(|(place, key)| keys[..place].iter().all(|other| other.id != key.id))
    };
    let keys = keys.filter(is_once);
    if keys.is_none() {
        errors.push("sealing_keys: must be name:key, separated by commas; a key is 32 bytes in base64".to_owned());
    }
    keys
}

fn sealing_key(text: &str) -> Option<SealingKey> {
    let (id, key) = text.split_once(':')?;
    let is_name = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
    let is_good = !id.is_empty() && id.len() <= MAX_ID && id != RESERVED && id.bytes().all(is_name);
    let bytes = STANDARD.decode(key).ok()?.try_into().ok()?;
    is_good.then(|| SealingKey { id: id.to_owned(), bytes })
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(http: &str, ports: &str, networks: &str) -> Result<TargetRules, Vec<String>> {
        let mut errors = Vec::new();
        let text = |name: &str| match name {
            "webhook_http" => http.to_owned(),
            "webhook_ports" => ports.to_owned(),
            _ => networks.to_owned(),
        };
        targets(&mut errors, &text).ok_or(errors)
    }

    #[test]
    fn targets_are_read_and_mistakes_told() {
        let found = rules("on", "443, 8443", "10.1.0.0/16,::1/128").expect("valid");
        assert_eq!((found.http, found.ports, found.networks.len()), (true, vec![443, 8443], 2));
        assert_eq!(rules("off", "any", "").expect("valid"), TargetRules::default());
        for (ports, networks) in
            [("", ""), ("0", ""), ("65536", ""), ("https", ""), ("any", "10.0.0.1"), ("any", "home")]
        {
            assert_eq!(rules("off", ports, networks).expect_err("wrong").len(), 1, "{ports} {networks}");
        }
        assert_eq!(rules("yes", "x", "x").expect_err("wrong").len(), 3);
    }

    #[test]
    fn sealing_keys_are_named_once_and_have_32_bytes() {
        let key = STANDARD.encode([7; 32]);
        let read = |text: &str| sealing_keys(&mut Vec::new(), text);
        assert_eq!(read("").map(|keys| keys.len()), Some(0));
        let two = read(&format!("new:{key}, old:{key}")).expect("two keys");
        assert_eq!((two[0].id.as_str(), two[1].id.as_str()), ("new", "old"));
        let short = STANDARD.encode([7; 16]);
        for wrong in [key.clone(), format!(":{key}"), format!("db:{key}"), format!("a b:{key}"), format!("a:{short}")] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
        assert_eq!(read(&format!("a:{key},a:{key}")), None);
    }
}
