//! The implementations of one message and of one enum.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor, Syntax};
use quote::quote;

use super::fields::Slot;
use super::reach::Modules;
use crate::plan::HTTP_BODY;

/// `ProtoJson` and `Fields` of a message.
pub(crate) fn message(message: &MessageDescriptor, modules: &Modules, replies: &HashSet<String>) -> TokenStream {
    let path = modules.message(message);
    let slots: Vec<Slot> = (0_u16..).zip(message.fields()).map(|(index, field)| Slot::new(index, field)).collect();
    let schema = schema(message, &slots, modules);
    let write = slots.iter().map(|slot| slot.write(modules));
    let read = slots.iter().map(|slot| slot.read(modules));
    let member = member(message, &slots, modules);
    let set_text = set_text(&slots, modules);
    let mask = mask(&slots);
    let raw = raw(message, &slots);
    let raw_body = if message.full_name() == HTTP_BODY { raw_body(&path) } else { TokenStream::new() };
    let write_field = write_field(&slots, modules, replies);
    quote! {
        impl ProtoJson for #path {
            fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
                out.object(|out| self.write_fields(out))
            }

            fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
                json.object(self, at)
            }

            fn types() -> &'static [AnyType] {
                TYPES
            }
        }

        #[allow(deprecated, unused_variables)]
        impl Fields for #path {
            #schema

            fn write_fields(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
                #(#write)*
                Ok(())
            }

            fn read_field(&mut self, field: u16, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
                match field {
                    #(#read)*
                    _ => Ok(()),
                }
            }

            #member
            #set_text
            #mask
            #write_field
            #raw
        }

        #raw_body
    }
}

fn write_field(slots: &[Slot], modules: &Modules, replies: &HashSet<String>) -> TokenStream {
    let named = slots.iter().filter(|slot| replies.contains(slot.full_name()));
    let arms: Vec<TokenStream> = named.filter_map(|slot| slot.write_bare(modules)).collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn write_field(&self, field: u16, out: &mut Writer<'_>) -> Result<(), Unprintable> {
            match field {
                #(#arms)*
                _ => Ok(()),
            }
        }
    }
}

/// Raw bytes in this message, if it holds any; the message itself may be `google.api.HttpBody`.
fn raw(message: &MessageDescriptor, slots: &[Slot]) -> TokenStream {
    let mut arms: Vec<TokenStream> = slots.iter().filter_map(Slot::raw).collect();
    if message.full_name() == HTTP_BODY {
        arms.push(quote!(None => Some(self),));
    }
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn raw_body(&mut self, field: Option<u16>) -> Option<&mut dyn ::transcode::RawBody> {
            match field {
                #(#arms)*
                _ => None,
            }
        }
    }
}

/// `RawBody` of a generated `google.api.HttpBody`.
fn raw_body(path: &syn::Path) -> TokenStream {
    quote! {
        impl ::transcode::RawBody for #path {
            fn content_type(&self) -> &str {
                &self.content_type
            }

            fn take_data(&mut self) -> ::prost::bytes::Bytes {
                ::core::mem::take(&mut self.data).into()
            }

            fn fill(&mut self, content_type: String, data: ::prost::bytes::Bytes) {
                self.content_type = content_type;
                self.data = data.into();
            }
        }
    }
}

fn schema(message: &MessageDescriptor, slots: &[Slot], modules: &Modules) -> TokenStream {
    let name = message.full_name();
    let fields = slots.iter().map(|slot| slot.schema(modules));
    let names = slots.iter().map(Slot::names);
    let find = if slots.is_empty() {
        quote!(|_| None)
    } else {
        quote! {
            |name| {
                Some(match name {
                    #(#names)*
                    _ => return None,
                })
            }
        }
    };
    quote! {
        fn schema() -> &'static Schema {
            static SCHEMA: Schema = Schema { name: #name, fields: &[#(#fields),*], find: #find };
            &SCHEMA
        }
    }
}

