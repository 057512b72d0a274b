//! Emits the error catalog for people, as one Markdown table.

use crate::options::Contract;

/// The text of `errors.md`.
pub(crate) fn emit(contract: &Contract) -> String {
    let mut lines = vec![
        "# Errors".to_owned(),
        String::new(),
        "Made from `proto/tradepost/v1/errors.proto`. Every failure carries one of these codes: REST in `error.code`, gRPC in \
         upper case as the reason of `google.rpc.ErrorInfo` (domain `tradepost`). A code never changes its meaning or its \
         statuses; new ones are added."
            .to_owned(),
        String::new(),
        "\"Retry\" tells whether the same call, unchanged, may succeed later.".to_owned(),
        String::new(),
        "| code | HTTP | gRPC | retry | when |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    for error in &contract.errors {
        let retry = if error.retryable { "yes" } else { "no" };
        let meaning = error.meaning.replace('\n', " ").replace('|', "\\|");
        let (code, http, grpc) = (error.code(), error.http, &error.grpc_name);
        lines.push(format!("| `{code}` | {http} | {grpc} | {retry} | {meaning} |"));
    }
    lines.join("\n") + "\n"
}
