//! The identifiers that prost and tonic give to services and methods. Generated code has to meet them exactly,
//! so the rules are theirs: `prost-build` (`ident.rs`) and `tonic-build` (`naive_snake_case`).

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

/// The trait of a service.
pub(crate) fn service_trait(service: &str) -> String {
    sanitize(&service.to_upper_camel_case())
}

/// The module that tonic puts the trait in.
pub(crate) fn server_module(service: &str) -> String {
    format!("{}_server", naive_snake_case(&service_trait(service)))
}

/// The trait method of an RPC.
pub(crate) fn trait_method(rpc: &str) -> String {
    sanitize(&rpc.to_snake_case())
}

/// Keywords become raw identifiers, or get an underscore where there are no raw ones.
fn sanitize(name: &str) -> String {
    const UNDERSCORED: [&str; 6] = ["_", "super", "self", "Self", "extern", "crate"];
    const KEYWORDS: [&str; 47] = [
        "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in", "let", "loop",
        "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct", "trait", "true", "type", "unsafe",
        "use", "where", "while", "dyn", "abstract", "become", "box", "do", "final", "macro", "override", "priv",
        "typeof", "unsized", "virtual", "yield", "async", "await", "try", "gen",
    ];
    if UNDERSCORED.contains(&name) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else if name.starts_with(char::is_numeric) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// An underscore before every capital but the first, also within `ABC`.
fn naive_snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (index, c) in name.chars().enumerate() {
        if index > 0 && c.is_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_methods() {
        let services = [
            ("OrderService", "OrderService", "order_service_server"),
            ("ABCService", "AbcService", "abc_service_server"),
            ("snake_case_service", "SnakeCaseService", "snake_case_service_server"),
        ];
        for (service, service_name, module) in services {
            assert_eq!((service_trait(service).as_str(), server_module(service).as_str()), (service_name, module));
        }
        let methods = [
            ("CreateOrder", "create_order"),
            ("Move", "r#move"),
            ("Self", "self_"),
            ("HTMLToPDF", "html_to_pdf"),
            ("Get2FA", "get2_fa"),
        ];
        for (rpc, method) in methods {
            assert_eq!(trait_method(rpc), method);
        }
    }
}
