//! Reads our own options from the compiled contract, and refuses a contract that leaves something unsaid.

use std::collections::BTreeSet;
use std::error::Error;

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, Kind, MessageDescriptor, MethodDescriptor,
    ReflectMessage as _, Value,
};

/// The message of replies that say nothing.
const EMPTY: &str = "google.protobuf.Empty";

/// The message of replies that are files.
pub(crate) const HTTP_BODY: &str = "google.api.HttpBody";

/// What the contract says beyond shapes and routes.
pub(crate) struct Contract {
    pub services: Vec<Service>,
    pub errors: Vec<ErrorCode>,
    pub roles: Vec<Role>,
}

pub(crate) struct Service {
    pub name: String,
    /// The proto file without its ending, which is also the name of the handler's module: `orders`.
    pub module: String,
    pub methods: Vec<Method>,
}

pub(crate) struct Method {
    pub name: String,
    pub full_path: String,
    pub input: MessageDescriptor,
    pub output: MessageDescriptor,
    /// The REST side: `POST`, `/v1/orders`.
    pub rest: (String, String),
    pub read: bool,
    /// Made of calls of other methods.
    pub composite: bool,
    /// The largest REST body; 0: the usual.
    pub max_body_bytes: u32,
    /// Empty: every authenticated caller.
    pub permission: String,
    pub success: String,
    /// Empty on reads.
    pub key_rule: String,
    pub location: Option<Location>,
    /// What can go wrong beyond what can go wrong everywhere, as REST shows it.
    pub errors: Vec<String>,
    /// The field with which a key is needed that is optional else; empty: none.
    pub key_required_with: String,
    /// Whether it answers with a stream.
    pub streams: bool,
    /// How a stream is written over REST where the client has no wish; empty where that is not negotiated.
    pub stream_format: String,
    /// The field that tells where a stream goes on; empty: none.
    pub stream_event_id: String,
    /// The media types of a method that answers with a file.
    pub file_types: Vec<String>,
}

/// `/v1/tenants/{tenant.id}`: what stands before the id, and where the reply holds it.
pub(crate) struct Location {
    pub prefix: String,
    pub field: Vec<String>,
}

pub(crate) struct ErrorCode {
    pub name: String,
    /// When it is sent, as the contract's comment says.
    pub meaning: String,
    pub grpc: i32,
    /// The name of that number: `INVALID_ARGUMENT`.
    pub grpc_name: String,
    pub http: u16,
    pub retryable: bool,
    pub message: String,
}

pub(crate) struct Role {
    pub name: String,
    pub permissions: Vec<String>,
}

impl Method {
    /// Whether the request can say which etag the thing must have.
    pub(crate) fn takes_etag(&self) -> bool {
        self.input.get_field_by_name("etag").is_some()
    }

    /// Whether the request can ask for the checks alone.
    pub(crate) fn takes_validate_only(&self) -> bool {
        self.input.get_field_by_name("validate_only").is_some()
    }

    /// Whether the reply is one thing with an etag, or shows one.
    pub(crate) fn shows_etag(&self) -> bool {
        let has_etag = |message: &MessageDescriptor| message.get_field_by_name("etag").is_some();
        let shows = |kind: Kind| kind.as_message().is_some_and(has_etag);
        has_etag(&self.output) || self.output.fields().any(|field| !field.is_list() && shows(field.kind()))
    }

    /// Whether the reply says nothing.
    pub(crate) fn answers_nothing(&self) -> bool {
        self.output.full_name() == EMPTY
    }
}

impl ErrorCode {
    /// As REST shows it: `validation_failed`.
    pub(crate) fn code(&self) -> String {
        self.name.to_lowercase()
    }
}

struct Extensions {
    policy: ExtensionDescriptor,
    error: ExtensionDescriptor,
    role: ExtensionDescriptor,
}

impl Contract {
    /// Reads a package; the error lists everything that is wrong with it.
    pub(crate) fn read(descriptor_set: &[u8], package: &str) -> Result<Self, Box<dyn Error>> {
        let pool = DescriptorPool::decode(descriptor_set)?;
        let find = |name: &str| {
            pool.get_extension_by_name(&format!("tradepost.options.v1.{name}")).ok_or(format!("no option {name}"))
        };
        let extensions = Extensions { policy: find("policy")?, error: find("error")?, role: find("role")? };
        let mut faults = Vec::new();
        let contract = Self {
            services: read_services(&pool, package, &extensions, &mut faults),
            errors: read_errors(&pool, package, &extensions, &mut faults)?,
            roles: read_roles(&pool, package, &extensions)?,
        };
        contract.check(&mut faults);
        if faults.is_empty() { Ok(contract) } else { Err(faults.join("\n").into()) }
    }

    /// Every permission that some role holds.
    pub(crate) fn permissions(&self) -> BTreeSet<&str> {
        self.roles.iter().flat_map(|role| role.permissions.iter().map(String::as_str)).collect()
    }

