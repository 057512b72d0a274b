//! The names that prost gives to the things of a contract.

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};
use prost_reflect::{EnumDescriptor, FieldDescriptor, MessageDescriptor, OneofDescriptor};

/// The Rust field of a field.
pub(crate) fn field(field: &FieldDescriptor) -> Ident {
    snake(field.name())
}

/// Where the type of a message is, below the module of its package.
pub(crate) fn message(message: &MessageDescriptor) -> Vec<Ident> {
    let mut path = module(message.parent_message());
    path.push(camel(message.name()));
    path
}

/// Where the type of an enum is, below the module of its package.
pub(crate) fn enumeration(descriptor: &EnumDescriptor) -> Vec<Ident> {
    let mut path = module(descriptor.parent_message());
    path.push(camel(descriptor.name()));
    path
}

/// The Rust field of a oneof.
pub(crate) fn oneof(oneof: &OneofDescriptor) -> Ident {
    snake(oneof.name())
}

/// Where a variant of a oneof is, below the module of its package.
pub(crate) fn variant(oneof: &OneofDescriptor, field: &FieldDescriptor) -> Vec<Ident> {
    let parent = oneof.parent_message();
    let mut name = oneof.name().to_upper_camel_case();
    let nested = parent.child_messages().map(|message| message.name().to_upper_camel_case());
    let enums = parent.child_enums().map(|nested| nested.name().to_upper_camel_case());
    // prost keeps the name free for the nested type.
    if nested.chain(enums).any(|other| other == name) {
        name.push_str("OneOf");
    }
    let mut path = module(Some(parent.clone()));
    path.extend([ident(&name), camel(field.name())]);
    path
}

/// The modules of nested types: one per message around them.
fn module(mut parent: Option<MessageDescriptor>) -> Vec<Ident> {
    let mut path = Vec::new();
    while let Some(message) = parent {
        path.push(snake(message.name()));
        parent = message.parent_message();
    }
    path.reverse();
    path
}

fn snake(name: &str) -> Ident {
    ident(&name.to_snake_case())
}

fn camel(name: &str) -> Ident {
    ident(&name.to_upper_camel_case())
}

/// Keywords become raw identifiers, except those that cannot.
fn ident(name: &str) -> Ident {
    let span = Span::call_site();
    if ["_", "self", "Self", "super", "crate", "extern"].contains(&name) {
        return Ident::new(&format!("{name}_"), span);
    }
    if name.starts_with(|first: char| first.is_numeric()) {
        return Ident::new(&format!("_{name}"), span);
    }
    // Weak keywords such as `union` parse as identifiers and stay as they are, as in prost.
    if syn::parse_str::<Ident>(name).is_ok() && name != "gen" {
        return Ident::new(name, span);
    }
    Ident::new_raw(name, span)
}