fn member(message: &MessageDescriptor, slots: &[Slot], modules: &Modules) -> TokenStream {
    let oneofs: Vec<TokenStream> = message
        .oneofs()
        .filter(|oneof| !oneof.is_synthetic())
        .map(|oneof| {
            let number = oneof_number(&oneof);
            let name = crate::validation::names::oneof(&oneof);
            let members = slots.iter().filter(|slot| slot.oneof().as_ref() == Some(&oneof));
            let arms = members.map(|slot| {
                let (index, variant) = (slot.index, slot.variant(&oneof, modules));
                quote!(#variant(_) => #index,)
            });
            quote!(#number => Some(match self.#name.as_ref()? { #(#arms)* }),)
        })
        .collect();
    if oneofs.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn member(&self, oneof: u16) -> Option<u16> {
            match oneof {
                #(#oneofs)*
                _ => None,
            }
        }
    }
}

/// The place of a oneof in its message; no message has more than 64 Ki of them.
pub(super) fn oneof_number(oneof: &prost_reflect::OneofDescriptor) -> u16 {
    oneof.path().last().and_then(|index| u16::try_from(*index).ok()).unwrap_or_default()
}

fn set_text(slots: &[Slot], modules: &Modules) -> TokenStream {
    let arms: Vec<TokenStream> = slots.iter().filter_map(|slot| slot.set(modules)).collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn set_text(&mut self, path: &[u16], text: &str, source: set::Source) -> Result<(), Refusal> {
            let (field, below) = set::enter(self, path)?;
            match field {
                #(#arms)*
                _ => Err(Refusal::no_text()),
            }
        }
    }
}

fn mask(slots: &[Slot]) -> TokenStream {
    let arms: Vec<TokenStream> = slots.iter().filter_map(Slot::mask).collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn mask(&mut self, field: u16) -> Option<&mut Option<::prost_types::FieldMask>> {
            match field {
                #(#arms)*
                _ => None,
            }
        }
    }
}

/// The names of an enum.
pub(crate) fn enumeration(descriptor: &EnumDescriptor, modules: &Modules) -> TokenStream {
    let path = modules.enumeration(descriptor);
    let closed = descriptor.parent_file().syntax() == Syntax::Proto2;
    let values = descriptor.enum_descriptor_proto().value.iter().map(|value| {
        let (name, number) = (value.name(), value.number());
        quote!((#name, #number))
    });
    quote! {
        impl EnumType for #path {
            fn table() -> &'static EnumTable {
                static TABLE: EnumTable = EnumTable { values: &[#(#values),*], closed: #closed };
                &TABLE
            }
        }
    }
}

/// The line of a message in the table of what an `Any` may hold.
pub(crate) fn any_type(message: &MessageDescriptor, modules: &Modules) -> TokenStream {
    let (name, path) = (message.full_name(), modules.message(message));
    quote!(AnyType::object::<#path>(#name))
}

/// The kind of a scalar, an enum or a message.
pub(super) fn kind(kind: &Kind, modules: &Modules) -> TokenStream {
    match kind {
        Kind::Double => quote!(kinds::Double),
        Kind::Float => quote!(kinds::Float),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => quote!(kinds::Int32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => quote!(kinds::Int64),
        Kind::Uint32 | Kind::Fixed32 => quote!(kinds::Uint32),
        Kind::Uint64 | Kind::Fixed64 => quote!(kinds::Uint64),
        Kind::Bool => quote!(kinds::Bool),
        Kind::String => quote!(kinds::Text),
        // Which types hold bytes and messages, boxed or not, is for the compiler to find out.
        Kind::Bytes => quote!(kinds::Blob<_>),
        Kind::Enum(descriptor) if descriptor.full_name() == "google.protobuf.NullValue" => quote!(kinds::Null),
        Kind::Enum(descriptor) => {
            let path = modules.enumeration(descriptor);
            quote!(kinds::Enum<#path>)
        }
        Kind::Message(_) => quote!(kinds::Message<_>),
    }
}
