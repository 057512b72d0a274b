//! Emits what the conventions say of each message: its etag, its mask, its page, its personal data. Fields are known by
//! their names, which are the same in every message.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use quote::{format_ident, quote};

use crate::emit_policy::snake;
use crate::options::{Contract, Method};

/// The text of `conventions.rs`.
pub(crate) fn emit(contract: &Contract) -> Result<String, syn::Error> {
    let methods: Vec<_> = contract.services.iter().flat_map(|service| &service.methods).collect();
    let requests = distinct(methods.iter().map(|method| &method.input)).map(|message| {
        let key_field = methods.iter().find(|method| method.input == message).map(|method| &method.key_required_with);
        request(&message, key_field.map_or("", String::as_str))
    });
    let pages = distinct(methods.iter().map(|method| &method.input)).filter_map(|message| page(&message));
    let replies = distinct(methods.iter().filter(|method| !method.streams).map(|method| &method.output))
        .map(|message| reply(&message));
    let patches = patches(&methods);
    let personal = personal(&methods);
    let file = syn::parse2(quote! { #(#requests)* #(#pages)* #(#replies)* #patches #personal })?;
    Ok(prettyplease::unparse(&file))
}

fn distinct<'a>(messages: impl Iterator<Item = &'a MessageDescriptor>) -> impl Iterator<Item = MessageDescriptor> {
    let by_name: BTreeMap<_, _> = messages.map(|message| (message.full_name().to_owned(), message.clone())).collect();
    by_name.into_values()
}

/// The Rust type of a message of the contract; `()` for `google.protobuf.Empty`, as prost has it.
fn rust(message: &MessageDescriptor) -> TokenStream {
    if message.full_name() == "google.protobuf.Empty" {
        return quote! { () };
    }
    let name = Ident::new(message.name(), Span::call_site());
    let Some(parent) = message.parent_message() else { return quote! { pb::#name } };
    let module = word(&snake(parent.name()));
    quote! { pb::#module::#name }
}

/// A field's name in Rust.
fn ident(field: &FieldDescriptor) -> Ident {
    word(field.name())
}

/// A name in Rust, also when Rust keeps the word for itself.
fn word(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

fn request(message: &MessageDescriptor, key_field: &str) -> TokenStream {
    let name = rust(message);
    let has = |field: &str| message.get_field_by_name(field).is_some();
    let validate_only = has("validate_only").then(|| quote! { fn validate_only(&self) -> bool { self.validate_only } });
    let etag = has("etag").then(|| quote! { fn etag(&mut self) -> Option<&mut String> { Some(&mut self.etag) } });
    let update = patch_field(message).map(|(field, patch)| {
        let (text, field, present) = (field.name().to_owned(), ident(&field), present_fn(&patch));
        let known = known_paths(&patch, "");
        quote! {
            fn update(&mut self) -> Option<Update<'_>> {
                let mut present = Vec::new();
                if let Some(patch) = &self.#field {
                    #present(patch, "", &mut present);
                }
                Some(Update { field: #text, mask: &mut self.update_mask, present, known: &[#(#known,)*] })
            }
        }
    });
    let needs_key = message.get_field_by_name(key_field).map(|field| {
        let given = given(&field);
        quote! { fn needs_key(&self) -> bool { let message = self; #given } }
    });
    let resume = resume(message);
    quote! { impl RequestMessage for #name { #validate_only #etag #update #needs_key #resume } }
}

/// Where a stream goes on: after a number, or after a token.
fn resume(message: &MessageDescriptor) -> Option<TokenStream> {
    let assign = if message.get_field_by_name("after_sequence").is_some_and(|field| field.supports_presence()) {
        quote! {
            let Some(sequence) = last_event_id.parse().ok().filter(|sequence| *sequence >= 0) else { return false };
            self.after_sequence = Some(sequence);
        }
    } else if message.get_field_by_name("resume_token").is_some() {
        quote! { last_event_id.clone_into(&mut self.resume_token); }
    } else {
        return None;
    };
    Some(quote! { fn resume(&mut self, last_event_id: &str) -> bool { #assign true } })
}

/// The field with the changes of an update, and its message.
fn patch_field(message: &MessageDescriptor) -> Option<(FieldDescriptor, MessageDescriptor)> {
    message.get_field_by_name("update_mask")?;
    message.fields().find_map(|field| {
        let inner = field.kind().as_message().filter(|inner| inner.name().ends_with("Patch"))?.clone();
        Some((field, inner))
    })
}

fn page(message: &MessageDescriptor) -> Option<TokenStream> {
    message.get_field_by_name("page_token")?;
    let name = rust(message);
    Some(quote! {
        impl PageMessage for #name {
            fn take_page(&mut self) -> PageFields {
                PageFields {
                    page_size: std::mem::take(&mut self.page_size),
                    page_token: std::mem::take(&mut self.page_token),
                    order_by: std::mem::take(&mut self.order_by),
                    view: std::mem::take(&mut self.view),
                }
            }
        }
    })
}

/// The etag is that of the reply itself, or of the one thing it shows.
fn reply(message: &MessageDescriptor) -> TokenStream {
    let name = rust(message);
    let has_etag = |message: &MessageDescriptor| message.get_field_by_name("etag").is_some();
    let shown = message.fields().find(|field| !field.is_list() && field.kind().as_message().is_some_and(has_etag));
    let etag = if has_etag(message) {
        Some(quote! { Some(&self.etag) })
    } else {
        shown.map(|field| {
            let field = ident(&field);
            quote! { self.#field.as_ref().map(|shown| shown.etag.as_str()) }
        })
    };
    let etag = etag.map(|etag| quote! { fn etag(&self) -> Option<&str> { #etag } });
    let forget = forget(message, &quote! { self }, 0);
    let forget = (!forget.is_empty()).then(|| quote! { fn forget_ids(&mut self) { #(#forget)* } });
    quote! { impl ReplyMessage for #name { #etag #forget } }
}

/// Statements that clear every field called `id` of a message of the contract, and of those within.
fn forget(message: &MessageDescriptor, place: &TokenStream, depth: usize) -> Vec<TokenStream> {
    if message.package_name() != "tradepost.v1" {
        return Vec::new();
    }
    let mut statements = Vec::new();
    for field in message.fields() {
        let name = ident(&field);
        if field.name() == "id" {
            statements.push(quote! { #place.id.clear(); });
        } else if let Kind::Message(inner) = field.kind()
            && !field.is_map()
        {
            let variable = format_ident!("within{depth}");
            let within = forget(&inner, &quote! { #variable }, depth + 1);
            if !within.is_empty() {
                statements.push(each(&field, &quote! { #place.#name }, &variable, &within));
            }
        }
    }
    statements
}

/// Statements for a message that a field holds, or for every one.
fn each(field: &FieldDescriptor, place: &TokenStream, variable: &Ident, within: &[TokenStream]) -> TokenStream {
    if field.is_list() {
        quote! { for #variable in &mut #place { #(#within)* } }
    } else {
        quote! { if let Some(#variable) = &mut #place { #(#within)* } }
    }
}

/// Functions that tell which paths of a patch have a value.
fn patches(methods: &[&Method]) -> TokenStream {
    let mut known = BTreeMap::new();
    for (_, patch) in methods.iter().filter_map(|method| patch_field(&method.input)) {
        reach(&patch, &mut known);
    }
    let functions = known.values().map(present);
    quote! { #(#functions)* }
}

fn reach(message: &MessageDescriptor, known: &mut BTreeMap<String, MessageDescriptor>) {
    if known.insert(message.full_name().to_owned(), message.clone()).is_none() {
        message.fields().filter_map(|field| part(&field)).for_each(|inner| reach(&inner, known));
    }
}

/// The message of a field whose parts have paths of their own: one of plain fields that do not depend on each other. Others
/// are one value.
fn part(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    let kind = field.kind();
    let inner = kind.as_message().filter(|inner| inner.package_name() == "tradepost.v1")?;
    let is_plain = |field: FieldDescriptor| !field.supports_presence() && !field.is_list() && !field.is_map();
    (!field.is_list() && !field.is_map() && inner.fields().all(is_plain)).then(|| inner.clone())
}

fn known_paths(message: &MessageDescriptor, prefix: &str) -> Vec<String> {
    let paths = message.fields().flat_map(|field| {
        let path = format!("{prefix}{}", field.name());
        let within = part(&field).map(|inner| known_paths(&inner, &format!("{path}."))).unwrap_or_default();
        std::iter::once(path).chain(within)
    });
    paths.collect()
}

/// Whether a field of `message` has a value.
fn given(field: &FieldDescriptor) -> TokenStream {
    let rust = ident(field);
    match field.kind() {
        _ if field.is_list() || field.is_map() => quote! { !message.#rust.is_empty() },
        _ if field.supports_presence() => quote! { message.#rust.is_some() },
        Kind::String | Kind::Bytes => quote! { !message.#rust.is_empty() },
        Kind::Bool => quote! { message.#rust },
        _ => quote! { message.#rust != 0 },
    }
}

fn present_fn(message: &MessageDescriptor) -> Ident {
    format_ident!("present_{}", snake(message.name()))
}

fn present(message: &MessageDescriptor) -> TokenStream {
    let (function, name) = (present_fn(message), rust(message));
    let fields = message.fields().map(|field| {
        let (rust, text) = (ident(&field), field.name());
        let push = quote! { into.push(format!("{prefix}{}", #text)); };
        if let Some(inner) = part(&field) {
            let (within, deeper) = (present_fn(&inner), format!("{text}."));
            return quote! {
                if let Some(inner) = &message.#rust {
                    let before = into.len();
                    #within(inner, &format!("{prefix}{}", #deeper), into);
                    if into.len() == before { #push }
                }
            };
        }
        let given = given(&field);
        quote! { if #given { #push } }
    });
    quote! { fn #function(message: &#name, prefix: &str, into: &mut Vec<String>) { #(#fields)* } }
}

/// A function that clears the personal data in a stored reply.
fn personal(methods: &[&Method]) -> TokenStream {
    let writes: Vec<_> = methods.iter().filter(|method| !method.read).collect();
    let arms = distinct(writes.iter().map(|method| &method.output)).filter_map(|output| {
        let statements = clear_personal(&output, &quote! { reply }, 0, &mut BTreeSet::new());
        let answering = writes.iter().filter(|method| method.output == output);
        let (paths, name) = (answering.map(|method| &method.full_path), rust(&output));
        (!statements.is_empty()).then(|| {
            quote! {
                #(#paths)|* => {
                    let mut reply = <#name as prost::Message>::decode(reply)?;
                    #(#statements)*
                    Ok(Some(prost::Message::encode_to_vec(&reply)))
                }
            }
        })
    });
    quote! {
        /// The stored reply of a method without personal data; `None` when its replies hold none.
        ///
        /// # Errors
        /// When it is no reply of this method.
        pub fn without_personal_data(method: &str, reply: &[u8]) -> Result<Option<Vec<u8>>, prost::DecodeError> {
            match method {
                #(#arms)*
                _ => Ok(None),
            }
        }
    }
}

fn clear_personal(
    message: &MessageDescriptor,
    place: &TokenStream,
    depth: usize,
    above: &mut BTreeSet<String>,
) -> Vec<TokenStream> {
    if message.package_name() != "tradepost.v1" || !above.insert(message.full_name().to_owned()) {
        return Vec::new();
    }
    let mut statements = Vec::new();
    for field in message.fields() {
        let name = ident(&field);
        if is_personal(&field) {
            statements.push(quote! { #place.#name = Default::default(); });
        } else if let Kind::Message(inner) = field.kind()
            && !field.is_map()
        {
            let variable = format_ident!("within{depth}");
            let within = clear_personal(&inner, &quote! { #variable }, depth + 1, above);
            if !within.is_empty() {
                statements.push(each(&field, &quote! { #place.#name }, &variable, &within));
            }
        }
    }
    above.remove(message.full_name());
    statements
}

fn is_personal(field: &FieldDescriptor) -> bool {
    let option = field.parent_pool().get_extension_by_name("tradepost.options.v1.personal");
    option.is_some_and(|option| field.options().get_extension(&option).as_bool() == Some(true))
}
