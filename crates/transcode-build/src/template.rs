//! The path template grammar of `google/api/http.proto`, strict, with the column of every mistake.
//! Whether the variables are fields of the request is not known here.

use std::fmt;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
    pub(crate) verb: Option<String>,
    pub(crate) variables: Vec<Variable>,
}

/// One position of the path; variables are expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Any,
    Rest,
}

/// A variable and the segments it captures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// The field path, in proto names.
    pub(crate) field: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Several segments, or `**`.
    pub(crate) multi: bool,
}

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateError {
    message: String,
    /// Counts from one.
    column: usize,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at column {}", self.message, self.column)
    }
}

impl Template {
    /// Parses `"/" Segments [ Verb ]`.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parser =
            Parser { text, at: 0, template: Self { segments: Vec::new(), verb: None, variables: Vec::new() } };
        parser.expect('/', "a template starts with '/'")?;
        parser.segments(true)?;
        if parser.eat(':') {
            let verb = parser.literal("a verb")?;
            parser.template.verb = Some(verb);
        }
        match parser.peek() {
            None => Ok(parser.template),
            Some(other) => Err(parser.unexpected(other)),
        }
    }

    /// What the template matches, whatever its variables are called: equal shapes match equal paths.
    pub(crate) fn shape(&self) -> String {
        let mut shape = String::new();
        for segment in &self.segments {
            shape.push('/');
            shape.push_str(match segment {
                Segment::Literal(text) => text,
                Segment::Any => "*",
                Segment::Rest => "**",
            });
        }
        if let Some(verb) = &self.verb {
            shape.push(':');
            shape.push_str(verb);
        }
        shape
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    template: Template,
}

