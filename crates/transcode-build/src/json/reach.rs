//! Which messages and enums need code, and where prost puts them.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use syn::Ident;

use crate::plan::HTTP_BODY;
use crate::problem::place;
use crate::validation::names;

/// The Rust modules of protobuf packages.
#[derive(Default)]
pub(crate) struct Modules(BTreeMap<String, syn::Path>);

impl Modules {
    /// Maps a package.
    pub(crate) fn insert(&mut self, package: &str, module: &str) -> Result<(), String> {
        let path = syn::parse_str(module).map_err(|_| format!("{module:?} is not the path of a Rust module"))?;
        self.0.insert(package.to_owned(), path);
        Ok(())
    }

    fn contains(&self, package: &str) -> bool {
        self.0.contains_key(package)
    }

    /// The path of a type of a package that is mapped.
    pub(crate) fn path(&self, package: &str, below: &[Ident]) -> syn::Path {
        let mut path = self.0.get(package).cloned().unwrap_or_else(|| syn::parse_quote!(self));
        path.segments.extend(below.iter().cloned().map(syn::PathSegment::from));
        path
    }

    /// The type of a message.
    pub(crate) fn message(&self, message: &MessageDescriptor) -> syn::Path {
        if self.is_ours(message) {
            return syn::parse_quote!(::transcode::HttpBody);
        }
        self.path(message.package_name(), &names::message(message))
    }

    /// The one message that is of the runtime unless its package is mapped.
    fn is_ours(&self, message: &MessageDescriptor) -> bool {
        message.full_name() == HTTP_BODY && !self.contains(message.package_name())
    }

    /// The type of an enum.
    pub(crate) fn enumeration(&self, descriptor: &EnumDescriptor) -> syn::Path {
        self.path(descriptor.package_name(), &names::enumeration(descriptor))
    }
}

/// What needs code, by full name.
pub(crate) struct Reached {
    pub(crate) messages: Vec<MessageDescriptor>,
    pub(crate) enums: Vec<EnumDescriptor>,
}

/// Follows the fields of all messages of the mapped packages.
pub(crate) fn reach(pool: &DescriptorPool, modules: &Modules) -> Result<Reached, Vec<String>> {
    let mut messages = BTreeMap::new();
    let mut enums = BTreeMap::new();
    let mut problems = Vec::new();
    let of_packages = pool.all_messages().filter(|message| modules.contains(message.package_name()));
    let mut open: Vec<MessageDescriptor> = of_packages.filter(|message| !message.is_map_entry()).collect();
    while let Some(message) = open.pop() {
        if messages.insert(message.full_name().to_owned(), message.clone()).is_some() {
            continue;
        }
        for field in message.fields() {
            match value_kind(&field) {
                Kind::Message(inner)
                    if well_known(&inner) || modules.is_ours(&inner) || messages.contains_key(inner.full_name()) => {}
                Kind::Message(inner) if modules.contains(inner.package_name()) => open.push(inner),
                Kind::Message(inner) => problems.push(unmapped(&field, inner.full_name(), inner.package_name())),
                Kind::Enum(inner) if inner.full_name() == "google.protobuf.NullValue" => {}
                Kind::Enum(inner) if modules.contains(inner.package_name()) => {
                    enums.insert(inner.full_name().to_owned(), inner);
                }
                Kind::Enum(inner) => problems.push(unmapped(&field, inner.full_name(), inner.package_name())),
                _ => {}
            }
        }
    }
    problems.sort();
    if problems.is_empty() {
        Ok(Reached { messages: messages.into_values().collect(), enums: enums.into_values().collect() })
    } else {
        Err(problems)
    }
}

fn unmapped(field: &FieldDescriptor, full_name: &str, package: &str) -> String {
    let place = place(&field.parent_message().parent_file(), field.path());
    format!("{place}: {}: the package {package} of {full_name} is not mapped to a module", field.full_name())
}

/// The kind of a field, or of the values of a map.
pub(crate) fn value_kind(field: &FieldDescriptor) -> Kind {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind(),
        kind => kind,
    }
}

/// The types that the runtime knows.
pub(crate) fn well_known(message: &MessageDescriptor) -> bool {
    message.full_name().strip_prefix("google.protobuf.").is_some_and(|name| {
        wrapped(message).is_some()
            || ["Any", "Duration", "Empty", "FieldMask", "ListValue", "Struct", "Timestamp", "Value"].contains(&name)
    })
}

/// The kind inside a wrapper.
pub(crate) fn wrapped(message: &MessageDescriptor) -> Option<Kind> {
    let name = message.full_name().strip_prefix("google.protobuf.")?.strip_suffix("Value")?;
    ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"]
        .contains(&name)
        .then(|| message.get_field(1).map(|field| field.kind()))?
}
