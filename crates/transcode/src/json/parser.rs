//! A pull parser: the grammar of objects and arrays, the depth limit, keys that come twice.
//! Never recurses on its own account beyond the depth limit, whatever the text.

use std::borrow::Cow;
use std::collections::HashSet;

use super::lexer::{Lexer, SyntaxError, Token};

/// A value that is no object and no array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar<'t> {
    String(Cow<'t, str>),
    Number(&'t str),
    Bool(bool),
    Null,
}

impl Scalar<'_> {
    /// For messages: "a string".
    pub(crate) fn named(&self) -> &'static str {
        match self {
            Self::String(_) => Token::String.named(),
            Self::Number(_) => Token::Number.named(),
            Self::Bool(value) => Token::Bool(*value).named(),
            Self::Null => Token::Null.named(),
        }
    }
}

/// Reads one JSON text, value by value. A copy looks ahead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parser<'t> {
    lexer: Lexer<'t>,
    depth: usize,
    max_depth: usize,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(text: &'t str, max_depth: usize) -> Self {
        Self { lexer: Lexer::new(text), depth: 0, max_depth }
    }

    /// The kind of the value that comes next; it is an error when there is none.
    pub(crate) fn peek(&mut self) -> Result<Token, SyntaxError> {
        let (byte, _) = self.lexer.byte();
        match byte {
            Some(b'"') => Ok(Token::String),
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(first) if first.is_ascii_alphabetic() => {
                let mut ahead = self.lexer;
                ahead.word()
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Enters an object, see [`Self::key`].
    pub(crate) fn open_object(&mut self) -> Result<(), SyntaxError> {
        self.open(b'{', "an object")
    }

    /// The next key of the object and its offset, with the reader before its value; nothing at the end. `first` is
    /// true before the first call.
    pub(crate) fn key(&mut self, first: &mut bool) -> Result<Option<(Cow<'t, str>, usize)>, SyntaxError> {
        let (mut byte, mut offset) = self.lexer.byte();
        if byte == Some(b'}') {
            self.lexer.advance();
            self.depth -= 1;
            return Ok(None);
        }
        if !std::mem::take(first) {
            if byte != Some(b',') {
                return Err(self.unexpected("',' or '}'"));
            }
            self.lexer.advance();
            (byte, offset) = self.lexer.byte();
        }
        if byte != Some(b'"') {
            return Err(self.unexpected("a key"));
        }
        let key = self.lexer.string()?;
        if self.lexer.byte().0 != Some(b':') {
            return Err(self.unexpected("':'"));
        }
        self.lexer.advance();
        Ok(Some((key, offset)))
    }

    /// Enters an array, see [`Self::element`].
    pub(crate) fn open_array(&mut self) -> Result<(), SyntaxError> {
        self.open(b'[', "an array")
    }

    /// Whether the array has one more element, which comes next. `first` is true before the first call.
    pub(crate) fn element(&mut self, first: &mut bool) -> Result<bool, SyntaxError> {
        let (byte, _) = self.lexer.byte();
        if byte == Some(b']') {
            self.lexer.advance();
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(first) {
            if byte != Some(b',') {
                return Err(self.unexpected("',' or ']'"));
            }
            self.lexer.advance();
            // A value must follow; the closing bracket is none.
            if self.lexer.byte().0 == Some(b']') {
                return Err(self.unexpected("a value"));
            }
        }
        Ok(true)
    }

    /// Reads a value that is neither object nor array; the caller has looked.
    pub(crate) fn scalar(&mut self) -> Result<Scalar<'t>, SyntaxError> {
        match self.lexer.byte().0 {
            Some(b'"') => self.lexer.string().map(Scalar::String),
            Some(b'-' | b'0'..=b'9') => self.lexer.number().map(Scalar::Number),
            Some(first) if first.is_ascii_alphabetic() => Ok(match self.lexer.word()? {
                Token::Bool(value) => Scalar::Bool(value),
                _ => Scalar::Null,
            }),
            _ => Err(self.unexpected("a plain value")),
        }
    }

    /// Reads any value and forgets it; its syntax is checked all the same.
    pub(crate) fn skip(&mut self) -> Result<(), SyntaxError> {
        let mut first = true;
        match self.peek()? {
            Token::Object => {
                self.open_object()?;
                let mut keys = Keys::default();
                while let Some((key, offset)) = self.key(&mut first)? {
                    keys.insert(key, offset)?;
                    self.skip()?;
                }
                Ok(())
            }
            Token::Array => {
                self.open_array()?;
                while self.element(&mut first)? {
                    self.skip()?;
                }
                Ok(())
            }
            _ => self.scalar().map(drop),
        }
    }

    /// Where the reader stands.
    pub(crate) fn offset(&self) -> usize {
        self.lexer.at()
    }

    /// Nothing may follow the value.
    pub(crate) fn end(&mut self) -> Result<(), SyntaxError> {
        match self.lexer.byte() {
            (None, _) => Ok(()),
            _ => Err(self.unexpected("the end of the text")),
        }
    }

    fn open(&mut self, bracket: u8, what: &str) -> Result<(), SyntaxError> {
        let (byte, offset) = self.lexer.byte();
        if byte != Some(bracket) {
            return Err(self.unexpected(what));
        }
        self.lexer.advance();
        self.depth += 1;
        if self.depth > self.max_depth {
            return Err(SyntaxError::new(format!("nested deeper than {} levels", self.max_depth), offset));
        }
        Ok(())
    }

    #[cold]
    fn unexpected(&mut self, wanted: &str) -> SyntaxError {
        let (_, offset) = self.lexer.byte();
        match self.lexer.describe() {
            Ok(found) => SyntaxError::new(format!("expected {wanted}, found {found}"), offset),
            Err(error) => error,
        }
    }
}

/// The keys of one object so far.
#[derive(Debug, Default)]
pub(crate) struct Keys<'t> {
    few: Vec<Cow<'t, str>>,
    many: HashSet<Cow<'t, str>>,
}

impl<'t> Keys<'t> {
    /// So many are compared one by one.
    const FEW: usize = 8;

    /// Takes one more; it is an error when it was there already.
    pub(crate) fn insert(&mut self, key: Cow<'t, str>, offset: usize) -> Result<(), SyntaxError> {
        if self.few.contains(&key) || self.many.contains(&key) {
            return Err(duplicate(&key, offset));
        }
        if self.few.len() < Self::FEW {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
        Ok(())
    }
}

/// The error for a key that was there already.
#[cold]
pub(crate) fn duplicate(key: &str, offset: usize) -> SyntaxError {
    SyntaxError::new(format!("duplicate key \"{}\"", crate::failure::shown(key)), offset)
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
