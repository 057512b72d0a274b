//! What the OpenAPI document says beyond messages and routes: who may call, what is safe to repeat, which headers there
//! are, and where a created thing is found.

use std::error::Error;

use transcode_build::openapi::{Extra, Host, Json, Object};
use transcode_build::{Builder, object};

use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor};

use crate::openapi_answers;
use crate::openapi_examples;
use crate::openapi_webhooks;
use crate::options::{Contract, Method};

/// How the service introduces itself. What holds everywhere is said here, once.
const ABOUT: &str = "\
An order back office. What you see here is made from the Protobuf contract of the service, which serves it over gRPC and \
gRPC-Web too.

- **Callers** send `Authorization: Bearer <key>`. `x-permission` names what a key needs for an operation.
- **JSON**: names are snake_case; camelCase is read too. 64-bit integers are strings; bare numbers are read too. Unknown \
fields and parameters are refused. In a request, but for `PATCH`, `null` is the same as leaving the field out; texts hold no NUL.
- **Repeating a write** with the same `Idempotency-Key` gives the first answer again, with `Idempotent-Replayed: true`.
- **Changing** a thing only if nobody else did: `If-Match` with its `etag`, or `etag` in the request; 412 otherwise. A GET of \
one thing with `If-None-Match` answers 304 when you have its current state.
- **PATCH** changes the fields that are present; `null` clears. With `update_mask` it is exact: what is named and absent is \
cleared, what is present and not named is refused. Lists and maps are replaced whole.
- **Checking** without doing: `validate_only` in every write. The answer is 200 and what would have been, without an id.
- **Failures** have one form, `Error`. Decide by its `code`.
- A path that does not exist is 404 `route_not_found`; one that has other methods is 405 `method_not_allowed`, with `Allow`.";

/// The text of `openapi.json`.
pub(crate) fn emit(contract: &Contract, builder: &Builder, package: &str) -> Result<String, Box<dyn Error>> {
    let document = builder.openapi(package, &Service { contract })?;
    Ok(format!("{document}\n"))
}

struct Service<'c> {
    contract: &'c Contract,
}

impl Host for Service<'_> {
    fn document(&self) -> Object {
        object! {
            "info": object! { "title": "Tradepost", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT },
            "servers": vec![object! { "url": "/", "description": "The service that shows this document." }],
            "security": vec![object! { "bearer": Json::List(Vec::new()) }],
            "webhooks": openapi_webhooks::webhooks(),
        }
    }

    fn components(&self) -> Object {
        object! {
            "securitySchemes": object! { "bearer": object! {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key. `POST /v1/api_keys` makes one.",
            } },
            "parameters": self.parameters(),
            "headers": headers(),
            "responses": openapi_answers::shared(self.contract),
            "schemas": openapi_answers::schemas(self.contract),
        }
    }

    fn operation(&self, descriptor: &MethodDescriptor, has_body: bool) -> Extra {
        let Some(method) = self.method(descriptor.name()) else { return Extra::default() };
        let mut extra = Extra { status: method.status(), ..Extra::default() };
        extra.parameters.extend(method.key_parameter().map(parameter));
        extra.parameters.extend(method.condition_parameter().map(parameter));
        extra.parameters.extend((!method.stream_event_id.is_empty()).then(|| parameter("LastEventId")));
        extra.parameters.extend(["RequestTimeout", "RequestId"].map(parameter));
        extra.headers = success_headers(method);
        extra.links = self.links(method, descriptor);
        extra.also = method.dry_run_answer();
        extra.responses = openapi_answers::of(self.contract, method, has_body);
        if !method.permission.is_empty() {
            extra.members.set("x-permission", method.permission.as_str());
        }
        extra
    }

    fn file_types(&self, descriptor: &MethodDescriptor) -> Vec<String> {
        self.method(descriptor.name()).map(|method| method.file_types.clone()).unwrap_or_default()
    }

    fn example(&self, message: &MessageDescriptor) -> Option<Json> {
        openapi_examples::message(message.name())
    }

    fn parameter_example(&self, field: &FieldDescriptor) -> Option<Json> {
        openapi_examples::parameter(field.parent_message().name(), field.name())
    }
}

impl Service<'_> {
    fn method(&self, name: &str) -> Option<&Method> {
        self.contract.services.iter().flat_map(|service| &service.methods).find(|method| method.name == name)
    }

    /// The shared parameters that some operation refers to.
    fn parameters(&self) -> Object {
        let methods = || self.contract.services.iter().flat_map(|service| &service.methods);
        let used = |name: &str| !name.ends_with("Key") || methods().any(|method| method.key_parameter() == Some(name));
        let all = parameters();
        let kept = all.iter().filter(|(name, _)| used(name));
        kept.fold(Object::new(), |kept, (name, parameter)| kept.with(name, parameter.clone()))
    }

    /// Whatever can be read at the Location of what was created.
    fn links(&self, method: &Method, descriptor: &MethodDescriptor) -> Object {
        let Some(location) = &method.location else { return Object::new() };
        let mut links = Object::new();
        for service in descriptor.parent_pool().services() {
            for reader in service.methods() {
                let Some(read) = self.method(reader.name()).filter(|read| read.rest.0 == "GET") else { continue };
                let variable = read.rest.1.strip_prefix(&location.prefix).and_then(|rest| rest.strip_prefix('{'));
                let variable = variable.and_then(|rest| rest.strip_suffix('}')).filter(|name| !name.contains('/'));
                if let Some(variable) = variable {
                    let place = format!("$response.body#/{}", location.field.join("/"));
                    links.set(
                        read.name.as_str(),
                        object! {
                            "operationId": read.name.as_str(),
                            "parameters": Object::new().with(variable, place),
                            "description": "Reads what was created.",
                        },
                    );
                }
            }
        }
        links
    }
}