impl Parser<'_> {
    fn segments(&mut self, variables: bool) -> Result<(), TemplateError> {
        loop {
            if self.template.segments.last() == Some(&Segment::Rest) {
                return Err(self.error("'**' must be the last segment"));
            }
            match self.peek() {
                Some('*') => self.wildcard(),
                Some('{') if variables => self.variable()?,
                Some('{') => return Err(self.error("a variable inside a variable")),
                _ => {
                    let text = self.literal("a segment")?;
                    self.template.segments.push(Segment::Literal(text));
                }
            }
            if !self.eat('/') {
                return Ok(());
            }
        }
    }

    fn wildcard(&mut self) {
        self.eat('*');
        let segment = if self.eat('*') { Segment::Rest } else { Segment::Any };
        self.template.segments.push(segment);
    }

    fn variable(&mut self) -> Result<(), TemplateError> {
        self.eat('{');
        let opening = self.at;
        let field = self.field_path()?;
        if self.template.variables.iter().any(|variable| variable.field == field) {
            self.at = opening;
            return Err(self.error(&format!("the variable {field} comes twice")));
        }
        let start = self.template.segments.len();
        if self.eat('=') {
            self.segments(false)?;
        } else {
            self.template.segments.push(Segment::Any);
        }
        self.expect('}', "a variable ends with '}'")?;
        let end = self.template.segments.len();
        let multi = end - start > 1 || self.template.segments.last() == Some(&Segment::Rest);
        self.template.variables.push(Variable { field, start, end, multi });
        Ok(())
    }

    fn field_path(&mut self) -> Result<String, TemplateError> {
        let start = self.at;
        loop {
            let first = self.peek().filter(|c| c.is_ascii_alphabetic() || *c == '_');
            if first.is_none() {
                return Err(self.error("expected a field name"));
            }
            while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                self.at += 1;
            }
            if !self.eat('.') {
                return Ok(self.text[start..self.at].to_owned());
            }
        }
    }

    /// Characters of a path segment (RFC 3986, 3.3) but those with a meaning of their own here.
    fn literal(&mut self, what: &str) -> Result<String, TemplateError> {
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                '%' => {
                    let digits = self.text.get(self.at + 1..self.at + 3).unwrap_or_default();
                    if digits.len() != 2 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.error("bad percent escape"));
                    }
                    self.at += 3;
                }
                c if c.is_ascii_alphanumeric() || "-._~!$&'()+,;=@".contains(c) => self.at += 1,
                _ => break,
            }
        }
        if start == self.at {
            let problem = match self.peek() {
                None | Some('/' | ':' | '}') => format!("{what} is empty"),
                Some(other) => return Err(self.unexpected(other)),
            };
            return Err(self.error(&problem));
        }
        Ok(self.text[start..self.at].to_owned())
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn expect(&mut self, c: char, problem: &str) -> Result<(), TemplateError> {
        if self.eat(c) { Ok(()) } else { Err(self.error(problem)) }
    }

    fn unexpected(&self, found: char) -> TemplateError {
        self.error(&format!("unexpected {found:?}"))
    }

    fn error(&self, message: &str) -> TemplateError {
        TemplateError { message: message.to_owned(), column: self.text[..self.at].chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(field: &str, start: usize, end: usize, multi: bool) -> Variable {
        Variable { field: field.to_owned(), start, end, multi }
    }

    #[test]
    fn parses_shapes_and_variables() {
        let cases = [
            ("/v1", "/v1", vec![]),
            ("/*", "/*", vec![]),
            ("/**", "/**", vec![]),
            ("/v1/orders/{id}", "/v1/orders/*", vec![variable("id", 2, 3, false)]),
            ("/v1/{id=*}:place", "/v1/*:place", vec![variable("id", 1, 2, false)]),
            ("/v1/{a.b_c=shelves/*/books/**}", "/v1/shelves/*/books/**", vec![variable("a.b_c", 1, 5, true)]),
            ("/v1/{a=x}/{b=**}:v", "/v1/x/**:v", vec![variable("a", 1, 2, false), variable("b", 2, 3, true)]),
            ("/v1/a%20b/~c.d-e_f", "/v1/a%20b/~c.d-e_f", vec![]),
        ];
        for (text, shape, variables) in cases {
            let template = Template::parse(text).expect(text);
            assert_eq!((template.shape().as_str(), &template.variables), (shape, &variables), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        let cases = [
            ("", "a template starts with '/' at column 1"),
            ("v1", "a template starts with '/' at column 1"),
            ("/", "a segment is empty at column 2"),
            ("/v1/", "a segment is empty at column 5"),
            ("//v1", "a segment is empty at column 2"),
            ("/v1//a", "a segment is empty at column 5"),
            ("/{}", "expected a field name at column 3"),
            ("/{a", "a variable ends with '}' at column 4"),
            ("/{a.}", "expected a field name at column 5"),
            ("/{.a}", "expected a field name at column 3"),
            ("/{1a}", "expected a field name at column 3"),
            ("/{a=}", "a segment is empty at column 5"),
            ("/{a=/x}", "a segment is empty at column 5"),
            ("/{a=x/}", "a segment is empty at column 7"),
            ("/{a={b}}", "a variable inside a variable at column 5"),
            ("/a{x}", "unexpected '{' at column 3"),
            ("/{x}a", "unexpected 'a' at column 5"),
            ("/{x}{y}", "unexpected '{' at column 5"),
            ("/***", "unexpected '*' at column 4"),
            ("/x*", "unexpected '*' at column 3"),
            ("/*x", "unexpected 'x' at column 3"),
            ("/v1:", "a verb is empty at column 5"),
            ("/v1:a:b", "unexpected ':' at column 6"),
            ("/v1:a/b", "unexpected '/' at column 6"),
            ("/:a", "a segment is empty at column 2"),
            ("/v1?a", "unexpected '?' at column 4"),
            ("/v 1", "unexpected ' ' at column 3"),
            ("/é", "unexpected 'é' at column 2"),
            ("/a%2", "bad percent escape at column 3"),
            ("/a%zz", "bad percent escape at column 3"),
            ("/**/a", "'**' must be the last segment at column 5"),
            ("/{a=**}/b", "'**' must be the last segment at column 9"),
            ("/{a=**/b}", "'**' must be the last segment at column 8"),
            ("/{a}/{a}", "the variable a comes twice at column 7"),
            ("/a}", "unexpected '}' at column 3"),
        ];
        for (text, want) in cases {
            let error = Template::parse(text).expect_err(text);
            assert_eq!(error.to_string(), want, "{text}");
        }
    }
}