    /// The error that REST shows under this code.
    pub(crate) fn error(&self, code: &str) -> Option<&ErrorCode> {
        self.errors.iter().find(|error| error.code() == code)
    }

    fn check(&self, faults: &mut Vec<String>) {
        let known = self.permissions();
        for method in self.services.iter().flat_map(|service| &service.methods) {
            for error in method.errors.iter().filter(|error| self.error(error).is_none()) {
                faults.push(format!("{}: the catalog has no error {error}", method.name));
            }
            if !method.permission.is_empty() && !known.contains(method.permission.as_str()) {
                faults.push(format!("{}: no role holds {}", method.name, method.permission));
            }
        }
    }
}

fn read_services(
    pool: &DescriptorPool,
    package: &str,
    extensions: &Extensions,
    faults: &mut Vec<String>,
) -> Vec<Service> {
    pool.services()
        .filter(|service| service.package_name() == package)
        .map(|service| Service {
            name: service.name().to_owned(),
            module: module_of(service.parent_file().name()),
            methods: service.methods().filter_map(|method| read_method(&method, extensions, faults)).collect(),
        })
        .collect()
}

fn module_of(file: &str) -> String {
    file.rsplit('/').next().unwrap_or(file).trim_end_matches(".proto").to_owned()
}

fn read_method(method: &MethodDescriptor, extensions: &Extensions, faults: &mut Vec<String>) -> Option<Method> {
    let options = method.options();
    if !options.has_extension(&extensions.policy) {
        faults.push(format!("{}: declares no policy", method.full_name()));
        return None;
    }
    let policy = message(&options.get_extension(&extensions.policy))?;
    // MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS
    let read = options.get_field_by_name("idempotency_level").and_then(|level| level.as_enum_number()) == Some(1);
    let found = Method {
        name: method.name().to_owned(),
        full_path: format!("/{}/{}", method.parent_service().full_name(), method.name()),
        input: method.input(),
        output: method.output(),
        rest: rest(method),
        read,
        composite: flag(&policy, "composite"),
        max_body_bytes: number(&policy, "max_body_bytes"),
        permission: text(&policy, "permission"),
        success: enum_name(&policy, "success"),
        key_rule: if flag_set(&policy, "idempotency_key") {
            enum_name(&policy, "idempotency_key")
        } else {
            String::new()
        },
        location: location(&text(&policy, "location")),
        errors: texts(&policy, "errors"),
        key_required_with: text(&policy, "idempotency_key_required_with"),
        streams: method.is_server_streaming(),
        stream_format: enum_name(&policy, "stream_format"),
        stream_event_id: text(&policy, "stream_event_id"),
        file_types: texts(&policy, "file_types"),
    };
    check_method(&found, flag(&policy, "any_caller"), &text(&policy, "location"), faults);
    Some(found)
}

fn check_method(method: &Method, any_caller: bool, location: &str, faults: &mut Vec<String>) {
    let mut fault = |text: &str| faults.push(format!("{}: {text}", method.full_path));
    if any_caller != method.permission.is_empty() {
        fault("needs either a permission or any_caller");
    }
    if method.success == "SUCCESS_UNSPECIFIED" {
        fault("declares no success");
    }
    if method.read != method.key_rule.is_empty() {
        fault("a write needs a key rule, a read has none");
    }
    if method.rest.1.is_empty() {
        fault("declares no HTTP rule");
    }
    let field = &method.key_required_with;
    if !field.is_empty() && (method.key_rule != "OPTIONAL" || method.input.get_field_by_name(field).is_none()) {
        fault("idempotency_key_required_with names a field of a request whose key is optional");
    }
    check_conventions(method, &mut fault);
    check_stream(method, &mut fault);
    if method.composite && (method.read || method.key_rule != "NONE" || method.takes_validate_only()) {
        fault("a composite has neither key nor validate_only: the calls that it makes have their own");
    }
    let made = matches!(method.success.as_str(), "CREATED" | "ACCEPTED");
    if made != method.location.is_some() || (method.location.is_none() && !location.is_empty()) {
        fault("a location of the form /v1/things/{id} goes with CREATED and ACCEPTED, and with nothing else");
    }
}

/// A stream is a read, and says how it is written, unless it is a file.
fn check_stream(method: &Method, fault: &mut impl FnMut(&str)) {
    let has_format = method.stream_format != "STREAM_FORMAT_UNSPECIFIED";
    let is_negotiated = method.streams && method.output.full_name() != HTTP_BODY;
    if method.streams && !method.read {
        fault("a stream is a read");
    }
    if has_format != is_negotiated {
        fault("a stream_format goes with a stream of messages, and with nothing else");
    }
    if method.file_types.is_empty() == (method.output.full_name() == HTTP_BODY) {
        fault("file_types go with a file, and with nothing else");
    }
    let id = &method.stream_event_id;
    if !id.is_empty() && method.output.get_field_by_name(id).is_none() {
        fault("stream_event_id names a field of the streamed message");
    }
}

