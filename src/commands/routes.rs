//! `tradepost routes`: what can be called, and by whom.

use crate::contract::policy::{KeyRule, Kind, METHODS, Method, Role};

/// What the columns say.
const HEAD: [&str; 6] = ["RPC", "REST", "", "PERMISSION", "KEY", "STATUS"];

/// One line a method, in the order of the contract. With a role, only what it may call.
pub(super) fn table(role: Option<Role>) -> String {
    let may = |method: &&&Method| match (role, method.permission) {
        (Some(role), Some(needed)) => role.permissions().contains(&needed),
        _ => true,
    };
    let head = HEAD.map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(METHODS.iter().filter(may).map(|method| row(method))).collect();
    let widths: Vec<_> = (0..HEAD.len()).map(|column| width(&rows, column)).collect();
    let line = |row: &[String; 6]| {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(method: &Method) -> [String; 6] {
    let rpc = method.path.rsplit_once('.').map_or(method.path, |(_, rpc)| rpc);
    let permission = method.permission.map_or("any key", |permission| permission.as_str());
    let key = match method.kind {
        Kind::Read => "-",
        Kind::Write(KeyRule::None) | Kind::Composite => "ignored",
        Kind::Write(KeyRule::Optional) => "optional",
        Kind::Write(KeyRule::Required) => "required",
    };
    [rpc, method.verb, method.template, permission, key, &method.status.to_string()].map(str::to_owned)
}

fn width(rows: &[[String; 6]], column: usize) -> usize {
    rows.iter().map(|row| row[column].len()).max().unwrap_or_default()
}

pub(super) fn parse_role(text: &str) -> Result<Role, String> {
    let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    text.to_uppercase().parse().map_err(|_| format!("must be one of {}", names.join(", ")))
}
