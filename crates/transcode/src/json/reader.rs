//! JSON into messages, strictly: what the contract does not say is a violation with its path, and reading goes on, so
//! that all violations are told at once. Only bad syntax stops it.

use std::borrow::Cow;

use super::any::{self, AnyType};
use super::lexer::{SyntaxError, Token};
use super::message::Fields;
use super::parser::{Keys, Parser, Scalar, duplicate};
use super::scalar::Refusal;
use super::schema::Schema;
use crate::failure::{Findings, code};
use crate::validate::Path;

/// The text is not JSON; reading cannot go on.
#[derive(Debug)]
pub struct Syntax(pub(super) SyntaxError);

impl From<SyntaxError> for Syntax {
    #[cold]
    fn from(error: SyntaxError) -> Self {
        Self(error)
    }
}

/// Reads one JSON text and gathers what does not fit.
#[derive(Debug)]
pub struct Reader<'t, 'v> {
    pub(super) parser: Parser<'t>,
    violations: &'v mut Findings,
    types: &'static [AnyType],
}

impl<'t, 'v> Reader<'t, 'v> {
    pub(super) fn new(
        text: &'t str,
        max_depth: usize,
        types: &'static [AnyType],
        violations: &'v mut Findings,
    ) -> Self {
        Self { parser: Parser::new(text, max_depth), violations, types }
    }

    pub(super) fn end(&mut self) -> Result<(), Syntax> {
        Ok(self.parser.end()?)
    }

    pub(super) fn peek(&mut self) -> Result<Token, Syntax> {
        Ok(self.parser.peek()?)
    }

    pub(super) fn skip(&mut self) -> Result<(), Syntax> {
        Ok(self.parser.skip()?)
    }

    pub(super) fn any_type(&self, name: &str) -> Option<&'static AnyType> {
        any::find(self.types, name)
    }

    /// Nothing more is reported: what comes need only be syntax.
    pub(super) fn is_full(&self) -> bool {
        self.violations.is_full()
    }

    #[cold]
    pub(super) fn refuse(&mut self, at: &Path<'_>, refusal: Refusal) {
        self.violations.add(at.to_string(), refusal.code, refusal.message);
    }

    /// Refuses the value that comes next for its JSON type.
    #[cold]
    pub(super) fn refuse_value(&mut self, at: &Path<'_>, wanted: &str) -> Result<(), Syntax> {
        let found = self.peek()?;
        self.refuse(at, Refusal::wrong_type(wanted, found.named()));
        self.skip()
    }

    /// Reads a plain value with `read`; nothing when it was refused.
    pub(super) fn scalar<V>(
        &mut self,
        at: &Path<'_>,
        wanted: &str,
        read: impl FnOnce(Scalar<'t>) -> Result<V, Refusal>,
    ) -> Result<Option<V>, Syntax> {
        if matches!(self.peek()?, Token::Object | Token::Array | Token::Null) {
            return self.refuse_value(at, wanted).map(|()| None);
        }
        match read(self.parser.scalar()?) {
            Ok(value) => Ok(Some(value)),
            Err(refusal) => {
                self.refuse(at, refusal);
                Ok(None)
            }
        }
    }

    /// Reads an object into the fields of `message`; generated code calls it.
    pub fn object<M: Fields>(&mut self, message: &mut M, at: &Path<'_>) -> Result<(), Syntax> {
        self.members(M::schema(), message, at, None)
    }

    /// Reads the members of an object, all but one that was read before.
    pub(super) fn members(
        &mut self,
        schema: &Schema,
        message: &mut dyn Fields,
        at: &Path<'_>,
        except: Option<&str>,
    ) -> Result<(), Syntax> {
        if self.peek()? != Token::Object {
            return self.refuse_value(at, "an object");
        }
        self.parser.open_object()?;
        let (mut first, mut seen, mut unknown) = (true, Seen::default(), Keys::default());
        while let Some((key, offset)) = self.parser.key(&mut first)? {
            let Some(slot) = (schema.find)(key.as_bytes()) else {
                let known = except == Some(key.as_ref());
                self.unknown_member(at, key, offset, known, &mut unknown)?;
                continue;
            };
            if !seen.insert(slot) {
                return Err(duplicate(&key, offset).into());
            }
            self.member(schema, slot, message, at, &seen)?;
        }
        Ok(())
    }

    fn unknown_member(
        &mut self,
        at: &Path<'_>,
        key: Cow<'t, str>,
        offset: usize,
        known: bool,
        keys: &mut Keys<'t>,
    ) -> Result<(), Syntax> {
        if !known {
            self.refuse(&at.name(&key), Refusal::new(code::UNKNOWN_FIELD, "there is no such field"));
        }
        keys.insert(key, offset)?;
        self.skip()
    }

    /// Reads the value of a field. `null` leaves it unset, which no other member of a oneof minds.
    fn member(
        &mut self,
        schema: &Schema,
        slot: u16,
        message: &mut dyn Fields,
        at: &Path<'_>,
        seen: &Seen,
    ) -> Result<(), Syntax> {
        let index = slot / 2;
        let Some(field) = schema.field(index).filter(|_| !self.is_full()) else { return self.skip() };
        let at = at.field(field.name);
        if seen.contains(slot ^ 1) {
            let twice = format!("is given twice, as {} and as {}", field.name, field.json);
            self.refuse(&at, Refusal::new(code::CONFLICTING_VALUES, twice));
            return self.skip();
        }
        if !field.null && self.peek()? == Token::Null {
            return self.skip();
        }
        if let Some(rival) = field.oneof.and_then(|oneof| message.member(oneof)).filter(|set| *set != index) {
            let other = schema.field(rival).map_or("", |field| field.name);
            self.refuse(&at, Refusal::rival(other));
            return self.skip();
        }
        message.read_field(index, self, &at)
    }
}

/// Which names of a message came already.
#[derive(Debug, Default)]
struct Seen {
    few: [u64; 2],
    many: Vec<u64>,
}

impl Seen {
    /// False when it was there already.
    fn insert(&mut self, slot: u16) -> bool {
        let (word, bit) = Self::place(slot);
        if word >= 2 && self.many.len() < word - 1 {
            self.many.resize(word - 1, 0);
        }
        let words = if word < 2 { self.few.get_mut(word) } else { self.many.get_mut(word - 2) };
        words.is_some_and(|bits| {
            let new = *bits & bit == 0;
            *bits |= bit;
            new
        })
    }

    fn contains(&self, slot: u16) -> bool {
        let (word, bit) = Self::place(slot);
        let words = if word < 2 { self.few.get(word) } else { self.many.get(word - 2) };
        words.is_some_and(|bits| bits & bit != 0)
    }

    fn place(slot: u16) -> (usize, u64) {
        (usize::from(slot / 64), 1 << (slot % 64))
    }
}
