//! JSON text to tokens (RFC 8259), strict: no comments, no bare `NaN`, no lone surrogates, no raw control characters.
//! Numbers stay text. Which token may follow which is the parser's business.

use std::borrow::Cow;

/// Not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    /// Byte offset into the text.
    pub(crate) offset: usize,
}

impl SyntaxError {
    pub(crate) fn new(message: impl Into<String>, offset: usize) -> Self {
        Self { message: message.into(), offset }
    }

    /// The message with its place: lines and columns count from one, columns in characters.
    pub(crate) fn describe(&self, text: &str) -> String {
        let before = text.get(..self.offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{} at line {line} column {column}", self.message)
    }
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    OpenObject,
    CloseObject,
    OpenArray,
    CloseArray,
    Colon,
    Comma,
    String(Cow<'t, str>),
    Number(&'t str),
    Bool(bool),
    Null,
    End,
}

/// Walks over the text.
#[derive(Debug)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// Offset of the next character that is not white space.
    pub(crate) fn offset(&mut self) -> usize {
        let rest = self.rest();
        let blank = rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += blank;
        self.at
    }

    pub(crate) fn next(&mut self) -> Result<Token<'t>, SyntaxError> {
        let start = self.offset();
        let Some(first) = self.rest().chars().next() else { return Ok(Token::End) };
        let token = match first {
            '{' => Token::OpenObject,
            '}' => Token::CloseObject,
            '[' => Token::OpenArray,
            ']' => Token::CloseArray,
            ':' => Token::Colon,
            ',' => Token::Comma,
            '"' => return self.string().map(Token::String),
            '-' | '0'..='9' => return self.number().map(Token::Number),
            'a'..='z' | 'A'..='Z' => return self.word(),
            other => return Err(SyntaxError::new(format!("unexpected character {other:?}"), start)),
        };
        self.at += 1;
        Ok(token)
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn word(&mut self) -> Result<Token<'t>, SyntaxError> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, _) = rest.split_at(end);
        let token = match word {
            "true" => Token::Bool(true),
            "false" => Token::Bool(false),
            "null" => Token::Null,
            _ => return Err(SyntaxError::new(format!("unexpected \"{}\"", crate::failure::shown(word)), self.at)),
        };
        self.at += end;
        Ok(token)
    }

    fn number(&mut self) -> Result<&'t str, SyntaxError> {
        let rest = self.rest();
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let (number, _) = rest.split_at(end);
        if !crate::number::is_json_number(number) {
            return Err(SyntaxError::new(format!("bad number {}", crate::failure::shown(number)), self.at));
        }
        self.at += end;
        Ok(number)
    }

    fn string(&mut self) -> Result<Cow<'t, str>, SyntaxError> {
        let opening = self.at;
        self.at += 1;
        let mut owned: Option<String> = None;
        loop {
            let rest = self.rest();
            let Some(end) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) else {
                return Err(SyntaxError::new("string without an end", opening));
            };
            let (plain, _) = rest.split_at(end);
            self.at += end;
            match rest.as_bytes().get(end) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(plain),
                        Some(text) => Cow::Owned(text + plain),
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(plain);
                    text.push(self.escape()?);
                }
                _ => return Err(SyntaxError::new("control character in a string", self.at)),
            }
        }
    }

    /// One escape, the reverse solidus included.
    fn escape(&mut self) -> Result<char, SyntaxError> {
        let start = self.at;
        let bad = || SyntaxError::new("bad escape in a string", start);
        let kind = self.rest().as_bytes().get(1).copied().ok_or_else(bad)?;
        self.at += 2;
        let plain = match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(start),
            _ => {
                self.at = start;
                return Err(bad());
            }
        };
        Ok(plain)
    }

    fn unicode(&mut self, start: usize) -> Result<char, SyntaxError> {
        let high = self.hex4(start)?;
        let code = if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
            self.at += 2;
            let low = self.hex4(start)?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(SyntaxError::new("lone surrogate in a string", start));
            }
            0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
        } else {
            high
        };
        char::from_u32(code).ok_or_else(|| SyntaxError::new("lone surrogate in a string", start))
    }

    fn hex4(&mut self, start: usize) -> Result<u32, SyntaxError> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        value.ok_or_else(|| SyntaxError::new("bad escape in a string", start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Token<'_>>, SyntaxError> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        loop {
            match lexer.next()? {
                Token::End => return Ok(tokens),
                token => tokens.push(token),
            }
        }
    }

    #[test]
    fn cuts_text_into_tokens() {
        let tokens = all("\t{ \"a\" :[ -1.5e3,true,false,null ]\r\n}");
        let want = [
            Token::OpenObject,
            Token::String("a".into()),
            Token::Colon,
            Token::OpenArray,
            Token::Number("-1.5e3"),
            Token::Comma,
            Token::Bool(true),
            Token::Comma,
            Token::Bool(false),
            Token::Comma,
            Token::Null,
            Token::CloseArray,
            Token::CloseObject,
        ];
        assert_eq!(tokens.as_deref(), Ok(&want[..]));
    }

    #[test]
    fn decodes_escapes() {
        let text = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 é""#;
        assert_eq!(all(text), Ok(vec![Token::String("\"\\/\u{8}\u{c}\n\r\té😀 é".into())]));
    }

    #[test]
    fn refuses_what_is_not_json() {
        let cases = [
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud800\ud800""#,
            r#""\ud800x""#,
            r#""\u12""#,
            r#""\u12é4""#,
            r#""\x41""#,
            r#""\"#,
            "\"a",
            "\"a\nb\"",
            "\"\0\"",
            "\0",
            "NaN",
            "Infinity",
            "-Infinity",
            "nulll",
            "True",
            "01",
            "1.",
            ".5",
            "+1",
            "0x10",
            "// x",
            "/* x */",
            "'a'",
            "\u{feff}1",
            "\u{a0}1",
        ];
        for text in cases {
            assert!(all(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn counts_lines_and_characters() {
        let text = "{\n  \"é\": tru\n}";
        let error = all(text).expect_err("not JSON");
        assert_eq!(error.describe(text), "unexpected \"tru\" at line 2 column 8");
    }
}
