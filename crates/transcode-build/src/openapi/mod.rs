//! Descriptors -> an OpenAPI 3.1 document, from the same rules as the routes and the checks, so that it cannot say
//! anything else. What descriptors do not hold, such as errors and permissions, the [`Host`] adds.

mod comments;
mod constraints;
mod json;
mod kinds;
mod oneofs;
mod operation;
mod parameters;
mod range;
mod schemas;

use std::collections::BTreeSet;

use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor, ServiceDescriptor};

pub use self::comments::comment;
pub use self::json::{Json, Object};
pub use self::operation::Extra;
use self::operation::is_deprecated;
use self::schemas::Schemas;
use crate::plan::{Route, Service};
use crate::{Builder, Error, HTTP_OPTION, find_conflicts, object, plan_service, rule};

/// What is particular to a service.
pub trait Host {
    /// The members of the document beside tags, paths and components: info, servers, security.
    fn document(&self) -> Object;

    /// Components beside the schemas of the messages, which are added.
    fn components(&self) -> Object;

    /// What there is to say of a method beyond its messages. `has_body`: its request has one over this route.
    fn operation(&self, method: &MethodDescriptor, has_body: bool) -> Extra;

    /// The media types of a method that answers with a `google.api.HttpBody`; empty: whatever it is.
    fn file_types(&self, method: &MethodDescriptor) -> Vec<String> {
        let _ = method;
        Vec::new()
    }

    /// An example of a message as JSON.
    fn example(&self, message: &MessageDescriptor) -> Option<Json> {
        let _ = message;
        None
    }

    /// An example of a field that comes in the path or the query.
    fn parameter_example(&self, field: &FieldDescriptor) -> Option<Json> {
        let _ = field;
        None
    }
}

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// In the JSON of a request.
    In,
    /// In the path or the query.
    Text,
    /// In the JSON of an answer.
    Out,
}

impl Builder {
    /// The OpenAPI 3.1 document of all services of a mapped package. `HEAD`, `OPTIONS` and methods that OpenAPI does not
    /// know are left out.
    pub fn openapi(&self, package: &str, host: &dyn Host) -> Result<Json, Error> {
        let services = self.planned(package)?;
        let methods: Vec<_> = services.iter().flat_map(|service| service.descriptor.methods()).collect();
        let sent: Vec<_> = methods.iter().map(MethodDescriptor::input).collect();
        let answered: Vec<_> = methods.iter().map(MethodDescriptor::output).collect();
        let mut schemas = Schemas::new(package, &sent, &answered);
        let paths = self.paths(&services, &mut schemas, host);

        let mut document = object! { "openapi": "3.1.1" };
        document.extend(host.document());
        document.set("tags", services.iter().map(|service| tag(&service.descriptor)).collect::<Vec<_>>());
        document.set("paths", paths);
        let mut components = host.components();
        let own = components.child("schemas");
        for (name, schema) in schemas.finish().iter() {
            own.set(name, schema.clone());
        }
        document.set("components", components);
        Ok(document.into())
    }

    fn planned(&self, package: &str) -> Result<Vec<Service>, Error> {
        let http = self.pool.get_extension_by_name(HTTP_OPTION);
        let http =
            http.ok_or_else(|| Error::new(vec![format!("the descriptor set does not define ({HTTP_OPTION})")]))?;
        let mut problems = Vec::new();
        let found = self.pool.services().filter(|service| service.package_name() == package);
        let services: Vec<_> = found.map(|service| plan_service(service, "", Some(&http), &mut problems)).collect();
        find_conflicts(&services, &mut problems);
        if problems.is_empty() { Ok(services) } else { Err(Error::new(problems)) }
    }

    fn paths(&self, services: &[Service], schemas: &mut Schemas, host: &dyn Host) -> Object {
        let (mut paths, mut ids) = (Object::new(), BTreeSet::new());
        for route in services.iter().flat_map(|service| &service.routes) {
            let method = route.http_method.to_ascii_lowercase();
            if !["get", "put", "post", "delete", "patch"].contains(&method.as_str()) {
                continue;
            }
            let id = unused(route, &mut ids);
            let (path, operation) = operation::operation(route, &id, &self.response_body(route), schemas, host);
            paths.child(&path).set(method, operation);
        }
        paths
    }

    fn response_body(&self, route: &Route) -> String {
        let http = self.pool.get_extension_by_name(HTTP_OPTION);
        let bindings = http.and_then(|http| rule::bindings(&route.method, &http).ok()).unwrap_or_default();
        let mut same =
            bindings.into_iter().filter(|one| one.template == route.text && one.http_method == route.http_method);
        same.next().map(|binding| binding.response_body).unwrap_or_default()
    }
}

/// The name of the RPC, with a number where that is taken.
fn unused(route: &Route, ids: &mut BTreeSet<String>) -> String {
    let name = route.method.name();
    let numbered = (2..).map(|number| format!("{name}{number}"));
    let mut choices = std::iter::once(name.to_owned()).chain(numbered);
    let id = choices.find(|id| !ids.contains(id)).unwrap_or_default();
    ids.insert(id.clone());
    id
}

fn tag(service: &ServiceDescriptor) -> Object {
    let mut tag = object! { "name": service.name() };
    let text = comment(&service.parent_file(), service.path());
    if !text.is_empty() {
        tag.set("description", text);
    }
    tag
}
