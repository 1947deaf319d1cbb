//! Lenient decoding of a response: a value that does not have the documented type is converted if it can
//! be, and left out if not, so that everything else is still read. Nothing is built in between.

use crate::codec::json::integer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use std::{
    borrow::Cow, cell::Cell, collections::HashMap, fmt, marker::PhantomData, thread::LocalKey,
};

/// How many values of a response are kept that have no documented type. What is beyond is left out,
/// because a value takes up to a hundred times the memory of its text.
const MAX_UNTYPED: usize = 100_000;
/// How many elements the documented lists of a response may have. An element takes the memory of all its
/// documented fields.
const MAX_ELEMENTS: usize = 100_000;

thread_local! {
    // `Lenient` has no other way to pass them on.
    static UNTYPED: Cell<usize> = const { Cell::new(MAX_UNTYPED) };
    static ELEMENTS: Cell<usize> = const { Cell::new(MAX_ELEMENTS) };
    static IN_RESPONSE: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, this thread decodes one response, and the bounds are those of all of it.
pub(crate) struct Bounds;

impl Bounds {
    pub(crate) fn new() -> Self {
        UNTYPED.set(MAX_UNTYPED);
        ELEMENTS.set(MAX_ELEMENTS);
        IN_RESPONSE.set(true);
        Self
    }
}

impl Drop for Bounds {
    fn drop(&mut self) {
        IN_RESPONSE.set(false);
    }
}

/// Takes one from what is left, if there is one.
fn take(left: &'static LocalKey<Cell<usize>>) -> bool {
    left.replace(left.get().saturating_sub(1)) > 0
}

/// Counts an element of a documented list.
fn count<E: Error>() -> Result<(), E> {
    if take(&ELEMENTS) { Ok(()) } else { Err(E::custom("too many elements")) }
}

/// A type that a value of JSON is converted to. The only error is that the text is no JSON.
pub trait Lenient: Sized {
    /// Reads a value, the whole of it. Nothing, if it is null or cannot be converted.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(AnyValue(PhantomData))
    }

    /// Converts a value that is no list and no object.
    fn of(_: Value) -> Option<Self> {
        None
    }

    /// Reads a list, perhaps not to its end.
    fn of_list<'de, A: SeqAccess<'de>>(_: &mut A) -> Result<Option<Self>, A::Error> {
        Ok(None)
    }

    /// Reads an object, perhaps not to its end.
    fn of_object<'de, A: MapAccess<'de>>(_: &mut A) -> Result<Option<Self>, A::Error> {
        Ok(None)
    }
}

/// A value as serde reads it, as a part of another one. Nothing, if it is null or cannot be converted.
pub(crate) struct Read<T>(pub(crate) Option<T>);

