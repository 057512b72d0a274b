//! Fields to JSON; generated code calls one function per field.

use super::kinds::{Kind, MapKey};
use super::take::Map;
use super::writer::{Unprintable, Writer};

/// The proto name and the JSON name of a field, quoted and with their colons.
pub type Key = (&'static str, &'static str);

/// A field without presence: zero is written too, unless the style omits it.
pub fn implicit<K: Kind>(out: &mut Writer<'_>, key: Key, value: &K::Value) -> Result<(), Unprintable> {
    if out.style.omit_zeros && K::is_zero(value) { Ok(()) } else { member::<K>(out, key, value) }
}

/// A member of a oneof that is set.
pub fn member<K: Kind>(out: &mut Writer<'_>, key: Key, value: &K::Value) -> Result<(), Unprintable> {
    out.key(key);
    K::write(value, out)
}

/// A field with presence: left out when it is not set.
pub fn optional<K: Kind>(out: &mut Writer<'_>, key: Key, value: &Option<K::Value>) -> Result<(), Unprintable> {
    match value {
        Some(value) => member::<K>(out, key, value),
        None => Ok(()),
    }
}

/// The value of a field with presence, without its name.
pub fn bare_optional<K: Kind>(out: &mut Writer<'_>, value: &Option<K::Value>) -> Result<(), Unprintable>
where
    K::Value: Default,
{
    match value {
        Some(value) => K::write(value, out),
        None => K::write(&K::Value::default(), out),
    }
}

/// A repeated field: an empty one is written too, unless the style omits it.
pub fn list<K: Kind>(out: &mut Writer<'_>, key: Key, values: &[K::Value]) -> Result<(), Unprintable> {
    if out.style.omit_zeros && values.is_empty() {
        return Ok(());
    }
    out.key(key);
    bare_list::<K>(out, values)
}

/// A list without a name.
pub fn bare_list<K: Kind>(out: &mut Writer<'_>, values: &[K::Value]) -> Result<(), Unprintable> {
    out.verbatim("[");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.verbatim(",");
        }
        K::write(value, out)?;
    }
    out.verbatim("]");
    Ok(())
}

/// A map field: an empty one is written too, unless the style omits it.
pub fn map<K: MapKey, V: Kind, M>(out: &mut Writer<'_>, key: Key, map: &M) -> Result<(), Unprintable>
where
    M: Map<K::Value, V::Value>,
{
    if out.style.omit_zeros && map.sorted().next().is_none() {
        return Ok(());
    }
    out.key(key);
    bare_map::<K, V, M>(out, map)
}

/// A map without a name.
pub fn bare_map<K: MapKey, V: Kind, M>(out: &mut Writer<'_>, map: &M) -> Result<(), Unprintable>
where
    M: Map<K::Value, V::Value>,
{
    out.verbatim("{");
    for (index, (key, value)) in map.sorted().enumerate() {
        if index > 0 {
            out.verbatim(",");
        }
        K::write_key(key, out);
        out.verbatim(":");
        V::write(value, out)?;
    }
    out.verbatim("}");
    Ok(())
}

/// The value of a field without presence, without its name.
pub fn bare<K: Kind>(out: &mut Writer<'_>, value: &K::Value) -> Result<(), Unprintable> {
    K::write(value, out)
}
