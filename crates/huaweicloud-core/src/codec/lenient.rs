//! Lenient decoding of the fields of a response: one that does not have the documented type is
//! converted if it can be, and left out if not, so that it never costs the rest of the response.
//! Nothing is built in between.

use crate::codec::json::{Json, integer};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected,
        Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, cell::Cell, fmt};

/// How many values the fields of an object may hold that have no documented type. What is beyond is
/// left out, because a value takes up to a hundred times the memory of its text.
pub const MAX_UNTYPED: usize = 100_000;
/// The longest text whose strings serde may read through a buffer of its own, in bytes.
const MAX_BUFFERED: usize = 1024 * 1024;

/// Implements `Deserialize` for an object of a response. `build.rs` names the fields; the last one
/// keeps what the document does not have.
#[doc(hidden)]
#[macro_export]
macro_rules! __lenient {
    ($object:ident { $($field:ident: $name:literal,)* } $extra:ident) => {
        impl<'de> $crate::__runtime::serde::Deserialize<'de> for $object {
            fn deserialize<D: $crate::__runtime::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                struct Fields;
                impl<'de> $crate::__runtime::serde::de::Visitor<'de> for Fields {
                    type Value = $object;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A>(self, mut map: A) -> ::std::result::Result<$object, A::Error>
                    where
                        A: $crate::__runtime::serde::de::MapAccess<'de>,
                    {
                        use $crate::__runtime::{Field, MAX_UNTYPED, Name};
                        let untyped = ::std::cell::Cell::new(MAX_UNTYPED);
                        let mut object = $object::default();
                        while let Some(Name(name)) = map.next_key()? {
                            match &*name {
                                $($name => map.next_value_seed(Field(&mut object.$field, &untyped))?,)*
                                _ => {
                                    let mut value = $crate::__runtime::serde_json::Value::Null;
                                    let room = untyped.get().checked_sub(1);
                                    untyped.set(room.unwrap_or_default());
                                    map.next_value_seed(Field(&mut value, &untyped))?;
                                    if room.is_some() {
                                        object.$extra.insert(name.into_owned(), value);
                                    }
                                }
                            }
                        }
                        Ok(object)
                    }
                }
                deserializer.deserialize_struct(stringify!($object), &[], Fields)
            }
        }
    };
}

/// The name of a field, borrowed where it can be.
pub struct Name<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

thread_local! {
    // Nothing else passes between a field and who began to decode.
    /// Whether a field could not be read.
    static LOST: Cell<bool> = const { Cell::new(false) };
    /// Whether texts are so long that serde's buffer for escapes, which doubles as it grows, matters.
    static LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Decodes a JSON text. Tells also whether a field could not be read: what follows a field that is
/// broken may look as if nothing was.
pub(crate) fn decode<T: DeserializeOwned>(text: &[u8]) -> (serde_json::Result<T>, bool) {
    LOST.set(false);
    LARGE.set(text.len() > MAX_BUFFERED);
    let read = serde_json::from_slice(text);
    LARGE.set(false);
    (read, LOST.get())
}

/// Decodes a field into its place, where it stays what it was if it cannot be read; with the number of
/// untyped values that may still be kept.
pub struct Field<'a, T>(pub &'a mut T, pub &'a Cell<usize>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Field<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match Option::deserialize(Lenient(deserializer, self.1)) {
            Ok(Some(value)) => *self.0 = value,
            // Null is as good as no field.
            Ok(None) => {}
            Err(_) => LOST.set(true),
        }
        Ok(())
    }
}

/// A deserializer that takes any type for any other it can be converted to. Whether it succeeds or
/// fails, it consumes the whole value.
struct Lenient<'a, D>(D, &'a Cell<usize>);

/// What a value is converted to.
#[derive(Clone, Copy, PartialEq)]
enum Into {
    Any,
    Text,
    Integer,
    Float,
    Boolean,
    Container,
}

