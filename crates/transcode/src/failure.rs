//! What can go wrong, as data: the transcoder's own refusals and the status of the service.
//! How a failure looks on the wire, its status code included, is the host's business.

use std::fmt;

/// At most so many violations are reported; reading goes on, so that a syntax error is still found.
pub const MAX_VIOLATIONS: usize = 100;

/// Why a call has no reply.
#[derive(Debug)]
pub enum Error {
    /// The transcoder refused the request.
    Failure(Failure),
    /// The service answered with an error, or its reply cannot be shown.
    Status(tonic::Status),
}

/// The HTTP status of a gRPC code, by the comments of google/rpc/code.proto: for hosts without a catalog of their own.
#[must_use]
pub fn http_status(code: tonic::Code) -> http::StatusCode {
    use tonic::Code;
    let status = match code {
        Code::Ok => 200,
        Code::Cancelled => 499,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => 400,
        Code::Unauthenticated => 401,
        Code::PermissionDenied => 403,
        Code::NotFound => 404,
        Code::AlreadyExists | Code::Aborted => 409,
        Code::ResourceExhausted => 429,
        Code::Unimplemented => 501,
        Code::Unavailable => 503,
        Code::DeadlineExceeded => 504,
        Code::Unknown | Code::Internal | Code::DataLoss => 500,
    };
    http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
}

/// What the transcoder itself can refuse. Nothing reached the service.
#[derive(Debug)]
pub enum Failure {
    /// Not even syntax: bad JSON (the message says line and column), bad UTF-8, a bad percent escape, a key twice.
    Malformed {
        /// What is wrong, and where.
        message: String,
    },
    /// Well-formed, but not what the contract says; never empty, in the order path, query, body.
    Invalid(Vec<Violation>),
    /// The body is of a media type or content coding that is not spoken here.
    UnsupportedMediaType {
        /// What is wrong.
        message: String,
    },
    /// The client accepts none of the formats of a stream.
    NotAcceptable {
        /// Which formats there are.
        message: String,
    },
    /// The body is longer than allowed, whatever its framing.
    PayloadTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body could not be read to its end: most often the client went away.
    BodyBroken {
        /// What the transport said; not for clients.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// One thing in a request that does not fit the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The place: `items[2].quantity`, `metadata["a"]`; a query parameter by the name it was sent under;
    /// empty for the message as a whole, `body` for a body where none belongs.
    pub field: String,
    /// The kind, one of the constants of [`code`].
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
}

/// The kinds of violation.
pub mod code {
    /// The message has no such field.
    pub const UNKNOWN_FIELD: &str = "unknown_field";
    /// The method has no such query parameter.
    pub const UNKNOWN_PARAMETER: &str = "unknown_parameter";
    /// JSON of another type than the field's.
    pub const WRONG_TYPE: &str = "wrong_type";
    /// The enum has no value of that name.
    pub const UNKNOWN_ENUM_VALUE: &str = "unknown_enum_value";
    /// A number or a time that its type cannot hold.
    pub const OUT_OF_RANGE: &str = "out_of_range";
    /// One field, two meanings: path and body, two spellings, two members of a oneof.
    pub const CONFLICTING_VALUES: &str = "conflicting_values";
    /// Text that is no value of the field's type.
    pub const INVALID_VALUE: &str = "invalid_value";
    /// A body where the method takes none.
    pub const UNEXPECTED_BODY: &str = "unexpected_body";
    /// More query parameters than are read.
    pub const TOO_MANY_PARAMETERS: &str = "too_many_parameters";
}

impl Failure {
    /// A syntax error.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::Malformed { message: message.into() }
    }
}

/// Gathers violations up to [`MAX_VIOLATIONS`].
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Violation>);

impl Findings {
    pub(crate) fn add(&mut self, field: impl Into<String>, code: &'static str, message: impl Into<String>) {
        if !self.is_full() {
            self.0.push(Violation { field: field.into(), code, message: message.into() });
        }
    }

    /// Nothing more is reported: what comes need not be understood, only be syntax.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= MAX_VIOLATIONS
    }

    /// Appends what was found later in the request.
    pub(crate) fn append(&mut self, later: Self) {
        self.0.extend(later.0);
        self.0.truncate(MAX_VIOLATIONS);
    }

    /// Nothing found is success.
    pub(crate) fn into_result(self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::Invalid(self.0)) }
    }
}

/// Text of a client, cut to what a message can carry.
pub(crate) fn shown(text: &str) -> String {
    const LIMIT: usize = 60;
    let mut out: String = text.chars().take(LIMIT).flat_map(char::escape_debug).collect();
    if text.chars().nth(LIMIT).is_some() {
        out.push('…');
    }
    out
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { message } | Self::UnsupportedMediaType { message } | Self::NotAcceptable { message } => {
                f.write_str(message)
            }
            Self::Invalid(violations) => match violations.as_slice() {
                [one] => write!(f, "{one}"),
                all => write!(f, "{} fields do not fit the contract", all.len()),
            },
            Self::PayloadTooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::BodyTimeout => f.write_str("the body did not arrive in time"),
            Self::BodyBroken { .. } => f.write_str("the body could not be read to its end"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.field, self.message) }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::BodyBroken { source } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => write!(f, "{failure}"),
            Self::Status(status) => write!(f, "{status}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failure(failure) => Some(failure),
            Self::Status(status) => Some(status),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<tonic::Status> for Error {
    fn from(status: tonic::Status) -> Self {
        Self::Status(status)
    }
}
