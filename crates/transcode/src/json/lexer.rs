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

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Object,
    Array,
    String,
    Number,
    Bool(bool),
    Null,
}

impl Token {
    /// For messages: "an object".
    pub(crate) fn named(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
        }
    }
}

/// Walks over the text. Cheap to copy: a copy looks ahead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is not white space, and its offset; it is not taken.
    pub(crate) fn byte(&mut self) -> (Option<u8>, usize) {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return (other.copied(), self.at),
            }
        }
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Takes the byte that was looked at.
    pub(crate) fn advance(&mut self) {
        self.at += 1;
    }

    /// What stands here, for messages; the error when that is no token at all.
    pub(crate) fn describe(mut self) -> Result<&'static str, SyntaxError> {
        let (byte, offset) = self.byte();
        Ok(match byte {
            None => "the end of the text",
            Some(b'{') => "'{'",
            Some(b'}') => "'}'",
            Some(b'[') => "'['",
            Some(b']') => "']'",
            Some(b':') => "':'",
            Some(b',') => "','",
            Some(b'"') => self.string().map(|_| "a string")?,
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| "a number")?,
            Some(first) if first.is_ascii_alphabetic() => self.word()?.named(),
            Some(_) => {
                let other = self.rest().chars().next().unwrap_or_default();
                return Err(SyntaxError::new(format!("unexpected character {other:?}"), offset));
            }
        })
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// `true`, `false` or `null`.
    pub(crate) fn word(&mut self) -> Result<Token, SyntaxError> {
        let rest = self.rest();
        let end = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
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

    /// The text of a number.
    pub(crate) fn number(&mut self) -> Result<&'t str, SyntaxError> {
        let rest = self.rest();
        let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
        let end = rest.bytes().position(|byte| !part(byte)).unwrap_or(rest.len());
        let (number, _) = rest.split_at(end);
        if !crate::number::is_json_number(number) {
            return Err(SyntaxError::new(format!("bad number {}", crate::failure::shown(number)), self.at));
        }
        self.at += end;
        Ok(number)
    }

    /// A string, unescaped; its opening quote is what comes next.
    pub(crate) fn string(&mut self) -> Result<Cow<'t, str>, SyntaxError> {
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

    fn string(text: &str) -> Result<String, SyntaxError> {
        Lexer::new(text).string().map(Cow::into_owned)
    }

    #[test]
    fn decodes_escapes() {
        let text = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 é""#;
        assert_eq!(string(text).as_deref(), Ok("\"\\/\u{8}\u{c}\n\r\té😀 é"));
        assert!(matches!(Lexer::new("\"plain\"").string(), Ok(Cow::Borrowed("plain"))));
    }

    #[test]
    fn refuses_what_is_no_string() {
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
        ];
        for text in cases {
            assert!(string(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_token() {
        let cases = [
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
            assert!(Lexer::new(text).describe().is_err(), "{text:?}");
        }
    }

    #[test]
    fn counts_lines_and_characters() {
        let error = SyntaxError::new("here", 9);
        assert_eq!(error.describe("{\n  \"é\": tru\n}"), "here at line 2 column 7");
    }
}