/// What every request of its kind has, under the same number.
fn check_conventions(method: &Method, fault: &mut impl FnMut(&str)) {
    for (name, number) in [("update_mask", 101), ("etag", 102), ("validate_only", 103)] {
        if method.input.get_field_by_name(name).is_some_and(|field| field.number() != number) {
            fault(&format!("{name} has the number {number} in every request"));
        }
    }
    if method.read {
        return;
    }
    let (verb, template) = &method.rest;
    if !method.takes_validate_only() && !method.composite {
        fault("a write takes validate_only");
    }
    if template.contains('{') && !method.takes_etag() {
        fault("a write on one thing takes its etag");
    }
    if verb == "PATCH" && method.input.get_field_by_name("update_mask").is_none() {
        fault("an update takes an update_mask");
    }
}

/// The verb and the template of the main HTTP rule; empty when there is none.
fn rest(method: &MethodDescriptor) -> (String, String) {
    let found = || {
        let option = method.parent_pool().get_extension_by_name("google.api.http")?;
        let options = method.options();
        let rule = message(&options.get_extension(&option))?;
        let verbs = ["get", "put", "post", "delete", "patch"];
        verbs.iter().map(|verb| (verb.to_uppercase(), text(&rule, verb))).find(|(_, path)| !path.is_empty())
    };
    found().unwrap_or_default()
}

fn location(template: &str) -> Option<Location> {
    let (prefix, rest) = template.split_once('{')?;
    let field = rest.strip_suffix('}')?;
    Some(Location { prefix: prefix.to_owned(), field: field.split('.').map(str::to_owned).collect() })
}

fn read_errors(
    pool: &DescriptorPool,
    package: &str,
    extensions: &Extensions,
    faults: &mut Vec<String>,
) -> Result<Vec<ErrorCode>, Box<dyn Error>> {
    let codes = pool.get_enum_by_name(&format!("{package}.ErrorCode")).ok_or("no ErrorCode")?;
    let mut errors = Vec::new();
    for value in codes.values().filter(|value| value.number() != 0) {
        let Some(policy) = message(&value.options().get_extension(&extensions.error)) else { continue };
        let grpc = policy.get_field_by_name("grpc").and_then(|code| code.as_enum_number()).unwrap_or_default();
        let http = policy.get_field_by_name("http").and_then(|status| status.as_i32()).unwrap_or_default();
        let message = text(&policy, "message");
        if grpc == 0 || !(400..600).contains(&http) || message.is_empty() {
            faults.push(format!("ErrorCode.{}: needs grpc, http and message", value.name()));
        }
        errors.push(ErrorCode {
            name: value.name().to_owned(),
            meaning: transcode_build::openapi::comment(&codes.parent_file(), value.path()),
            grpc,
            grpc_name: enum_name(&policy, "grpc"),
            http: u16::try_from(http)?,
            retryable: flag(&policy, "retryable"),
            message,
        });
    }
    Ok(errors)
}

fn read_roles(pool: &DescriptorPool, package: &str, extensions: &Extensions) -> Result<Vec<Role>, Box<dyn Error>> {
    let roles = pool.get_enum_by_name(&format!("{package}.Role")).ok_or("no Role")?;
    Ok(roles
        .values()
        .filter(|value| value.number() != 0)
        .filter_map(|value| {
            let policy = message(&value.options().get_extension(&extensions.role))?;
            Some(Role { name: value.name().to_owned(), permissions: texts(&policy, "permissions") })
        })
        .collect())
}

fn message(value: &Value) -> Option<DynamicMessage> {
    value.as_message().cloned()
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn texts(message: &DynamicMessage, field: &str) -> Vec<String> {
    let value = message.get_field_by_name(field);
    let values = value.as_deref().and_then(Value::as_list).unwrap_or_default();
    values.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn flag(message: &DynamicMessage, field: &str) -> bool {
    message.get_field_by_name(field).and_then(|value| value.as_bool()).unwrap_or_default()
}

/// A count; what is no count is none.
fn number(message: &DynamicMessage, field: &str) -> u32 {
    let number = message.get_field_by_name(field).and_then(|value| value.as_i32());
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

fn flag_set(message: &DynamicMessage, field: &str) -> bool {
    message.has_field_by_name(field)
}

fn enum_name(message: &DynamicMessage, field: &str) -> String {
    let Some(descriptor) = message.descriptor().get_field_by_name(field) else { return String::new() };
    let number = message.get_field(&descriptor).as_enum_number().unwrap_or_default();
    match descriptor.kind() {
        Kind::Enum(values) => values.get_value(number).map(|value| value.name().to_owned()).unwrap_or_default(),
        _ => String::new(),
    }
}
