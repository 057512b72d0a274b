//! The `google.api.http` option of a method as plain bindings, additional ones included.
//! What a binding means for the messages of the method is checked elsewhere.

use prost_reflect::{DynamicMessage, ExtensionDescriptor, MethodDescriptor, Value};

/// One binding as the contract writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    /// `GET`, or `*`.
    pub(crate) http_method: String,
    pub(crate) template: String,
    pub(crate) body: String,
    pub(crate) response_body: String,
}

/// All bindings of a method, the main one first; none when it has no rule. Problems come as text.
pub(crate) fn bindings(method: &MethodDescriptor, http: &ExtensionDescriptor) -> Result<Vec<Binding>, Vec<String>> {
    let options = method.options();
    if !options.has_extension(http) {
        return Ok(Vec::new());
    }
    let rule = options.get_extension(http);
    let Some(rule) = rule.as_message() else { return Ok(Vec::new()) };
    let mut bindings = Vec::new();
    let mut problems = Vec::new();
    let mut take = |read: Result<Binding, String>| match read {
        Ok(binding) => bindings.push(binding),
        Err(problem) => problems.push(problem),
    };
    take(binding(rule));
    for additional in list(rule, "additional_bindings") {
        take(if list(&additional, "additional_bindings").is_empty() {
            binding(&additional)
        } else {
            Err("an additional binding has additional bindings itself".to_owned())
        });
    }
    if problems.is_empty() { Ok(bindings) } else { Err(problems) }
}

fn binding(rule: &DynamicMessage) -> Result<Binding, String> {
    let (http_method, template) = pattern(rule).ok_or("the rule names no HTTP method and path")?;
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'+-.^_`|~".contains(c);
    if http_method != "*" && (http_method.is_empty() || !http_method.chars().all(token)) {
        return Err(format!("{http_method:?} is no HTTP method"));
    }
    Ok(Binding { http_method, template, body: text(rule, "body"), response_body: text(rule, "response_body") })
}

fn pattern(rule: &DynamicMessage) -> Option<(String, String)> {
    let standard = ["get", "put", "post", "delete", "patch"];
    if let Some(name) = standard.into_iter().find(|name| rule.has_field_by_name(name)) {
        return Some((name.to_ascii_uppercase(), text(rule, name)));
    }
    if !rule.has_field_by_name("custom") {
        return None;
    }
    let custom = rule.get_field_by_name("custom")?;
    let custom = custom.as_message()?;
    Some((text(custom, "kind"), text(custom, "path")))
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn list(message: &DynamicMessage, field: &str) -> Vec<DynamicMessage> {
    let value = message.get_field_by_name(field);
    let values = value.as_deref().and_then(Value::as_list).unwrap_or_default();
    values.iter().filter_map(Value::as_message).cloned().collect()
}
