//! A look at JSON that is known to be well-formed, because it was read or written here.

use std::borrow::Cow;

use super::lexer::Token;
use super::parser::{Parser, Scalar};

/// The members of an object: key and text of the value. Nothing when it is no object.
pub(crate) fn members(text: &str) -> Vec<(Cow<'_, str>, &str)> {
    let mut parser = Parser::new(text, usize::MAX);
    let mut all = Vec::new();
    if parser.peek() != Ok(Token::Object) || parser.open_object().is_err() {
        return all;
    }
    let mut first = true;
    while let Ok(Some((key, _))) = parser.key(&mut first) {
        if parser.peek().is_err() {
            break;
        }
        let start = parser.offset();
        if parser.skip().is_err() {
            break;
        }
        all.push((key, text.get(start..parser.offset()).unwrap_or_default()));
    }
    all
}

/// The plain value at a path of names, as text.
pub(crate) fn text_at(text: &str, path: &str) -> Option<String> {
    let mut value = text;
    for name in path.split('.') {
        value = members(value).into_iter().find(|(key, _)| key == name)?.1;
    }
    match Parser::new(value, 1).scalar().ok()? {
        Scalar::String(text) => Some(text.into_owned()),
        Scalar::Number(text) => Some(text.to_owned()),
        Scalar::Bool(value) => Some(value.to_string()),
        Scalar::Null => None,
    }
}