macro_rules! convert {
    ($($into:ident: $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.deserialize_any(Convert { visitor, into: Into::$into, untyped: self.1 })
        }
    )*)*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lenient<'_, D> {
    type Error = D::Error;

    convert! {
        Any: deserialize_any deserialize_i128 deserialize_u128 deserialize_bytes
            deserialize_byte_buf deserialize_unit deserialize_identifier;
        Text: deserialize_char;
        Integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8
            deserialize_u16 deserialize_u32 deserialize_u64;
        Float: deserialize_f32 deserialize_f64;
        Boolean: deserialize_bool;
        Container: deserialize_seq deserialize_map;
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self(deserializer, untyped) = self;
        if !LARGE.get() {
            return deserializer.deserialize_any(Convert { visitor, into: Into::Text, untyped });
        }
        let written = <&RawValue>::deserialize(deserializer)?.get();
        if let Some(text) = Json::first(written.as_bytes()).and_then(Json::whole_text) {
            return visitor.visit_string(text);
        }
        let mut value = serde_json::Deserializer::from_str(written);
        let value = value.deserialize_any(Convert { visitor, into: Into::Text, untyped });
        value.map_err(Error::custom)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Convert { visitor, into: Into::Any, untyped: self.1 })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        // Only the deserializer itself can give a value as it is written.
        if name.contains("RawValue") {
            return self.0.deserialize_newtype_struct(name, visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Object(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        // A deserializer may fail over an enum without consuming the value.
        let value = Value::deserialize(self)?;
        value.deserialize_enum(name, variants, visitor).map_err(Error::custom)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }
}

/// Hands on an object whose fields are decoded leniently by themselves. To make them so again would
/// give what decodes them another type at each depth, without end where an object holds its own type.
struct Object<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Object<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<V::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Err(A::Error::invalid_type(Unexpected::Seq, &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<V::Value, A::Error> {
        let outcome = self.0.visit_map(&mut object);
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        outcome
    }
}

/// Hands a value on as the type that is wanted.
struct Convert<'a, V> {
    visitor: V,
    into: Into,
    untyped: &'a Cell<usize>,
}

impl<V> Convert<'_, V> {
    /// A list or an object as the text of its JSON.
    fn visit_text_of<'de, D: Deserializer<'de>>(self, container: D) -> Result<V::Value, D::Error>
    where
        V: Visitor<'de>,
    {
        self.visitor.visit_string(Value::deserialize(container)?.to_string())
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Convert<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        match self.into {
            Into::Text => self.visitor.visit_string(value.to_string()),
            _ => self.visitor.visit_bool(value),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        match (self.into, value) {
            (Into::Text, _) => self.visitor.visit_string(value.to_string()),
            (Into::Boolean, 0 | 1) => self.visitor.visit_bool(value == 1),
            _ => self.visitor.visit_i64(value),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        match (self.into, i64::try_from(value)) {
            (Into::Text | Into::Boolean, Ok(value)) => self.visit_i64(value),
            (Into::Text, Err(_)) => self.visitor.visit_string(value.to_string()),
            _ => self.visitor.visit_u64(value),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        match self.into {
            // As JSON writes it.
            Into::Text => self.visitor.visit_string(Value::from(value).to_string()),
            Into::Integer => match integer(&value.to_string()) {
                Some(whole) => self.visitor.visit_i64(whole),
                None => self.visitor.visit_f64(value),
            },
            _ => self.visitor.visit_f64(value),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        // Without the text, which may be long.
        let unfit = || E::invalid_type(Unexpected::Str("…"), &"another type");
        match self.into {
            Into::Integer => self.visitor.visit_i64(integer(text).ok_or_else(unfit)?),
            Into::Float => self.visitor.visit_f64(text.trim().parse().map_err(|_| unfit())?),
            Into::Boolean => self.visitor.visit_bool(text.trim().parse().map_err(|_| unfit())?),
            Into::Container => Err(unfit()),
            Into::Any | Into::Text => self.visitor.visit_str(text),
        }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        match self.into {
            Into::Any | Into::Text => self.visitor.visit_borrowed_str(text),
            _ => self.visit_str(text),
        }
    }

    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        match self.into {
            Into::Any | Into::Text => self.visitor.visit_string(text),
            _ => self.visit_str(&text),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Lenient(deserializer, self.untyped))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<V::Value, A::Error> {
        let elements = Elements::of(&mut list, &self);
        let outcome = match self.into {
            Into::Text => self.visit_text_of(SeqAccessDeserializer::new(elements)),
            _ => self.visitor.visit_seq(elements),
        };
        while list.next_element::<IgnoredAny>()?.is_some() {}
        outcome
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<V::Value, A::Error> {
        let elements = Elements::of(&mut object, &self);
        let outcome = match self.into {
            Into::Text => self.visit_text_of(MapAccessDeserializer::new(elements)),
            _ => self.visitor.visit_map(elements),
        };
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        outcome
    }
}

/// The elements of a list or an object, each decoded leniently.
struct Elements<'a, A> {
    access: &'a mut A,
    untyped: &'a Cell<usize>,
    /// Whether they are untyped themselves.
    counted: bool,
}

impl<'a, A> Elements<'a, A> {
    fn of<V>(access: &'a mut A, convert: &Convert<'a, V>) -> Self {
        Self { access, untyped: convert.untyped, counted: convert.into != Into::Container }
    }

    /// Whether one more element may be kept.
    fn has_room(&self) -> bool {
        !self.counted || self.untyped.get() > 0
    }

    /// Counts an element, if there was one.
    fn count<T>(&self, element: Option<T>) -> Option<T> {
        if self.counted && element.is_some() {
            self.untyped.set(self.untyped.get().saturating_sub(1));
        }
        element
    }
}

/// Decodes an element leniently.
struct Element<'a, S>(S, &'a Cell<usize>);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Element<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Lenient(deserializer, self.1))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error>
    where
        S: DeserializeSeed<'de>,
    {
        if !self.has_room() {
            return Ok(None);
        }
        let element = self.access.next_element_seed(Element(seed, self.untyped))?;
        Ok(self.count(element))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error>
    where
        S: DeserializeSeed<'de>,
    {
        if !self.has_room() {
            return Ok(None);
        }
        let name = self.access.next_key_seed(seed)?;
        Ok(self.count(name))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.access.next_value_seed(Element(seed, self.untyped))
    }
}
