//! The rules of one value -> the calls that check it. They speak of `value`, `at` and `out`.

use std::collections::BTreeMap;
use std::ops::Bound;

use proc_macro2::{Ident, Literal, TokenStream};
use prost_reflect::{EnumDescriptor, Kind};
use quote::{format_ident, quote};

use super::rules::{Enums, Ints, Rules, Strings, Typed};

/// The patterns of a package by their text: one that several fields share is compiled once.
#[derive(Default)]
pub(super) struct Patterns(BTreeMap<String, usize>);

impl Patterns {
    /// Their definitions.
    pub(super) fn statics(&self) -> TokenStream {
        let mut patterns: Vec<_> = self.0.iter().collect();
        patterns.sort_by_key(|(_, number)| **number);
        let define = |(text, number): (&String, &usize)| {
            let name = Self::name(*number);
            quote! { static #name: ::transcode::rules::Pattern = ::transcode::rules::Pattern::new(#text); }
        };
        patterns.into_iter().map(define).collect()
    }

    fn ident(&mut self, text: &str) -> Ident {
        let next = self.0.len() + 1;
        Self::name(*self.0.entry(text.to_owned()).or_insert(next))
    }

    fn name(number: usize) -> Ident {
        format_ident!("PATTERN_{number}")
    }
}

/// The calls for one value of a type. Every text has one rule that nobody needs to write down: no NUL.
pub(super) fn value(rules: &Rules, kind: &Kind, patterns: &mut Patterns) -> TokenStream {
    let calls = match (&rules.typed, kind) {
        (Some(Typed::Int32(rules) | Typed::Int64(rules)), _) => ints(rules),
        (Some(Typed::String(rules)), _) => strings(rules, patterns),
        (Some(Typed::Enum(rules)), Kind::Enum(kind)) => enums(rules, kind),
        _ => TokenStream::new(),
    };
    if *kind == Kind::String {
        return quote! { ::transcode::rules::no_nul(value, &at, out); #calls };
    }
    calls
}

fn strings(rules: &Strings, patterns: &mut Patterns) -> TokenStream {
    let mut calls = TokenStream::new();
    for (rule, limit) in [("min_len", rules.min_len), ("max_len", rules.max_len)] {
        if let Some(limit) = limit {
            let (rule, limit) = (format_ident!("{rule}"), number(i128::from(limit)));
            calls.extend(quote! { ::transcode::rules::#rule(value, #limit, &at, out); });
        }
    }
    if let Some(pattern) = &rules.pattern {
        let name = patterns.ident(pattern);
        calls.extend(quote! { ::transcode::rules::pattern(value, &#name, &at, out); });
    }
    if rules.email {
        calls.extend(quote! { ::transcode::rules::email(value, &at, out); });
    }
    let quoted = |text: &String| format!("{text:?}");
    let literal = |text: &String| quote! { #text };
    let value = quote! { value.as_str() };
    calls.extend(choice("one_of", &value, &rules.among, literal, quoted));
    calls.extend(choice("none_of", &value, &rules.except, literal, quoted));
    calls
}

fn ints(rules: &Ints) -> TokenStream {
    let mut calls = TokenStream::new();
    if let Some(range) = range(rules) {
        calls.extend(quote! { ::transcode::rules::range(value, #range, &at, out); });
    }
    let literal = |&value: &i64| number(value.into());
    let value = quote! { value };
    calls.extend(choice("one_of", &value, &rules.among, literal, i64::to_string));
    calls.extend(choice("none_of", &value, &rules.except, literal, i64::to_string));
    calls
}

fn range(rules: &Ints) -> Option<TokenStream> {
    let bound = |bound: Bound<i64>| match bound {
        Bound::Unbounded => TokenStream::new(),
        Bound::Included(limit) | Bound::Excluded(limit) => number(limit.into()),
    };
    let (lower, upper) = (bound(rules.lower), bound(rules.upper));
    match (rules.lower, rules.upper) {
        (Bound::Unbounded, Bound::Unbounded) => None,
        // Rust has no syntax for a range that leaves out its start.
        (Bound::Excluded(_), end) => {
            let end = match end {
                Bound::Unbounded => quote! { ::core::ops::Bound::Unbounded },
                Bound::Included(_) => quote! { ::core::ops::Bound::Included(#upper) },
                Bound::Excluded(_) => quote! { ::core::ops::Bound::Excluded(#upper) },
            };
            Some(quote! { (::core::ops::Bound::Excluded(#lower), #end) })
        }
        (_, Bound::Included(_)) => Some(quote! { #lower..=#upper }),
        (_, _) => Some(quote! { #lower..#upper }),
    }
}

fn enums(rules: &Enums, kind: &EnumDescriptor) -> TokenStream {
    let mut calls = TokenStream::new();
    if rules.defined_only {
        let mut defined: Vec<i32> = kind.values().map(|value| value.number()).collect();
        defined.sort_unstable();
        defined.dedup();
        let defined = defined.into_iter().map(|value| number(value.into()));
        calls.extend(quote! { ::transcode::rules::defined_only(value, &[#(#defined),*], &at, out); });
    }
    let literal = |&value: &i32| number(value.into());
    let name =
        |&number: &i32| kind.get_value(number).map_or_else(|| number.to_string(), |value| value.name().to_owned());
    let value = quote! { value };
    calls.extend(choice("one_of", &value, &rules.among, literal, name));
    calls.extend(choice("none_of", &value, &rules.except, literal, name));
    calls
}

/// `in` or `not_in`: the list for the machine, and the list for people.
fn choice<T>(
    rule: &str,
    value: &TokenStream,
    list: &[T],
    literal: impl Fn(&T) -> TokenStream,
    name: impl Fn(&T) -> String,
) -> TokenStream {
    if list.is_empty() {
        return TokenStream::new();
    }
    let rule = format_ident!("{rule}");
    let names = list.iter().map(name).collect::<Vec<_>>().join(", ");
    let literals = list.iter().map(literal);
    quote! { ::transcode::rules::#rule(#value, &[#(#literals),*], #names, &at, out); }
}

/// The calls for the size of a list or map.
pub(super) fn sizes(value: &TokenStream, min: Option<u64>, max: Option<u64>, rules: (&str, &str)) -> TokenStream {
    let mut calls = TokenStream::new();
    for (rule, limit) in [(rules.0, min), (rules.1, max)] {
        if let Some(limit) = limit {
            let (rule, limit) = (format_ident!("{rule}"), number(i128::from(limit)));
            calls.extend(quote! { ::transcode::rules::#rule(#value.len(), #limit, &at, out); });
        }
    }
    calls
}

/// A number as people write it in Rust, `1_000_000`.
fn number(value: i128) -> TokenStream {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (position, digit) in digits.char_indices() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    let minus = (value < 0).then(|| quote! { - });
    // Digits and underscores are always a literal; the other branch only avoids a panic.
    let literal = text.parse::<Literal>().unwrap_or_else(|_| Literal::i128_unsuffixed(value));
    quote! { #minus #literal }
}
