//! Fields from plain text, as paths and queries carry it; generated code calls one function per field.

use super::kinds::Kind;
use super::message::Fields;
use super::scalar::Refusal;
use crate::failure::code;

/// Where the text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The path, bound after the body: both must say the same.
    Path,
    /// The query, which holds no field twice.
    Query,
}

/// Splits a path into the field of this message and what comes below it, and refuses to unset another member of the
/// field's oneof.
pub fn enter<'p, M: Fields>(message: &M, path: &'p [u16]) -> Result<(u16, &'p [u16]), Refusal> {
    let (index, below) = path.split_first().ok_or_else(Refusal::no_text)?;
    let field = M::schema().field(*index);
    let rival = field.and_then(|field| field.oneof).and_then(|oneof| message.member(oneof));
    match rival.filter(|set| set != index).and_then(|set| M::schema().field(set)) {
        None => Ok((*index, below)),
        Some(other) => {
            let name = field.map_or("", |field| field.name);
            let text = format!("{name} cannot be given together with {}", other.name);
            Err(Refusal::new(code::CONFLICTING_VALUES, text))
        }
    }
}

/// A field without presence: its zero value counts as not given, as everywhere in protobuf.
pub fn implicit<K: Kind>(slot: &mut K::Value, text: &str, source: Source) -> Result<(), Refusal>
where
    K::Value: Default + PartialEq,
{
    let value = K::text(text)?;
    if source == Source::Path && *slot != K::Value::default() && *slot != value {
        return Err(differs());
    }
    *slot = value;
    Ok(())
}

/// A field with presence.
pub fn optional<K: Kind>(slot: &mut Option<K::Value>, text: &str, source: Source) -> Result<(), Refusal>
where
    K::Value: PartialEq,
{
    *slot = Some(member::<K>(slot.as_ref(), text, source)?);
    Ok(())
}

/// A member of a oneof that holds `given`, if it is set.
pub fn member<K: Kind>(given: Option<&K::Value>, text: &str, source: Source) -> Result<K::Value, Refusal>
where
    K::Value: PartialEq,
{
    let value = K::text(text)?;
    match given {
        Some(given) if source == Source::Path && *given != value => Err(differs()),
        _ => Ok(value),
    }
}

/// One more value of a repeated field.
pub fn list<K: Kind>(slot: &mut Vec<K::Value>, text: &str) -> Result<(), Refusal> {
    slot.push(K::text(text)?);
    Ok(())
}

/// A field of a message below.
pub fn below<M: Fields + Default>(
    slot: &mut Option<M>,
    path: &[u16],
    text: &str,
    source: Source,
) -> Result<(), Refusal> {
    slot.get_or_insert_default().set_text(path, text, source)
}

fn differs() -> Refusal {
    Refusal::new(code::CONFLICTING_VALUES, "is not the same in the path and in the body")
}
