//! One field of a message: its line in the schema and in every generated function.

use std::fmt::Write as _;

use proc_macro2::{Literal, TokenStream};
use prost_reflect::{Cardinality, FieldDescriptor, Kind, OneofDescriptor};
use quote::quote;
use syn::Ident;

use super::emit::{kind, oneof_number};
use super::reach::{self, Modules};
use crate::validation::names;

/// A field and its index.
pub(crate) struct Slot {
    pub(super) index: u16,
    field: FieldDescriptor,
}

/// How a field is held and reached.
enum Holding {
    Map { key: Kind },
    List,
    Member(OneofDescriptor),
    Optional,
    Implicit,
}

impl Slot {
    pub(super) fn new(index: u16, field: FieldDescriptor) -> Self {
        Self { index, field }
    }

    fn name(&self) -> Ident {
        names::field(&self.field)
    }

    fn holding(&self) -> Holding {
        if let Kind::Message(entry) = self.field.kind()
            && self.field.is_map()
        {
            return Holding::Map { key: entry.map_entry_key_field().kind() };
        }
        if self.field.is_list() {
            return Holding::List;
        }
        match self.oneof() {
            Some(oneof) => Holding::Member(oneof),
            None if self.field.cardinality() == Cardinality::Required => Holding::Implicit,
            None if self.field.supports_presence() => Holding::Optional,
            None => Holding::Implicit,
        }
    }

    /// The real oneof of the field.
    pub(super) fn oneof(&self) -> Option<OneofDescriptor> {
        self.field.containing_oneof().filter(|oneof| !oneof.is_synthetic())
    }

    /// The variant of a member of a oneof.
    pub(super) fn variant(&self, oneof: &OneofDescriptor, modules: &Modules) -> syn::Path {
        let package = oneof.parent_message().package_name().to_owned();
        modules.path(&package, &names::variant(oneof, &self.field))
    }

    /// The kind of the field, of its items, of its values; of a wrapper, what it wraps.
    fn kind(&self, modules: &Modules) -> TokenStream {
        match reach::value_kind(&self.field) {
            Kind::Message(message) => match reach::wrapped(&message) {
                Some(inner) => kind(&inner, modules),
                None => kind(&Kind::Message(message), modules),
            },
            other => kind(&other, modules),
        }
    }

    /// Whether plain text can say a value: all but messages, and times, masks and wrappers.
    fn has_text(&self) -> bool {
        match reach::value_kind(&self.field) {
            Kind::Message(message) => {
                let scalars = ["google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"];
                scalars.contains(&message.full_name()) || reach::wrapped(&message).is_some()
            }
            _ => true,
        }
    }

