//! Bindings checked against the messages of their method: what is left is ready to be written down as code.
//! Everything that could go wrong with a route at run time is refused here, at build time.

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
    pub(crate) response_body: Option<String>,
    /// The HTTP body of the request is raw bytes.
    pub(crate) raw_request: bool,
    /// That of the reply is.
    pub(crate) raw_reply: bool,
    /// The field with the update mask of a `PATCH`.
    pub(crate) mask: Option<String>,
}

/// Raw bytes in place of JSON.
pub(crate) const HTTP_BODY: &str = "google.api.HttpBody";

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
    let response_body = check_response_body(&method.output(), &binding).unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let raw_request = match &body {
        Body::None => false,
        Body::All => method.input().full_name() == HTTP_BODY,
        Body::Field(name) => is_raw(&method.input(), name),
    };
    let raw_reply = match &response_body {
        None => method.output().full_name() == HTTP_BODY,
        Some(name) => is_raw(&method.output(), name),
    };
    let Binding { http_method, template: text, .. } = binding;
    let mask = mask(&method.input(), &http_method, &body).filter(|_| !raw_request);
    let method = method.clone();
    Ok(Route { method, http_method, text, template, body, response_body, raw_request, raw_reply, mask })
}

/// What no HTTP request can say.
fn unsupported(method: &MethodDescriptor, binding: &Binding) -> Vec<String> {
    let mut problems = Vec::new();
    if method.is_client_streaming() {
        problems.push("a streaming request cannot be read from one HTTP request".to_owned());
    }
    if method.is_server_streaming() && !binding.response_body.is_empty() {
        problems.push("the messages of a stream are written whole, without response_body".to_owned());
    }
    problems
}

/// Is this field one `google.api.HttpBody`?
fn is_raw(message: &MessageDescriptor, name: &str) -> bool {
    let field = message.get_field_by_name(name).filter(|field| !field.is_list() && !field.is_map());
    field.is_some_and(|field| field.kind().as_message().is_some_and(|inner| inner.full_name() == HTTP_BODY))
}

/// The mask of a `PATCH` whose body is one message: `update_mask`, or the only field that is a mask.
fn mask(input: &MessageDescriptor, http_method: &str, body: &Body) -> Option<String> {
    let Body::Field(name) = body else { return None };
    let resource = input.get_field_by_name(name).filter(|field| !field.is_list() && !field.is_map())?;
    if http_method != "PATCH" || resource.kind().as_message().is_none() {
        return None;
    }
    let is_mask = |field: &FieldDescriptor| {
        let kind = field.kind();
        let named = kind.as_message().is_some_and(|inner| inner.full_name() == "google.protobuf.FieldMask");
        named && !field.is_list() && field.containing_oneof().is_none_or(|oneof| oneof.is_synthetic())
    };
    let masks: Vec<FieldDescriptor> = input.fields().filter(is_mask).collect();
    let named = masks.iter().find(|field| field.name() == "update_mask");
    let only = if masks.len() == 1 { masks.first() } else { None };
    named.or(only).map(|field| field.name().to_owned())
}

/// `response_body` is one top-level field.
fn check_response_body(output: &MessageDescriptor, binding: &Binding) -> Result<Option<String>, String> {
    let name = binding.response_body.as_str();
    if name.is_empty() || name == "*" {
        return Ok(None);
    }
    match output.get_field_by_name(name) {
        Some(field) if field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic()) => {
            Err(format!("the response_body {name} is a member of a oneof"))
        }
        Some(_) => Ok(Some(name.to_owned())),
        None => Err(format!("the response_body: {} has no field {name}", output.full_name())),
    }
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
