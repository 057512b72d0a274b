//! Rules -> Rust: one `impl` per message, one block per field, one call per rule; rules over several fields come first.
//!
//! The rules were found to fit their fields before; what does not fit here is left out.

use proc_macro2::{Ident, TokenStream};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use quote::quote;

use super::calls::{self, Patterns, sizes};
use super::rules::{Ignore, List, Oneof, Pairs, Rules, Typed};
use super::{Contract, fields, names};

/// Turns the messages of one package into code.
pub(super) struct Emitter<'a> {
    contract: &'a Contract,
    root: syn::Path,
    patterns: Patterns,
}

/// One value that rules look at: a field, an item, a key.
struct Slot {
    kind: Kind,
    /// Whether it is not zero.
    present: TokenStream,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(contract: &'a Contract, root: syn::Path) -> Self {
        Self { contract, root, patterns: Patterns::default() }
    }

    /// The implementation for one message; empty when nothing in it has rules.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> TokenStream {
        let root = &self.root;
        let path = names::message(message);
        let name = quote! { #root #(::#path)* };
        let mut checks = self.oneofs(message);
        checks.extend(fields(message).iter().filter_map(|field| self.field(field)));
        if checks.is_empty() {
            return quote! {
                impl ::transcode::Validate for #name {
                    fn check(&self, _: ::transcode::Path<'_>, _: &mut ::transcode::Violations) {}
                }
            };
        }
        quote! {
            impl ::transcode::Validate for #name {
                #[allow(clippy::too_many_lines)]
                fn check(&self, at: ::transcode::Path<'_>, out: &mut ::transcode::Violations) {
                    #(#checks)*
                }
            }
        }
    }

    /// Definitions of the patterns that the messages so far use.
    pub(super) fn patterns(&self) -> TokenStream {
        self.patterns.statics()
    }

    fn oneofs(&self, message: &MessageDescriptor) -> Vec<TokenStream> {
        let rules = self.contract.oneofs.get(message.full_name()).into_iter().flatten();
        let check = |rule: &Oneof| {
            let set: Vec<_> = rule.fields.iter().filter_map(|name| message.get_field_by_name(name)).collect();
            let set = set.iter().map(|field| self.is_set(field));
            let (required, names) = (rule.required, rule.fields.join(", "));
            quote! { ::transcode::rules::oneof(&[#(#set),*], #required, #names, &at, out); }
        };
        rules.map(check).collect()
    }

    /// Whether a field is there; without presence, whether it is not zero or empty.
    fn is_set(&self, field: &FieldDescriptor) -> TokenStream {
        let name = names::field(field);
        if let Some(oneof) = field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
            let (root, oneof, variant) = (&self.root, names::oneof(&oneof), names::variant(&oneof, field));
            quote! { matches!(&self.#oneof, Some(#root #(::#variant)*(_))) }
        } else if field.is_list() || field.is_map() {
            quote! { !self.#name.is_empty() }
        } else if field.supports_presence() {
            quote! { self.#name.is_some() }
        } else {
            Slot::new(field.kind(), &quote! { self.#name }).present
        }
    }

    fn field(&mut self, field: &FieldDescriptor) -> Option<TokenStream> {
        let none = Rules::default();
        let contract = self.contract;
        let rules = contract.rules.get(field.full_name()).unwrap_or(&none);
        if rules.ignore == Ignore::Always {
            return None;
        }
        let (name, text) = (names::field(field), field.name());
        let descends = contract.descends(field).is_some();
        let body = if let Some(oneof) = field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
            let (root, oneof, variant) = (&self.root, names::oneof(&oneof), names::variant(&oneof, field));
            let check = descends.then(|| descend(&quote! { value }, &quote! { at }))?;
            quote! { if let Some(#root #(::#variant)*(value)) = &self.#oneof { #check } }
        } else if field.is_map() {
            let inner = self.map(field, rules, &name, descends);
            guard(rules, &self.is_set(field), &inner)
        } else if field.is_list() {
            let inner = self.list(field, rules, &name, descends);
            guard(rules, &self.is_set(field), &inner)
        } else if field.supports_presence() {
            self.optional(field, rules, &name, descends)
        } else {
            let slot = Slot::new(field.kind(), &quote! { self.#name });
            let inner = self.value(&slot, rules, &borrow(&slot.kind, &quote! { self.#name }));
            guard(rules, &slot.present, &inner)
        };
        (!body.is_empty()).then(|| quote! { { let at = at.field(#text); #body } })
    }

    /// A singular message or an optional scalar.
    fn optional(&mut self, field: &FieldDescriptor, rules: &Rules, name: &Ident, descends: bool) -> TokenStream {
        let slot = Slot::new(field.kind(), &quote! { value });
        let inner = if descends {
            descend(&quote! { value }, &quote! { at })
        } else {
            self.value(&slot, rules, &quote! { value })
        };
        let required = rules.required.then(|| quote! { ::transcode::rules::required(self.#name.is_some(), &at, out); });
        let option = borrow(&slot.kind, &quote! { self.#name });
        let inside = (!inner.is_empty()).then(|| quote! { if let Some(value) = #option { #inner } });
        quote! { #required #inside }
    }

    fn list(&mut self, field: &FieldDescriptor, rules: &Rules, name: &Ident, descends: bool) -> TokenStream {
        let none = List::default();
        let list = match &rules.typed {
            Some(Typed::Repeated(list)) => list,
            _ => &none,
        };
        let mut calls = sizes(&quote! { self.#name }, list.min, list.max, ("min_items", "max_items"));
        if list.unique {
            calls.extend(quote! { ::transcode::rules::unique(&self.#name, &at, out); });
        }
        let slot = Slot::new(field.kind(), &quote! { value });
        let inner = if descends {
            descend(&quote! { value }, &quote! { at.index(index) })
        } else {
            let value = self.element(&slot, &list.items, &quote! { value });
            located(&quote! { at.index(index) }, &value)
        };
        if !inner.is_empty() {
            let copied = is_copy(&slot.kind).then(|| quote! { .copied() });
            calls.extend(quote! {
                for (index, value) in self.#name.iter()#copied.enumerate() {
                    if out.is_full() { break; }
                    #inner
                }
            });
        }
        calls
    }

    fn map(&mut self, field: &FieldDescriptor, rules: &Rules, name: &Ident, descends: bool) -> TokenStream {
        let none = Pairs::default();
        let pairs = match &rules.typed {
            Some(Typed::Map(pairs)) => pairs,
            _ => &none,
        };
        let Kind::Message(entry) = field.kind() else {
            return TokenStream::new();
        };
        let mut calls = sizes(&quote! { self.#name }, pairs.min, pairs.max, ("min_pairs", "max_pairs"));
        let key = Slot::new(entry.map_entry_key_field().kind(), &quote! { value });
        let keys = self.element(&key, &pairs.keys, &dereference(&key.kind, &quote! { key }));
        let keys = located(&quote! { at.map_key(key) }, &keys);
        let value = Slot::new(entry.map_entry_value_field().kind(), &quote! { value });
        let values = if descends {
            descend(&quote! { value }, &quote! { at.key(key) })
        } else {
            let values = self.element(&value, &pairs.values, &dereference(&value.kind, &quote! { value }));
            located(&quote! { at.key(key) }, &values)
        };
        let stop = quote! { if out.is_full() { break; } };
        match (keys.is_empty(), values.is_empty()) {
            (true, true) => {}
            (false, true) => calls.extend(quote! { for key in self.#name.keys() { #stop #keys } }),
            (_, false) => {
                calls.extend(quote! { for (key, value) in &self.#name { #stop #keys #values } });
            }
        }
        calls
    }

    /// An item, key or value: zero may be left out.
    fn element(&mut self, slot: &Slot, rules: &Rules, from: &TokenStream) -> TokenStream {
        if rules.ignore == Ignore::Always {
            return TokenStream::new();
        }
        let calls = calls::value(rules, &slot.kind, &mut self.patterns);
        if calls.is_empty() {
            return calls;
        }
        let calls = guard(rules, &slot.present, &calls);
        bind(from, &calls)
    }

    /// A field: the caller guards it.
    fn value(&mut self, slot: &Slot, rules: &Rules, from: &TokenStream) -> TokenStream {
        let calls = calls::value(rules, &slot.kind, &mut self.patterns);
        if calls.is_empty() { calls } else { bind(from, &calls) }
    }
}

impl Slot {
    fn new(kind: Kind, value: &TokenStream) -> Self {
        let present = match &kind {
            Kind::String | Kind::Bytes => quote! { !#value.is_empty() },
            Kind::Bool => value.clone(),
            // Minus zero is a value of its own in Protobuf.
            Kind::Float | Kind::Double => quote! { #value.to_bits() != 0 },
            _ => quote! { #value != 0 },
        };
        Self { kind, present }
    }
}

/// `required` comes first and silences the others; `ignore` silences them for zero.
fn guard(rules: &Rules, present: &TokenStream, inner: &TokenStream) -> TokenStream {
    match (rules.required, inner.is_empty()) {
        (true, true) => quote! { ::transcode::rules::required(#present, &at, out); },
        (true, false) => quote! { if ::transcode::rules::required(#present, &at, out) { #inner } },
        (false, false) if rules.ignore == Ignore::IfZero => quote! { if #present { #inner } },
        (false, _) => inner.clone(),
    }
}

fn descend(value: &TokenStream, at: &TokenStream) -> TokenStream {
    quote! { ::transcode::Validate::check(#value, #at, out); }
}

fn located(at: &TokenStream, inner: &TokenStream) -> TokenStream {
    if inner.is_empty() {
        return TokenStream::new();
    }
    quote! { { let at = #at; #inner } }
}

/// Calls speak of `value`, which has to be it.
fn bind(from: &TokenStream, calls: &TokenStream) -> TokenStream {
    if from.to_string() == "value" {
        return calls.clone();
    }
    quote! { let value = #from; #calls }
}

fn is_copy(kind: &Kind) -> bool {
    !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_))
}

fn borrow(kind: &Kind, value: &TokenStream) -> TokenStream {
    if is_copy(kind) {
        value.clone()
    } else {
        quote! { &#value }
    }
}

fn dereference(kind: &Kind, value: &TokenStream) -> TokenStream {
    if is_copy(kind) {
        quote! { *#value }
    } else {
        value.clone()
    }
}
