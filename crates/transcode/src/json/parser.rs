//! A pull parser over the tokens: the grammar of objects and arrays, the depth limit, keys that come twice.
//! Never recurses on its own account beyond the depth limit, whatever the text.

use std::borrow::Cow;
use std::collections::HashSet;

use super::lexer::{Lexer, SyntaxError, Token};

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

impl Kind {
    /// For messages: "an object".
    pub(crate) fn named(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Null => "null",
        }
    }
}

/// A value that is no object and no array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar<'t> {
    String(Cow<'t, str>),
    Number(&'t str),
    Bool(bool),
    Null,
}

impl Scalar<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::String(_) => Kind::String,
            Self::Number(_) => Kind::Number,
            Self::Bool(_) => Kind::Bool,
            Self::Null => Kind::Null,
        }
    }
}

/// Reads one JSON text, value by value.
#[derive(Debug)]
pub(crate) struct Parser<'t> {
    lexer: Lexer<'t>,
    peeked: Option<(Token<'t>, usize)>,
    depth: usize,
    max_depth: usize,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(text: &'t str, max_depth: usize) -> Self {
        Self { lexer: Lexer::new(text), peeked: None, depth: 0, max_depth }
    }

    /// The kind of the value that comes next; it is an error when there is none.
    pub(crate) fn peek(&mut self) -> Result<Kind, SyntaxError> {
        let (token, offset) = self.take()?;
        let kind = match &token {
            Token::OpenObject => Kind::Object,
            Token::OpenArray => Kind::Array,
            Token::String(_) => Kind::String,
            Token::Number(_) => Kind::Number,
            Token::Bool(_) => Kind::Bool,
            Token::Null => Kind::Null,
            other => return Err(unexpected(other, "a value", offset)),
        };
        self.peeked = Some((token, offset));
        Ok(kind)
    }

    /// Reads an object; `member` is called for every key and must read exactly one value.
    pub(crate) fn object<F>(&mut self, mut member: F) -> Result<(), SyntaxError>
    where
        F: FnMut(&mut Self, &str) -> Result<(), SyntaxError>,
    {
        self.open(&Token::OpenObject, "an object")?;
        let mut seen: HashSet<Cow<'t, str>> = HashSet::new();
        let (mut token, mut offset) = self.take()?;
        while token != Token::CloseObject || !seen.is_empty() {
            let Token::String(key) = token else { return Err(unexpected(&token, "a key", offset)) };
            if seen.contains(&key) {
                return Err(SyntaxError::new(format!("duplicate key \"{}\"", crate::failure::shown(&key)), offset));
            }
            self.expect(&Token::Colon, "':'")?;
            member(self, &key)?;
            seen.insert(key);
            match self.take()? {
                (Token::CloseObject, _) => break,
                (Token::Comma, _) => (token, offset) = self.take()?,
                (other, at) => return Err(unexpected(&other, "',' or '}'", at)),
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array; `element` is called with every index and must read exactly one value.
    pub(crate) fn array<F>(&mut self, mut element: F) -> Result<(), SyntaxError>
    where
        F: FnMut(&mut Self, usize) -> Result<(), SyntaxError>,
    {
        self.open(&Token::OpenArray, "an array")?;
        let first = self.take()?;
        if first.0 != Token::CloseArray {
            self.peeked = Some(first);
            for index in 0.. {
                element(self, index)?;
                match self.take()? {
                    (Token::CloseArray, _) => break,
                    (Token::Comma, _) => {}
                    (other, at) => return Err(unexpected(&other, "',' or ']'", at)),
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a value that is neither object nor array; the caller has looked.
    pub(crate) fn scalar(&mut self) -> Result<Scalar<'t>, SyntaxError> {
        let (token, offset) = self.take()?;
        Ok(match token {
            Token::String(text) => Scalar::String(text),
            Token::Number(text) => Scalar::Number(text),
            Token::Bool(value) => Scalar::Bool(value),
            Token::Null => Scalar::Null,
            other => return Err(unexpected(&other, "a plain value", offset)),
        })
    }

    /// Reads any value and forgets it; its syntax is checked all the same.
    pub(crate) fn skip(&mut self) -> Result<(), SyntaxError> {
        match self.peek()? {
            Kind::Object => self.object(|parser, _| parser.skip()),
            Kind::Array => self.array(|parser, _| parser.skip()),
            _ => self.scalar().map(drop),
        }
    }

    /// Nothing may follow the value.
    pub(crate) fn end(&mut self) -> Result<(), SyntaxError> {
        self.expect(&Token::End, "the end of the text")
    }

    fn open(&mut self, token: &Token<'t>, what: &str) -> Result<(), SyntaxError> {
        let offset = self.expect_at(token, what)?;
        self.depth += 1;
        if self.depth > self.max_depth {
            return Err(SyntaxError::new(format!("nested deeper than {} levels", self.max_depth), offset));
        }
        Ok(())
    }

    fn expect(&mut self, token: &Token<'t>, what: &str) -> Result<(), SyntaxError> {
        self.expect_at(token, what).map(drop)
    }

    fn expect_at(&mut self, token: &Token<'t>, what: &str) -> Result<usize, SyntaxError> {
        let (found, offset) = self.take()?;
        if found == *token { Ok(offset) } else { Err(unexpected(&found, what, offset)) }
    }

    fn take(&mut self) -> Result<(Token<'t>, usize), SyntaxError> {
        if let Some(token) = self.peeked.take() {
            return Ok(token);
        }
        let offset = self.lexer.offset();
        Ok((self.lexer.next()?, offset))
    }
}

fn unexpected(found: &Token<'_>, wanted: &str, offset: usize) -> SyntaxError {
    let name = match found {
        Token::OpenObject => "'{'",
        Token::CloseObject => "'}'",
        Token::OpenArray => "'['",
        Token::CloseArray => "']'",
        Token::Colon => "':'",
        Token::Comma => "','",
        Token::String(_) => "a string",
        Token::Number(_) => "a number",
        Token::Bool(_) => "a boolean",
        Token::Null => "null",
        Token::End => "the end of the text",
    };
    SyntaxError::new(format!("expected {wanted}, found {name}"), offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, max_depth: usize) -> Result<(), String> {
        let mut parser = Parser::new(text, max_depth);
        parser.skip().and_then(|()| parser.end()).map_err(|error| error.describe(text))
    }

    #[test]
    fn accepts_json() {
        for text in ["{}", "[]", " 1 ", "\"\"", "null", "[[],{},[{}]]", r#"{"a":{"a":1},"b":[1,2,{"a":1}]}"#] {
            assert_eq!(check(text, 32), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_json() {
        let cases = [
            ("", "expected a value, found the end of the text at line 1 column 1"),
            ("[1,]", "expected a value, found ']' at line 1 column 4"),
            ("{\"a\":1,}", "expected a key, found '}' at line 1 column 8"),
            ("[1 2]", "expected ',' or ']', found a number at line 1 column 4"),
            ("{\"a\" 1}", "expected ':', found a number at line 1 column 6"),
            ("{a:1}", "unexpected \"a\" at line 1 column 2"),
            ("{1:1}", "expected a key, found a number at line 1 column 2"),
            ("{,}", "expected a key, found ',' at line 1 column 2"),
            ("[,]", "expected a value, found ',' at line 1 column 2"),
            ("{} {}", "expected the end of the text, found '{' at line 1 column 4"),
            ("[", "expected a value, found the end of the text at line 1 column 2"),
            ("{\"a\":1", "expected ',' or '}', found the end of the text at line 1 column 7"),
            ("{\n\"a\":1,\n\"\\u0061\":2}", "duplicate key \"a\" at line 3 column 1"),
        ];
        for (text, want) in cases {
            assert_eq!(check(text, 32), Err(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn bounds_the_depth() {
        assert_eq!(check(&format!("{}{}", "[".repeat(32), "]".repeat(32)), 32), Ok(()));
        let deep = Err("nested deeper than 32 levels at line 1 column 33".to_owned());
        assert_eq!(check(&"[".repeat(100_000), 32), deep);
        assert!(check(&"{\"a\":".repeat(100_000), 32).is_err());
    }
}
