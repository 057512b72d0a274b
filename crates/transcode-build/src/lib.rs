//! Generates the REST side of tonic services from the `google.api.http` rules in their descriptors.
//!
//! For a `build.rs`: the same descriptor set goes to `tonic-prost-build` for messages and traits and to [`Builder`]
//! for routes and dispatch. Rules that could fail at run time fail the build instead, all at once, with file and
//! line. What the generated code does at run time is in the crate `transcode`.

mod emit;
mod json;
mod names;
pub mod openapi;
mod plan;
mod problem;
mod rule;
mod template;
pub mod validation;

use std::collections::{HashMap, HashSet};

use prost_reflect::{DescriptorPool, ExtensionDescriptor, MethodDescriptor, ServiceDescriptor};

use plan::{Route, Service};
pub use problem::Error;

/// The method option that carries the rules.
const HTTP_OPTION: &str = "google.api.http";

/// Reads a descriptor set and generates code.
#[derive(Debug)]
pub struct Builder {
    pool: DescriptorPool,
    /// Packages with services and their modules, in the order given.
    packages: Vec<(String, String)>,
    /// Packages of which only messages are used.
    messages: Vec<(String, String)>,
}

impl Builder {
    /// Reads an encoded `google.protobuf.FileDescriptorSet`. With source info, problems name their line.
    pub fn new(descriptor_set: &[u8]) -> Result<Self, Error> {
        match DescriptorPool::decode(descriptor_set) {
            Ok(pool) => Ok(Self { pool, packages: Vec::new(), messages: Vec::new() }),
            Err(error) => Err(Error::new(vec![format!("the descriptor set cannot be read: {error}")])),
        }
    }

    /// Maps a protobuf package to the Rust module that holds what prost and tonic generate for it. Every method of
    /// every service of a mapped package must have a rule; other packages are left alone.
    #[must_use]
    pub fn package(mut self, package: impl Into<String>, module: impl Into<String>) -> Self {
        self.packages.push((package.into(), module.into()));
        self
    }

    /// Maps a package whose messages are used by those of the others. It may have services, which are left alone.
    #[must_use]
    pub fn messages(mut self, package: impl Into<String>, module: impl Into<String>) -> Self {
        self.messages.push((package.into(), module.into()));
        self
    }

    /// The code of all services and messages of the mapped packages, formatted. It must be compiled in the crate of
    /// the messages, for it implements foreign traits for them.
    pub fn generate(&self) -> Result<String, Error> {
        let http = self.pool.get_extension_by_name(HTTP_OPTION);
        if http.is_none() && !self.packages.is_empty() {
            return Err(Error::new(vec![format!("the descriptor set does not define ({HTTP_OPTION})")]));
        }
        let mut problems = Vec::new();
        let mut services = Vec::new();
        let mut modules = json::Modules::default();
        for (package, module) in self.packages.iter().chain(&self.messages) {
            problems.extend(modules.insert(package, module).err());
        }
        for (package, module) in &self.packages {
            let known = services.len();
            let of_package = self.pool.services().filter(|service| service.package_name() == package);
            services.extend(of_package.map(|service| plan_service(service, module, http.as_ref(), &mut problems)));
            if services.len() == known {
                problems.push(format!("the package {package} has no services"));
            }
        }
        find_conflicts(&services, &mut problems);
        let messages = json::generate(&self.pool, &modules, &replies(&services)).unwrap_or_else(|found| {
            problems.extend(found);
            proc_macro2::TokenStream::new()
        });
        if !problems.is_empty() {
            return Err(Error::new(problems));
        }
        emit::file(&services, messages).map_err(|problem| Error::new(vec![problem]))
    }
}

/// Is this a path template of `google/api/http.proto`? Says what is wrong, and in which column.
pub fn check_template(text: &str) -> Result<(), String> {
    template::Template::parse(text).map(drop).map_err(|error| error.to_string())
}

fn plan_service(
    descriptor: ServiceDescriptor,
    module: &str,
    http: Option<&ExtensionDescriptor>,
    problems: &mut Vec<String>,
) -> Service {
    let mut routes = Vec::new();
    for method in descriptor.methods() {
        match http.map_or_else(|| Ok(Vec::new()), |http| rule::bindings(&method, http)) {
            Err(found) => problems.extend(found.into_iter().map(|problem| tell(&method, None, &problem))),
            Ok(bindings) if bindings.is_empty() => problems.push(tell(&method, None, "has no HTTP rule")),
            Ok(bindings) => {
                for binding in bindings {
                    let template = binding.template.clone();
                    match plan::route(&method, binding) {
                        Ok(route) => routes.push(route),
                        Err(found) => {
                            problems.extend(found.iter().map(|problem| tell(&method, Some(&template), problem)));
                        }
                    }
                }
            }
        }
    }
    Service { descriptor, module: module.to_owned(), routes }
}

/// The fields of replies that rules name as the HTTP body.
fn replies(services: &[Service]) -> HashSet<String> {
    let routes = services.iter().flat_map(|service| &service.routes);
    let named = routes.filter_map(|route| {
        let name = route.response_body.as_ref()?;
        route.method.output().get_field_by_name(name).map(|field| field.full_name().to_owned())
    });
    named.collect()
}

/// Two routes that match the same requests, and two services whose types would have the same name.
fn find_conflicts(services: &[Service], problems: &mut Vec<String>) {
    let mut types: HashMap<String, &str> = HashMap::new();
    for service in services {
        let full_name = service.descriptor.full_name();
        if let Some(other) = types.insert(emit::type_name(service), full_name) {
            problems.push(format!("{full_name} and {other} would generate types of the same name"));
        }
    }
    let mut shapes: HashMap<(&str, String), &Route> = HashMap::new();
    for route in services.iter().flat_map(|service| &service.routes) {
        let key = (route.http_method.as_str(), route.template.shape());
        if let Some(other) = shapes.get(&key) {
            let problem = format!(
                "{} answers the same requests as {} ({:?}, {})",
                route.http_method,
                other.method.full_name(),
                other.text,
                place_of(&other.method),
            );
            problems.push(tell(&route.method, Some(&route.text), &problem));
        } else {
            shapes.insert(key, route);
        }
    }
}

fn tell(method: &MethodDescriptor, template: Option<&str>, problem: &str) -> String {
    let template = template.map(|template| format!(" {template:?}")).unwrap_or_default();
    format!("{}: {}{template}: {problem}", place_of(method), method.full_name())
}

fn place_of(method: &MethodDescriptor) -> String {
    problem::place(&method.parent_file(), method.path())
}
