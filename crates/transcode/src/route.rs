//! The static description of one HTTP binding, as `transcode-build` emits it.
//! Plain data: every rule of the template grammar was checked at build time, nothing is parsed here.

/// One way to reach one method over HTTP: a `google.api.http` rule or one of its additional bindings.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// The gRPC path of the method: `/library.v1.ShelfService/GetShelf`.
    pub rpc: &'static str,
    /// Which method of its service this is; what [`crate::Service::call`] takes.
    pub method: usize,
    /// The HTTP method; `*` answers every method.
    pub http_method: &'static str,
    /// The template as the contract writes it.
    pub template: &'static str,
    /// The segments of the template, variables expanded.
    pub segments: &'static [Segment],
    /// The custom verb, without its colon.
    pub verb: Option<&'static str>,
    /// Which segments are captured into which field.
    pub variables: &'static [Variable],
    /// Where the HTTP body goes.
    pub body: Body,
    /// The field of the reply that is the HTTP body, by its proto name; the whole reply when there is none.
    pub response_body: Option<&'static str>,
    /// The HTTP body is a `google.api.HttpBody`: taken as it comes.
    pub raw_request: bool,
    /// The reply is a `google.api.HttpBody`, or its named field is.
    pub raw_reply: bool,
    /// The reply is a stream of messages.
    pub stream: bool,
    /// The field of the request that says which fields a `PATCH` changes, by its proto name.
    pub mask: Option<&'static str>,
    /// Full name of the request message.
    pub input: &'static str,
    /// Full name of the reply message.
    pub output: &'static str,
}

/// One position of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Matches this text, compared with the raw request path.
    Literal(&'static str),
    /// `*`: exactly one segment, never empty.
    Any,
    /// `**`: all that remains, also nothing. Only ever the last.
    Rest,
}

/// A captured part of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The field it is bound to, in proto names: `shelf_id`, `book.name`.
    pub field: &'static str,
    /// The first captured segment of the template.
    pub start: usize,
    /// One past the last captured segment of the template.
    pub end: usize,
    /// More than one segment, or `**`: an encoded slash stays encoded (`google/api/http.proto`).
    pub multi: bool,
}

/// What the HTTP body stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none; every field that is not in the path is a query parameter.
    None,
    /// `body: "*"`: the whole request message; there are no query parameters.
    All,
    /// One top-level field of the request message, by its proto name.
    Field(&'static str),
}