impl Method {
    /// The HTTP status of a success.
    pub(crate) fn status(&self) -> u16 {
        match self.success.as_str() {
            "CREATED" => 201,
            "ACCEPTED" => 202,
            "NO_CONTENT" => 204,
            _ => 200,
        }
    }

    /// The header that makes the call depend on an etag.
    fn condition_parameter(&self) -> Option<&'static str> {
        match (self.read, self.takes_etag()) {
            (true, _) => self.answers_not_modified().then_some("IfNoneMatch"),
            (false, takes_etag) => takes_etag.then_some("IfMatch"),
        }
    }

    /// Whether it reads one thing that the client may have already.
    pub(crate) fn answers_not_modified(&self) -> bool {
        self.read && self.rest.0 == "GET" && self.shows_etag()
    }

    /// What is answered when only the checks were wanted, where that differs.
    fn dry_run_answer(&self) -> Option<(u16, Object)> {
        let differs = self.takes_validate_only() && self.status() != 200;
        let answer = object! {
            "description": "With `validate_only`: what would have been answered. Nothing was done, and there is no id.",
            "headers": object! { "X-Request-Id": header("RequestId") },
        };
        differs.then_some((200, answer))
    }

    fn key_parameter(&self) -> Option<&'static str> {
        match self.key_rule.as_str() {
            "OPTIONAL" => Some("IdempotencyKey"),
            "REQUIRED" => Some("RequiredIdempotencyKey"),
            _ => None,
        }
    }
}

fn parameter(name: &str) -> Json {
    object! { "$ref": format!("#/components/parameters/{name}") }.into()
}

pub(crate) fn header(name: &str) -> Object {
    object! { "$ref": format!("#/components/headers/{name}") }
}

fn success_headers(method: &Method) -> Object {
    let mut headers = object! { "X-Request-Id": header("RequestId") };
    if method.shows_etag() {
        headers.set("ETag", header("Etag"));
    }
    if method.location.is_some() {
        headers.set("Location", header("Location"));
    }
    if method.key_parameter().is_some() {
        headers.set("Idempotent-Replayed", header("IdempotentReplayed"));
    }
    headers
}

fn parameters() -> Object {
    let key = object! { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]*$" };
    let one = |name: &str, required: bool, text: &str, schema: Object, example: &str| {
        object! {
            "name": name, "in": "header", "required": required, "description": text, "schema": schema, "example": example,
        }
    };
    let about_key = "Makes the call safe to repeat: 1 to 255 visible ASCII characters, new for each thing you want done and \
                     the same for every try. Kept for 24 hours.";
    object! {
        "IdempotencyKey": one("Idempotency-Key", false, about_key, key.clone(), "order-2026-0042"),
        "RequiredIdempotencyKey": one("Idempotency-Key", true, about_key, key, "payment-2026-0042"),
        "IfMatch": one(
            "If-Match",
            false,
            "Go on only if the thing has one of these etags; `*` is any.",
            object! { "type": "string" },
            "\"v7\"",
        ),
        "IfNoneMatch": one(
            "If-None-Match",
            false,
            "The etags of the states you have: if one is current, the answer is 304, without a body.",
            object! { "type": "string" },
            "\"v7\"",
        ),
        "LastEventId": one(
            "Last-Event-ID",
            false,
            "The `id` of the last event that you have of this stream: it goes on after it. Browsers send it by themselves.",
            object! { "type": "string" },
            "",
        ),
        "RequestTimeout": one(
            "Request-Timeout",
            false,
            "How many seconds the answer may take, with a fraction if you like: 15 when nothing is said, 60 at most. A stream \
             ends then; without, exports end after 15 minutes, and watching goes on.",
            object! { "type": "string" },
            "10",
        ),
        "RequestId": one(
            "X-Request-Id",
            false,
            "Your name for the request: up to 128 letters, digits and `-_.:`. Without one, or with another one, the service \
             makes one.",
            object! { "type": "string" },
            "web-7f3a",
        ),
    }
}

fn headers() -> Object {
    let one = |text: &str, required: bool, schema: Object| object! { "description": text, "required": required, "schema": schema };
    let text = || object! { "type": "string" };
    object! {
        "RequestId": one("The name of the request; logs have it too.", true, text()),
        "Etag": one("The etag of the thing, quoted. Not with `validate_only`: nothing has it.", false, text()),
        "Location": one("Where the created thing is found.", true, object! { "type": "string", "format": "uri-reference" }),
        "IdempotentReplayed": one(
            "Present when this is the answer of an earlier call with the same `Idempotency-Key`.",
            false,
            object! { "type": "string", "enum": vec!["true"] },
        ),
        "RetryAfter": one("When to try again, in seconds.", false, object! { "type": "integer", "minimum": 0 }),
        "WwwAuthenticate": one("Which kind of credentials is wanted.", true, text()),
    }
}
