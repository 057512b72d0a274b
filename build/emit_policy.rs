//! Emits the policy of every method, the permissions, the roles and the error catalog as plain Rust data.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::options::{Contract, ErrorCode, Method};

/// The text of `policy.rs`.
pub(crate) fn emit(contract: &Contract) -> Result<String, syn::Error> {
    let permissions = permissions(contract);
    let roles = roles(contract);
    let methods = methods(contract);
    let errors = errors(contract);
    let file = syn::parse2(quote! { #permissions #roles #methods #errors })?;
    Ok(prettyplease::unparse(&file))
}

/// `orders.read` and `ORDERS_READ` become `OrdersRead`.
pub(crate) fn camel(name: &str) -> Ident {
    let text: String =
        name.split(['.', '_']).map(|word| word[..1].to_uppercase() + &word[1..].to_lowercase()).collect();
    Ident::new(&text, Span::call_site())
}

/// `CreateOrder` becomes `create_order`.
pub(crate) fn snake(name: &str) -> String {
    let mut text = String::new();
    for (place, character) in name.chars().enumerate() {
        if character.is_uppercase() && place > 0 {
            text.push('_');
        }
        text.extend(character.to_lowercase());
    }
    text
}

/// The name of a method's static: `CREATE_ORDER`.
pub(crate) fn constant(method: &Method) -> Ident {
    Ident::new(&snake(&method.name).to_uppercase(), Span::call_site())
}

fn permissions(contract: &Contract) -> TokenStream {
    let texts: Vec<_> = contract.permissions().into_iter().collect();
    let names: Vec<_> = texts.iter().map(|text| camel(text)).collect();
    let docs = texts.iter().map(|text| format!("`{text}`."));
    quote! {
        text_enum! {
            /// What a caller may be allowed to do.
            Permission {
                #(#[doc = #docs] #names = #texts,)*
            }
        }
    }
}

fn roles(contract: &Contract) -> TokenStream {
    let texts: Vec<_> = contract.roles.iter().map(|role| &role.name).collect();
    let names: Vec<_> = texts.iter().map(|text| camel(text)).collect();
    let grants = contract.roles.iter().map(|role| {
        let permissions = role.permissions.iter().map(|permission| camel(permission));
        quote! { &[#(Permission::#permissions,)*] }
    });
    quote! {
        text_enum! {
            /// What a caller may do, as one word.
            Role {
                #(#[doc = #texts] #names = #texts,)*
            }
        }

        impl Role {
            /// What its holders may do.
            #[must_use]
            #[allow(clippy::match_same_arms, clippy::too_many_lines, reason = "generated")]
            pub const fn permissions(self) -> &'static [Permission] {
                match self { #(Self::#names => #grants,)* }
            }
        }
    }
}

fn methods(contract: &Contract) -> TokenStream {
    let methods: Vec<_> = contract.services.iter().flat_map(|service| &service.methods).collect();
    let statics = methods.iter().map(|method| method_static(method));
    let paths: Vec<_> = methods.iter().map(|method| &method.full_path).collect();
    let names: Vec<_> = methods.iter().map(|method| constant(method)).collect();
    quote! {
        #(#statics)*

        /// Every method of the contract.
        pub static METHODS: &[&Method] = &[#(&#names,)*];

        /// The policy of the method at a gRPC path.
        #[must_use]
        #[allow(clippy::too_many_lines, reason = "generated")]
        pub(crate) fn method(path: &str) -> Option<&'static Method> {
            match path {
                #(#paths => Some(&#names),)*
                _ => None,
            }
        }
    }
}

fn method_static(method: &Method) -> TokenStream {
    let (constant, path, name) = (constant(method), &method.full_path, &method.name);
    let doc = format!("The policy of `{name}`.");
    let permission = if method.permission.is_empty() {
        quote! { None }
    } else {
        let permission = camel(&method.permission);
        quote! { Some(Permission::#permission) }
    };
    let status = method.status();
    let kind = if method.read {
        quote! { Kind::Read }
    } else if method.composite {
        quote! { Kind::Composite }
    } else {
        let rule = camel(&method.key_rule);
        quote! { Kind::Write(KeyRule::#rule) }
    };
    let (verb, template) = &method.rest;
    let max_body = match usize::try_from(method.max_body_bytes) {
        Ok(bytes) if bytes > 0 => quote! { Some(#bytes) },
        _ => quote! { None },
    };
    let stream = match (method.streams, method.stream_format.as_str()) {
        (false, _) => quote! { None },
        (true, "LINES") => quote! { Some(Stream::Lines) },
        (true, "EVENTS") => quote! { Some(Stream::Events) },
        (true, _) => quote! { Some(Stream::File) },
    };
    let event_id = &method.stream_event_id;
    quote! {
        #[doc = #doc]
        pub static #constant: Method = Method {
            path: #path, name: #name, verb: #verb, template: #template, permission: #permission, status: #status, kind: #kind,
            max_body: #max_body, stream: #stream, stream_event_id: #event_id,
        };
    }
}

fn errors(contract: &Contract) -> TokenStream {
    let arms = contract.errors.iter().map(error_arm);
    let names = contract.errors.iter().map(|error| camel(&error.name));
    quote! {
        /// Every error code.
        pub static ERROR_CODES: &[ErrorCode] = &[#(ErrorCode::#names,)*];

        /// How an error code is told on each wire.
        #[must_use]
        #[allow(clippy::too_many_lines, reason = "generated")]
        pub const fn error_policy(code: ErrorCode) -> ErrorPolicy {
            match code {
                #(#arms)*
                ErrorCode::Unspecified => error_policy(ErrorCode::Internal),
            }
        }
    }
}

fn error_arm(error: &ErrorCode) -> TokenStream {
    let (variant, reason, code) = (camel(&error.name), &error.name, error.code());
    let (grpc, http, retryable, message) = (error.grpc, error.http, error.retryable, &error.message);
    quote! {
        ErrorCode::#variant => ErrorPolicy {
            code: #code, reason: #reason, grpc: #grpc, http: #http, retryable: #retryable, message: #message,
        },
    }
}
