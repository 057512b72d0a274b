//! Emits the tonic trait implementations: each method is one call of `Api::read`, `Api::write` or `Api::compose` around its
//! handler, so that none can forget the caller, the key or the deadline.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::emit_policy::{constant, snake};
use crate::options::{Contract, HTTP_BODY, Location, Method, Service};

/// The text of `services.rs`.
pub(crate) fn emit(contract: &Contract) -> Result<String, syn::Error> {
    let services = contract.services.iter().map(service);
    let file = syn::parse2(quote! { #(#services)* })?;
    Ok(prettyplease::unparse(&file))
}

fn service(service: &Service) -> TokenStream {
    let server = format_ident!("{}_server", snake(&service.name));
    let name = Ident::new(&service.name, Span::call_site());
    let methods = service.methods.iter().map(|item| method(service, item));
    quote! {
        #[tonic::async_trait]
        impl pb::#server::#name for Api {
            #(#methods)*
        }
    }
}

fn method(service: &Service, method: &Method) -> TokenStream {
    let handler = Ident::new(&snake(&method.name), Span::call_site());
    let module = Ident::new(&service.module, Span::call_site());
    let input = Ident::new(method.input.name(), Span::call_site());
    let output = if method.answers_nothing() {
        quote! { () }
    } else if method.output.full_name() == HTTP_BODY {
        quote! { transcode::HttpBody }
    } else {
        let name = Ident::new(method.output.name(), Span::call_site());
        quote! { pb::#name }
    };
    let policy = constant(method);
    let run = quote! { |call, input| Box::pin(super::#module::#handler(call, input)) };
    if method.streams {
        return stream(method, &output, &run);
    }
    let body = if method.read {
        quote! { self.read(&policy::#policy, request, #run).await }
    } else if method.composite {
        quote! { self.compose(&policy::#policy, request, #run).await }
    } else {
        let location = location(method.location.as_ref());
        quote! { self.write(&policy::#policy, request, #run, #location).await }
    };
    quote! {
        async fn #handler(
            &self,
            request: tonic::Request<pb::#input>,
        ) -> Result<tonic::Response<#output>, tonic::Status> {
            #body
        }
    }
}

/// A method that answers with a stream of messages, or with a file.
fn stream(method: &Method, output: &TokenStream, run: &TokenStream) -> TokenStream {
    let handler = Ident::new(&snake(&method.name), Span::call_site());
    let input = Ident::new(method.input.name(), Span::call_site());
    let (policy, messages) = (constant(method), format_ident!("{}Stream", method.name));
    let answer = format_ident!("{}", if method.output.full_name() == HTTP_BODY { "file" } else { "stream" });
    quote! {
        type #messages = super::streams::Messages<#output>;

        async fn #handler(
            &self,
            request: tonic::Request<pb::#input>,
        ) -> Result<tonic::Response<Self::#messages>, tonic::Status> {
            self.#answer(&policy::#policy, request, #run).await
        }
    }
}

/// A function from the reply to its Location.
fn location(location: Option<&Location>) -> TokenStream {
    let Some(Location { prefix, field }) = location else { return quote! { |_| None } };
    let names: Vec<_> = field.iter().map(|name| Ident::new(name, Span::call_site())).collect();
    let Some((last, parents)) = names.split_last() else { return quote! { |_| None } };
    let format = format!("{prefix}{{}}");
    quote! { |reply| Some(format!(#format, reply #(.#parents.as_ref()?)* .#last)) }
}