impl<'de, T: Lenient> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Converts a value of any type to this one.
struct AnyValue<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for AnyValue<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<T>, E> {
        Ok(T::of(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<T>, E> {
        Ok(T::of(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<T>, E> {
        Ok(T::of(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<T>, E> {
        Ok(Number::from_f64(value).and_then(|number| T::of(number.into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<T>, E> {
        Ok(T::of(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<T>, A::Error> {
        let read = T::of_list(&mut list)?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<T>, A::Error> {
        let read = T::of_object(&mut object)?;
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(read)
    }
}

impl Lenient for String {
    fn of(value: Value) -> Option<Self> {
        Some(if let Value::String(text) = value { text } else { value.to_string() })
    }

    /// As the text of its JSON.
    fn of_list<'de, A: SeqAccess<'de>>(list: &mut A) -> Result<Option<Self>, A::Error> {
        Ok(Value::of_list(list)?.map(|list| list.to_string()))
    }

    fn of_object<'de, A: MapAccess<'de>>(object: &mut A) -> Result<Option<Self>, A::Error> {
        Ok(Value::of_object(object)?.map(|object| object.to_string()))
    }
}

impl Lenient for bool {
    fn of(value: Value) -> Option<Self> {
        match (value.as_u64(), value.as_str()) {
            (Some(0), _) => Some(false),
            (Some(1), _) => Some(true),
            (_, Some(text)) => text.trim().parse().ok(),
            _ => value.as_bool(),
        }
    }
}

macro_rules! numbers {
    ($($number:ident)+, $of_text:expr) => {$(
        impl Lenient for $number {
            fn of(value: Value) -> Option<Self> {
                let of_text: fn(&str) -> Option<Self> = $of_text;
                match value {
                    Value::Number(number) => {
                        Self::deserialize(&number).ok().or_else(|| of_text(&number.to_string()))
                    }
                    Value::String(text) => of_text(&text),
                    _ => None,
                }
            }
        }
    )+};
}
numbers!(i8 i16 i32 i64 u8 u16 u32 u64, |text| i128::from(integer(text)?).try_into().ok());
numbers!(f32 f64, |text| text.trim().parse().ok());

impl<T: Lenient> Lenient for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(Some(T::read(deserializer)?))
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(T::read(deserializer)?.map(Box::new))
    }
}

/// A list, unless one of its elements cannot be read.
impl<T: Lenient> Lenient for Vec<T> {
    fn of_list<'de, A: SeqAccess<'de>>(list: &mut A) -> Result<Option<Self>, A::Error> {
        let mut items = Self::new();
        while let Some(Read(item)) = list.next_element()? {
            count::<A::Error>()?;
            let Some(item) = item else { return Ok(None) };
            items.push(item);
        }
        Ok(Some(items))
    }
}

impl<T: Lenient> Lenient for HashMap<String, T> {
    fn of_object<'de, A: MapAccess<'de>>(object: &mut A) -> Result<Option<Self>, A::Error> {
        let mut items = Self::new();
        while let Some((Name(name), Read(item))) = object.next_entry()? {
            count::<A::Error>()?;
            let Some(item) = item else { return Ok(None) };
            items.insert(name.into_owned(), item);
        }
        Ok(Some(items))
    }
}

impl Lenient for Value {
    fn of(value: Value) -> Option<Self> {
        Some(value)
    }

    fn of_list<'de, A: SeqAccess<'de>>(list: &mut A) -> Result<Option<Self>, A::Error> {
        let mut items = Vec::new();
        // What is beyond the bound is not read as a value at all.
        while UNTYPED.get() > 0
            && let Some(Read::<Self>(item)) = list.next_element()?
        {
            take(&UNTYPED);
            items.push(item.unwrap_or_default());
        }
        Ok(Some(items.into()))
    }

    fn of_object<'de, A: MapAccess<'de>>(object: &mut A) -> Result<Option<Self>, A::Error> {
        Ok(Map::of_object(object)?.map(Self::from))
    }
}

impl Lenient for Map<String, Value> {
    fn of_object<'de, A: MapAccess<'de>>(object: &mut A) -> Result<Option<Self>, A::Error> {
        let mut fields = Self::new();
        while let Some(Name(name)) = object.next_key()? {
            extra(name, object, &mut fields)?;
        }
        Ok(Some(fields))
    }
}

/// Implements [`Lenient`] and `Deserialize` for an object of a response. The build names the fields; the
/// last one keeps what the document does not have.
#[doc(hidden)]
#[macro_export]
macro_rules! __lenient {
    ($object:ident { $($field:ident: $name:literal,)* } $extra:ident) => {
        impl $crate::__runtime::Lenient for $object {
            fn of_object<'de, A: $crate::__runtime::serde::de::MapAccess<'de>>(
                fields: &mut A,
            ) -> ::std::result::Result<::std::option::Option<Self>, A::Error> {
                use $crate::__runtime::{Name, extra, field};
                let mut object = Self::default();
                while let Some(Name(name)) = fields.next_key()? {
                    match &*name {
                        $($name => field(fields, &mut object.$field)?,)*
                        _ => extra(name, fields, &mut object.$extra)?,
                    }
                }
                Ok(Some(object))
            }
        }

        impl<'de> $crate::__runtime::serde::Deserialize<'de> for $object {
            fn deserialize<D: $crate::__runtime::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__runtime::object(deserializer)
            }
        }
    };
}

/// Reads an object that a user of serde asks for. In a response it counts as an element, because it may be one
/// of a list of the caller's own.
pub fn object<'de, T: Lenient, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let in_response = IN_RESPONSE.get();
    if in_response {
        count::<D::Error>()?;
    }
    let _bounds = (!in_response).then(Bounds::new);
    T::read(deserializer)?.ok_or_else(|| D::Error::custom("not an object"))
}

/// Reads a field into its place, where it stays what it was if it cannot be read.
pub fn field<'de, T: Lenient, A: MapAccess<'de>>(
    fields: &mut A,
    place: &mut T,
) -> Result<(), A::Error> {
    if let Read(Some(value)) = fields.next_value()? {
        *place = value;
    }
    Ok(())
}

/// Keeps a field that the document does not have, if there is room.
pub fn extra<'de, A: MapAccess<'de>>(
    name: Cow<'_, str>,
    fields: &mut A,
    extra: &mut Map<String, Value>,
) -> Result<(), A::Error> {
    if !take(&UNTYPED) {
        return fields.next_value::<IgnoredAny>().map(drop);
    }
    let Read::<Value>(value) = fields.next_value()?;
    extra.insert(name.into_owned(), value.unwrap_or_default());
    Ok(())
}

/// The name of a field, borrowed where it can be.
#[derive(Deserialize)]
pub struct Name<'a>(#[serde(borrow)] pub Cow<'a, str>);
