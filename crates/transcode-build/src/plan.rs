//! Bindings checked against the messages of their method: what is left is ready to be written down as code.
//! Everything that could go wrong with a route at run time is refused here, at build time.

use std::collections::HashSet;

use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor, ServiceDescriptor};

use crate::rule::Binding;
use crate::template::{Template, Variable};

/// A service with its routes.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) descriptor: ServiceDescriptor,
    /// Path of the Rust module with the package's types.
    pub(crate) module: String,
    pub(crate) routes: Vec<Route>,
}

/// One checked binding.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: MethodDescriptor,
    pub(crate) http_method: String,
    pub(crate) text: String,
    pub(crate) template: Template,
    pub(crate) body: Body,
}

/// What the HTTP body stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    All,
    Field(String),
}

/// Checks one binding; problems come as text.
pub(crate) fn route(method: &MethodDescriptor, binding: Binding) -> Result<Route, Vec<String>> {
    let template = Template::parse(&binding.template).map_err(|error| vec![error.to_string()])?;
    let mut problems = unsupported(method, &binding);
    problems.extend(template.variables.iter().filter_map(|variable| check_variable(&method.input(), variable).err()));
    let body = check_body(&method.input(), &binding, &template).unwrap_or_else(|problem| {
        problems.push(problem);
        Body::None
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let Binding { http_method, template: text, .. } = binding;
    Ok(Route { method: method.clone(), http_method, text, template, body })
}

/// What a rule may say but this version cannot do; refused, so that it is never silently ignored.
fn unsupported(method: &MethodDescriptor, binding: &Binding) -> Vec<String> {
    let mut problems = Vec::new();
    if method.is_client_streaming() {
        problems.push("a streaming request cannot be read from one HTTP request".to_owned());
    } else if method.is_server_streaming() {
        problems.push("server streaming is not supported yet".to_owned());
    }
    if !binding.response_body.is_empty() {
        problems.push("response_body is not supported yet".to_owned());
    }
    for message in [method.input(), method.output()] {
        for name in ["google.api.HttpBody"] {
            if reaches(&message, name, &mut HashSet::new()) {
                problems.push(format!("{} holds a {name}, which is not supported yet", message.full_name()));
            }
        }
    }
    problems
}

fn reaches(message: &MessageDescriptor, name: &str, seen: &mut HashSet<String>) -> bool {
    if message.full_name() == name {
        return true;
    }
    seen.insert(message.full_name().to_owned())
        && message.fields().any(|field| field.kind().as_message().is_some_and(|inner| reaches(inner, name, seen)))
}

/// A variable is a scalar or enum, reached through single messages (`google/api/http.proto`).
fn check_variable(input: &MessageDescriptor, variable: &Variable) -> Result<(), String> {
    let name = &variable.field;
    let mut within = Some(input.clone());
    for part in name.split('.') {
        let message = within.ok_or_else(|| format!("the variable {name} leads through a field that is no message"))?;
        let field = message
            .get_field_by_name(part)
            .ok_or_else(|| format!("the variable {name}: {} has no field {part}", message.full_name()))?;
        if field.is_list() || field.is_map() {
            return Err(format!("the variable {name}: {part} is repeated"));
        }
        within = field.kind().as_message().cloned();
    }
    match within {
        Some(message) => Err(format!("the variable {name} is a message ({})", message.full_name())),
        None => Ok(()),
    }
}

/// The body is nothing, everything, or one top-level field that is not in the path (AIP-127).
fn check_body(input: &MessageDescriptor, binding: &Binding, template: &Template) -> Result<Body, String> {
    let name = binding.body.as_str();
    if name.is_empty() {
        return Ok(Body::None);
    }
    if ["GET", "HEAD"].contains(&binding.http_method.as_str()) {
        return Err(format!("{} has no body", binding.http_method));
    }
    if name == "*" {
        return Ok(Body::All);
    }
    if name.contains('.') {
        return Err(format!("the body {name} is not a top-level field"));
    }
    let field: Option<FieldDescriptor> = input.get_field_by_name(name);
    if field.is_none() {
        return Err(format!("the body: {} has no field {name}", input.full_name()));
    }
    if template.variables.iter().any(|variable| variable.field == name) {
        return Err(format!("{name} is both a path variable and the body"));
    }
    Ok(Body::Field(name.to_owned()))
}
