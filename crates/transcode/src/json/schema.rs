//! What is known of a message without one at hand: its fields by name. Generated, one static per message.

/// The fields of a message.
#[derive(Debug)]
pub struct Schema {
    /// The full name of the message.
    pub name: &'static str,
    /// In the order of the contract.
    pub fields: &'static [Field],
    /// Finds a field by either name: twice its index, and one more for the JSON name where it is another.
    pub find: fn(&[u8]) -> Option<u16>,
}

/// One field.
#[derive(Debug)]
pub struct Field {
    /// As the contract writes it: `display_name`.
    pub name: &'static str,
    /// Its other spelling: `displayName`.
    pub json: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether `null` is a value and not its absence.
    pub null: bool,
    /// The oneof it is a member of, by index.
    pub oneof: Option<u16>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// One value that text can say.
    Text,
    /// Several of them.
    Texts,
    /// One message with fields of its own.
    Message(fn() -> &'static Schema),
    /// Only JSON can say it: maps, lists of messages, any JSON.
    Whole,
}

impl Schema {
    /// The index of a field by either spelling.
    pub(crate) fn index(&self, name: &str) -> Option<u16> {
        (self.find)(name.as_bytes()).map(|slot| slot / 2)
    }

    /// A field by its index.
    pub(crate) fn field(&self, index: u16) -> Option<&'static Field> {
        self.fields.get(usize::from(index))
    }

    /// A field by its proto name alone.
    pub(crate) fn named(&self, name: &str) -> Option<(u16, &'static Field)> {
        let index = self.index(name)?;
        self.field(index).filter(|field| field.name == name).map(|field| (index, field))
    }
}

/// Messages without fields that could be named.
pub(crate) static NO_FIELDS: Schema = Schema { name: "", fields: &[], find: |_| None };