    /// The message whose fields can be reached through this one.
    fn below(&self, modules: &Modules) -> Option<syn::Path> {
        match self.field.kind() {
            Kind::Message(message) if !reach::well_known(&message) => match self.holding() {
                Holding::Member(_) | Holding::Optional => Some(modules.message(&message)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn schema(&self, modules: &Modules) -> TokenStream {
        let (name, json) = (self.field.name(), self.field.json_name());
        let shape = match (self.holding(), self.below(modules)) {
            (_, Some(path)) => quote!(Shape::Message(<#path as Fields>::schema)),
            (Holding::List, None) if self.has_text() => quote!(Shape::Texts),
            (Holding::Member(_) | Holding::Optional | Holding::Implicit, None) if self.has_text() => {
                quote!(Shape::Text)
            }
            _ => quote!(Shape::Whole),
        };
        let null = !self.field.is_list() && !self.field.is_map() && self.takes_null();
        let oneof = self.oneof().map(|oneof| oneof_number(&oneof));
        let oneof = oneof.map_or_else(|| quote!(None), |number| quote!(Some(#number)));
        quote!(Field { name: #name, json: #json, shape: #shape, null: #null, oneof: #oneof })
    }

    fn takes_null(&self) -> bool {
        match self.field.kind() {
            Kind::Message(message) => message.full_name() == "google.protobuf.Value",
            Kind::Enum(descriptor) => descriptor.full_name() == "google.protobuf.NullValue",
            _ => false,
        }
    }

    /// The arms that find the field by its names.
    pub(super) fn names(&self) -> TokenStream {
        let slot = self.index * 2;
        let name = Literal::byte_string(self.field.name().as_bytes());
        if self.field.json_name() == self.field.name() {
            return quote!(#name => #slot,);
        }
        let other = slot + 1;
        let json = Literal::byte_string(self.field.json_name().as_bytes());
        quote!(#name => #slot, #json => #other,)
    }

    pub(super) fn write(&self, modules: &Modules) -> TokenStream {
        let (name, kind) = (self.name(), self.kind(modules));
        let (proto, json) = (format!("\"{}\":", self.field.name()), json_key(self.field.json_name()));
        let key = quote!((#proto, #json));
        match self.holding() {
            Holding::Map { key: map_key } => {
                let map_key = super::emit::kind(&map_key, modules);
                quote!(put::map::<#map_key, #kind, _>(out, #key, &self.#name)?;)
            }
            Holding::List => quote!(put::list::<#kind>(out, #key, &self.#name)?;),
            Holding::Optional => quote!(put::optional::<#kind>(out, #key, &self.#name)?;),
            // Its one value is `null`, which is never written but where it is set.
            Holding::Implicit if self.takes_null() => TokenStream::new(),
            Holding::Implicit => quote!(put::implicit::<#kind>(out, #key, &self.#name)?;),
            Holding::Member(oneof) => {
                let (holder, variant) = (names::oneof(&oneof), self.variant(&oneof, modules));
                quote! {
                    if let Some(#variant(value)) = &self.#holder {
                        put::member::<#kind>(out, #key, value)?;
                    }
                }
            }
        }
    }

    pub(super) fn full_name(&self) -> &str {
        self.field.full_name()
    }

    /// The arm that writes the value alone; a member of a oneof cannot be.
    pub(super) fn write_bare(&self, modules: &Modules) -> Option<TokenStream> {
        let (index, name, kind) = (self.index, self.name(), self.kind(modules));
        Some(match self.holding() {
            Holding::Map { key } => {
                let key = super::emit::kind(&key, modules);
                quote!(#index => put::bare_map::<#key, #kind, _>(out, &self.#name),)
            }
            Holding::List => quote!(#index => put::bare_list::<#kind>(out, &self.#name),),
            Holding::Optional => quote!(#index => put::bare_optional::<#kind>(out, &self.#name),),
            Holding::Implicit => quote!(#index => put::bare::<#kind>(out, &self.#name),),
            Holding::Member(_) => return None,
        })
    }

    /// The arm that gives the raw bytes a field holds.
    pub(super) fn raw(&self) -> Option<TokenStream> {
        let Kind::Message(message) = self.field.kind() else { return None };
        let (index, name) = (self.index, self.name());
        let plain = matches!(self.holding(), Holding::Optional) && message.full_name() == crate::plan::HTTP_BODY;
        plain.then(|| quote!(Some(#index) => Some(self.#name.get_or_insert_default()),))
    }

    pub(super) fn read(&self, modules: &Modules) -> TokenStream {
        let (index, name, kind) = (self.index, self.name(), self.kind(modules));
        match self.holding() {
            Holding::Map { key } => {
                let key = super::emit::kind(&key, modules);
                quote!(#index => take::map::<#key, #kind, _>(json, at, &mut self.#name),)
            }
            Holding::List => quote!(#index => take::list::<#kind>(json, at, &mut self.#name),),
            Holding::Optional => quote!(#index => take::optional::<#kind>(json, at, &mut self.#name),),
            Holding::Implicit => quote!(#index => take::implicit::<#kind>(json, at, &mut self.#name),),
            Holding::Member(oneof) => {
                let (holder, variant) = (names::oneof(&oneof), self.variant(&oneof, modules));
                quote! {
                    #index => {
                        if let Some(value) = take::value::<#kind>(json, at)? {
                            self.#holder = Some(#variant(value));
                        }
                        Ok(())
                    }
                }
            }
        }
    }

    /// The arm that sets the field, or a field below it, from plain text.
    pub(super) fn set(&self, modules: &Modules) -> Option<TokenStream> {
        let (index, name, kind) = (self.index, self.name(), self.kind(modules));
        let text = self.has_text();
        Some(match self.holding() {
            Holding::List if text => quote!(#index => set::list::<#kind>(&mut self.#name, text),),
            Holding::Optional if text => quote!(#index => set::optional::<#kind>(&mut self.#name, text, source),),
            Holding::Implicit if text => quote!(#index => set::implicit::<#kind>(&mut self.#name, text, source),),
            Holding::Optional => {
                self.below(modules)?;
                quote!(#index => set::below(&mut self.#name, below, text, source),)
            }
            Holding::Member(oneof) => self.set_member(&oneof, modules)?,
            _ => return None,
        })
    }

    fn set_member(&self, oneof: &OneofDescriptor, modules: &Modules) -> Option<TokenStream> {
        let (index, kind) = (self.index, self.kind(modules));
        let (holder, variant) = (names::oneof(oneof), self.variant(oneof, modules));
        if self.has_text() {
            return Some(quote! {
                #index => {
                    let given = match &self.#holder {
                        Some(#variant(value)) => Some(value),
                        _ => None,
                    };
                    self.#holder = Some(#variant(set::member::<#kind>(given, text, source)?));
                    Ok(())
                }
            });
        }
        self.below(modules)?;
        Some(quote! {
            #index => {
                if self.#holder.is_none() {
                    self.#holder = Some(#variant(Default::default()));
                }
                match &mut self.#holder {
                    Some(#variant(inner)) => inner.set_text(below, text, source),
                    _ => Err(Refusal::no_text()),
                }
            }
        })
    }

    pub(super) fn mask(&self) -> Option<TokenStream> {
        let Kind::Message(message) = self.field.kind() else { return None };
        let plain = matches!(self.holding(), Holding::Optional);
        let (index, name) = (self.index, self.name());
        (plain && message.full_name() == "google.protobuf.FieldMask").then(|| quote!(#index => Some(&mut self.#name),))
    }
}

/// A JSON name may be any text (`json_name` of the field).
fn json_key(name: &str) -> String {
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\":"
}
