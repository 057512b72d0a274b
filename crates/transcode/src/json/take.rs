//! Fields from JSON; generated code calls one function per field.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::kinds::{Kind, MapKey};
use super::lexer::Token;
use super::parser::Keys;
use super::reader::{Reader, Syntax};
use crate::validate::Path;

/// One value; nothing when it was refused.
pub fn value<K: Kind>(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<K::Value>, Syntax> {
    K::read(json, at)
}

/// A field without presence.
pub fn implicit<K: Kind>(json: &mut Reader<'_, '_>, at: &Path<'_>, slot: &mut K::Value) -> Result<(), Syntax> {
    if let Some(value) = K::read(json, at)? {
        *slot = value;
    }
    Ok(())
}

/// A field with presence.
pub fn optional<K: Kind>(json: &mut Reader<'_, '_>, at: &Path<'_>, slot: &mut Option<K::Value>) -> Result<(), Syntax> {
    if let Some(value) = K::read(json, at)? {
        *slot = Some(value);
    }
    Ok(())
}

/// A repeated field.
pub fn list<K: Kind>(json: &mut Reader<'_, '_>, at: &Path<'_>, slot: &mut Vec<K::Value>) -> Result<(), Syntax> {
    if json.peek()? != Token::Array {
        return json.refuse_value(at, "an array");
    }
    json.parser.open_array()?;
    let mut first = true;
    let mut index = 0;
    while json.parser.element(&mut first)? {
        if json.is_full() {
            json.skip()?;
        } else {
            slot.extend(K::read(json, &at.index(index))?);
        }
        index += 1;
    }
    Ok(())
}

/// A map field.
pub fn map<K: MapKey, V: Kind, M>(json: &mut Reader<'_, '_>, at: &Path<'_>, slot: &mut M) -> Result<(), Syntax>
where
    M: Map<K::Value, V::Value>,
{
    if json.peek()? != Token::Object {
        return json.refuse_value(at, "an object");
    }
    json.parser.open_object()?;
    let (mut first, mut keys) = (true, Keys::default());
    while let Some((text, offset)) = json.parser.key(&mut first)? {
        if json.is_full() {
            json.skip()?;
        } else {
            let at = at.entry(K::shown(&text));
            match K::key(&text) {
                Err(refusal) => {
                    json.refuse(&at, refusal);
                    json.skip()?;
                }
                Ok(key) => {
                    if let Some(value) = V::read(json, &at)? {
                        slot.put(key, value);
                    }
                }
            }
        }
        keys.insert(text, offset)?;
    }
    Ok(())
}

/// The two types that prost holds maps in.
pub trait Map<K, V> {
    /// Adds an entry.
    fn put(&mut self, key: K, value: V);

    /// All entries in the order of their keys, so that equal messages give equal text.
    fn sorted<'m>(&'m self) -> impl Iterator<Item = (&'m K, &'m V)>
    where
        K: 'm,
        V: 'm;
}

impl<K: Ord, V> Map<K, V> for BTreeMap<K, V> {
    fn put(&mut self, key: K, value: V) {
        self.insert(key, value);
    }

    fn sorted<'m>(&'m self) -> impl Iterator<Item = (&'m K, &'m V)>
    where
        K: 'm,
        V: 'm,
    {
        self.iter()
    }
}

#[allow(clippy::implicit_hasher, reason = "prost makes no other maps")]
impl<K: Ord + Hash, V> Map<K, V> for HashMap<K, V> {
    fn put(&mut self, key: K, value: V) {
        self.insert(key, value);
    }

    fn sorted<'m>(&'m self) -> impl Iterator<Item = (&'m K, &'m V)>
    where
        K: 'm,
        V: 'm,
    {
        let mut entries: Vec<(&K, &V)> = self.iter().collect();
        entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
        entries.into_iter()
    }
}
