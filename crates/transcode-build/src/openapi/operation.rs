//! One operation: what a route takes and answers, completed by what the host knows of its method.

use prost_reflect::{DynamicMessage, MethodDescriptor, ReflectMessage as _};

use super::comments::{comment, summary};
use super::schemas::Schemas;
use super::{Direction, Host, Json, Object, constraints, oneofs, parameters};
use crate::object;
use crate::plan::{Body, Route};

/// What the host says of a method.
#[derive(Debug, Default)]
pub struct Extra {
    /// The status of a success; 0 means 200.
    pub status: u16,
    /// More parameters, or references to them.
    pub parameters: Vec<Json>,
    /// Headers of a success.
    pub headers: Object,
    /// Links of a success.
    pub links: Object,
    /// A second success that answers with the same message, such as the 200 of a request that was only tried out: its
    /// status, and the answer but for its content.
    pub also: Option<(u16, Object)>,
    /// The other answers, by status.
    pub responses: Object,
    /// Members of the operation itself, such as `x-permission`.
    pub members: Object,
}

/// The path of a route, and its operation under the given id. `response_body` is that of the rule.
pub(super) fn operation(
    route: &Route,
    id: &str,
    response_body: &str,
    schemas: &mut Schemas,
    host: &dyn Host,
) -> (String, Object) {
    let extra = host.operation(&route.method, route.body != Body::None);
    let (path, mut all) = parameters::path(route, schemas, host);
    all.extend(parameters::query(route, schemas, host));
    all.extend(extra.parameters);
    let text = comment(&route.method.parent_file(), route.method.path());
    let mut operation = object! { "operationId": id, "tags": vec![route.method.parent_service().name()] };
    if !text.is_empty() {
        operation.set("summary", summary(&text));
        operation.set("description", text);
    }
    if super::is_deprecated(&route.method.options()) {
        operation.set("deprecated", true);
    }
    if !all.is_empty() {
        operation.set("parameters", all);
    }
    if let Some(body) = request_body(route, schemas, host) {
        operation.set("requestBody", body);
    }
    let output = route.method.output();
    let answer = comment(&output.parent_file(), output.path());
    let mut success = object! { "description": if answer.is_empty() { "Done.".to_owned() } else { answer } };
    for (key, part) in [("headers", extra.headers), ("links", extra.links)] {
        if !part.is_empty() {
            success.set(key, part);
        }
    }
    let status = if extra.status == 0 { 200 } else { extra.status };
    let mut responses = Object::new();
    for (status, mut answer) in std::iter::once((status, success)).chain(extra.also) {
        if status != 204 {
            answer.set("content", content(&route.method, response_body, schemas, host));
        }
        responses.set(status.to_string(), answer);
    }
    responses.extend(extra.responses);
    operation.set("responses", responses);
    operation.extend(extra.members);
    (path, operation)
}

fn request_body(route: &Route, schemas: &mut Schemas, host: &dyn Host) -> Option<Object> {
    let input = route.method.input();
    let paths: Vec<String> = route.template.variables.iter().map(|variable| variable.field.clone()).collect();
    let (schema, required, example) = match &route.body {
        Body::None => return None,
        Body::All => {
            let mut fields = input.fields().filter(|field| !paths.contains(&field.name().to_owned()));
            let required = fields.any(|field| constraints::is_required(&field, &constraints::of(&field)))
                || oneofs::is_required(&input, &paths);
            (schemas.message(&input, Direction::In, &paths), required, host.example(&input))
        }
        Body::Field(name) => {
            let field = input.get_field_by_name(name)?;
            let rules = constraints::of(&field);
            let within = format!("{name}.");
            let inner: Vec<_> = paths.iter().filter_map(|path| path.strip_prefix(&within)).map(str::to_owned).collect();
            let example = field.kind().as_message().and_then(|message| host.example(message));
            let schema = schemas.field(&field, &rules, Direction::In, &inner);
            (schema, constraints::is_required(&field, &rules), example)
        }
    };
    let mut media = object! { "schema": schema };
    if let Some(example) = example {
        media.set("example", example);
    }
    Some(object! { "required": required, "content": object! { "application/json": media } })
}

fn content(method: &MethodDescriptor, response_body: &str, schemas: &mut Schemas, host: &dyn Host) -> Object {
    let output = method.output();
    if output.full_name() == "google.api.HttpBody" {
        let types = host.file_types(method);
        let binary = || object! { "schema": object! { "type": "string", "format": "binary" } };
        if types.is_empty() {
            return object! { "*/*": object! { "schema": Object::new() } };
        }
        return types.into_iter().fold(Object::new(), |all, media_type| all.with(media_type, binary()));
    }
    let schema = match output.get_field_by_name(response_body) {
        Some(field) => schemas.field(&field, &constraints::of(&field), Direction::Out, &[]),
        None => schemas.message(&output, Direction::Out, &[]),
    };
    if method.is_server_streaming() {
        let list = object! { "type": "array", "items": schema.clone() };
        return object! {
            "application/x-ndjson": object! { "schema": schema },
            "application/json": object! { "schema": list },
            "text/event-stream": object! { "schema": server_sent_event() },
        };
    }
    let mut media = object! { "schema": schema };
    if let Some(example) = host.example(&output).filter(|_| response_body.is_empty()) {
        media.set("example", example);
    }
    object! { "application/json": media }
}

/// One event of a stream (WHATWG HTML, section 9.2); its data is a message as JSON.
fn server_sent_event() -> Object {
    let text = || object! { "type": "string" };
    object! {
        "type": "object",
        "properties": object! { "id": text(), "event": text(), "data": text() },
        "required": vec!["data"],
    }
}

/// Whether an element carries `deprecated = true`.
pub(super) fn is_deprecated(options: &DynamicMessage) -> bool {
    let field = options.descriptor().get_field_by_name("deprecated");
    field.is_some_and(|field| options.get_field(&field).as_bool() == Some(true))
}
