//! `buf.validate` rules -> implementations of `transcode::Validate`.
//!
//! Rules are read from the options of fields and messages, checked against them, and turned into plain calls on the types
//! of prost. A rule that is not understood stops the build: a contract never promises what is not enforced.

mod calls;
mod emit;
mod fit;
pub(crate) mod names;
pub(crate) mod read;
pub(crate) mod rules;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, Syntax};

use self::rules::{Ignore, Oneof, Rules};
use crate::problem::{Error, place};

/// Generates `impl transcode::Validate` for the messages of `package` that have rules or texts, in themselves or below, and for
/// every message that an RPC takes.
///
/// `messages_path` is the Rust path of the module with prost's types of the package, with maps as `BTreeMap`. The
/// output is meant for a module of its own.
pub fn generate(descriptor_set: &[u8], package: &str, messages_path: &str) -> Result<String, Error> {
    let pool = DescriptorPool::decode(descriptor_set).map_err(|error| only(format!("descriptor set: {error}")))?;
    let root: syn::Path = syn::parse_str(messages_path)
        .map_err(|_| only(format!("`{messages_path}` is not the path of a Rust module")))?;
    let mut messages: Vec<MessageDescriptor> =
        pool.all_messages().filter(|message| message.package_name() == package && !message.is_map_entry()).collect();
    // The order in which the files were compiled must not change the output.
    messages.sort_by_key(|message| (message.parent_file().name().to_owned(), message.path().to_vec()));
    if messages.is_empty() {
        return Err(only(format!("there are no messages in package `{package}`")));
    }
    let contract = Contract::read(&pool, &messages)?;
    let inputs: BTreeSet<String> = pool
        .services()
        .flat_map(|service| service.methods().map(|method| method.input().full_name().to_owned()).collect::<Vec<_>>())
        .collect();
    let mut emitter = emit::Emitter::new(&contract, root);
    let impls: TokenStream = messages
        .iter()
        .filter(|message| contract.is_checked(message) || inputs.contains(message.full_name()))
        .map(|message| emitter.message(message))
        .collect();
    let patterns = emitter.patterns();
    let file = syn::parse2(quote::quote! { #patterns #impls })
        .map_err(|error| only(format!("the generated code of `{package}` is not Rust: {error}")))?;
    Ok(format!("// Made from the buf.validate rules of {package}. Do not edit.\n\n{}", prettyplease::unparse(&file)))
}

fn only(problem: String) -> Error {
    Error::new(vec![problem])
}

/// The rules of a package, and which messages need a look.
struct Contract {
    /// By full name of the field; fields without rules are missing.
    rules: BTreeMap<String, Rules>,
    /// By full name of the message.
    oneofs: BTreeMap<String, Vec<Oneof>>,
    /// Full names of the messages that have rules in themselves or below, of all packages.
    checked: BTreeSet<String>,
}

impl Contract {
    fn read(pool: &DescriptorPool, messages: &[MessageDescriptor]) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let (mut rules, mut oneofs) = (BTreeMap::new(), BTreeMap::new());
        for message in messages {
            oneofs.insert(message.full_name().to_owned(), options(message, &mut problems));
            for field in fields(message) {
                let mut found = Vec::new();
                if let Some(read) = read::field(&field, &mut found) {
                    fit::field(&field, &read, &mut found);
                    rules.insert(field.full_name().to_owned(), read);
                }
                let place = place(&message.parent_file(), field.path());
                let name = field.full_name();
                problems.extend(found.iter().map(|problem| format!("{place}: {name}: {problem}")));
            }
        }
        let package = messages.first().map_or("", |message| message.package_name());
        let checked = checked(pool, package, &rules);
        let contract = Self { rules, oneofs, checked };
        for message in messages.iter().filter(|message| contract.is_checked(message)) {
            contract.reachable(message, &mut problems);
        }
        if problems.is_empty() { Ok(contract) } else { Err(Error::new(problems)) }
    }

    fn is_checked(&self, message: &MessageDescriptor) -> bool {
        self.checked.contains(message.full_name())
    }

    /// The message to descend into at `field`, which is an item or map value as well as a singular field.
    fn descends(&self, field: &FieldDescriptor) -> Option<MessageDescriptor> {
        if self.rules.get(field.full_name()).is_some_and(|rules| rules.ignore == Ignore::Always) {
            return None;
        }
        target(field).filter(|message| self.is_checked(message))
    }

    /// Refuses what the generated code could not reach.
    fn reachable(&self, message: &MessageDescriptor, problems: &mut Vec<String>) {
        let file = message.parent_file();
        if file.syntax() != Syntax::Proto3 {
            let place = place(&file, message.path());
            problems.push(format!("{place}: {}: rules need proto3", message.full_name()));
        }
        for field in fields(message) {
            let Some(inner) = self.descends(&field) else {
                continue;
            };
            if inner.package_name() != message.package_name() {
                problems.push(format!(
                    "{}: {}: {} has rules, but is of another package",
                    place(&file, field.path()),
                    field.full_name(),
                    inner.full_name()
                ));
            }
        }
    }
}

/// Reads the rules of a message. Its oneofs may have none.
fn options(message: &MessageDescriptor, problems: &mut Vec<String>) -> Vec<Oneof> {
    let place = place(&message.parent_file(), message.path());
    let name = message.full_name();
    let mut found = Vec::new();
    let rules = read::message(message, &mut found);
    for rule in &rules {
        fit::oneof(message, rule, &mut found);
    }
    problems.extend(found.iter().map(|problem| format!("{place}: {name}: {problem}")));
    for oneof in message.oneofs() {
        for problem in read::foreign(&oneof.options(), "oneof") {
            problems.push(format!("{place}: {name}.{}: {problem}", oneof.name()));
        }
    }
    rules
}

/// Messages with rules in themselves or below: grows until nothing is added, so recursion is no problem.
fn checked(pool: &DescriptorPool, package: &str, rules: &BTreeMap<String, Rules>) -> BTreeSet<String> {
    let mut checked = BTreeSet::new();
    loop {
        let before = checked.len();
        for message in pool.all_messages().filter(|message| !message.is_map_entry()) {
            let mut fields = message.fields();
            let needed = fields.any(|field| match rules.get(field.full_name()) {
                Some(rules) if rules.ignore == Ignore::Always => false,
                Some(_) => true,
                // Rules of other packages are not read; that there are some is enough.
                None => {
                    read::field_option(&field).is_some()
                        || (message.package_name() == package && has_text(&field))
                        || target(&field).is_some_and(|inner| checked.contains(inner.full_name()))
                }
            });
            if needed || read::message_option(&message).is_some() {
                checked.insert(message.full_name().to_owned());
            }
        }
        if checked.len() == before {
            return checked;
        }
    }
}

/// Whether a field holds text, as itself, as item, as key or as map value.
fn has_text(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            [entry.map_entry_key_field(), entry.map_entry_value_field()].iter().any(|part| part.kind() == Kind::String)
        }
        kind => kind == Kind::String,
    }
}

/// The message a field holds, as itself, as item, or as map value.
fn target(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind().as_message().cloned(),
        Kind::Message(message) => Some(message),
        _ => None,
    }
}

/// The fields in the order of the file: violations are reported in it.
fn fields(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(|field| field.path().last().copied());
    fields
}
