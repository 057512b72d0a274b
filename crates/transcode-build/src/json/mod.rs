//! Messages -> implementations of `transcode::json::ProtoJson` and `Fields`: direct access to the fields of prost.
//!
//! Every message of the mapped packages gets them, and every other one that these hold.

mod emit;
mod fields;
mod reach;

use std::collections::HashSet;

use proc_macro2::TokenStream;
use prost_reflect::DescriptorPool;
use quote::quote;

pub(crate) use reach::Modules;

/// The code of all messages; problems come as text.
/// `replies` are the fields, by full name, that are written on their own.
pub(crate) fn generate(
    pool: &DescriptorPool,
    modules: &Modules,
    replies: &HashSet<String>,
) -> Result<TokenStream, Vec<String>> {
    let reached = reach::reach(pool, modules)?;
    let messages = reached.messages.iter().map(|message| emit::message(message, modules, replies));
    let enums = reached.enums.iter().map(|descriptor| emit::enumeration(descriptor, modules));
    let types = reached.messages.iter().map(|message| emit::any_type(message, modules));
    Ok(quote! {
        const _: () = {
            use ::transcode::json::{
                AnyType, EnumTable, EnumType, Field, Fields, Path, ProtoJson, Reader, Refusal, Schema, Shape, Syntax,
                Unprintable, Writer, kinds, put, set, take,
            };

            static TYPES: &[AnyType] = &[#(#types),*];

            #(#messages)*
            #(#enums)*
        };
    })
}
