//! Types of requests that check what they hold: texts, numbers and lists with the constraints of the
//! document.

use crate::error::text::quoted;
use regex::Regex;
use std::{ops::RangeInclusive, sync::LazyLock};

/// What is common to the types below: reading from JSON checks too, and the schema says what is
/// checked.
#[doc(hidden)]
#[macro_export]
macro_rules! __checked {
    ($name:ident($inner:ty), $schema:tt) => {
        impl<'de> $crate::__runtime::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__runtime::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let value =
                    <$inner as $crate::__runtime::serde::Deserialize>::deserialize(deserializer)?;
                Self::try_from(value).map_err($crate::__runtime::serde::de::Error::custom)
            }
        }

        impl $crate::__runtime::serde::Serialize for $name {
            fn serialize<S: $crate::__runtime::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__runtime::serde::Serialize::serialize(&self.0, serializer)
            }
        }

        impl ::std::convert::From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        $crate::__runtime::json_schema!($name, |generator| {
            use $crate::__runtime::{constrained_schema, schemars::JsonSchema, serde_json::json};
            constrained_schema(<$inner as JsonSchema>::json_schema(generator), json!($schema))
        });
    };
}

/// Declares a text with a length, in characters, and a pattern.
#[doc(hidden)]
#[macro_export]
macro_rules! __text {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            length: $length:expr, pattern: $pattern:expr, rule: $rule:literal, secret: $secret:literal,
            schema: $schema:tt
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(::std::string::String);

        impl ::std::str::FromStr for $name {
            type Err = self::error::ConversionError;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                use $crate::__runtime;
                static PATTERN: __runtime::Pattern =
                    __runtime::Pattern::new(|| __runtime::compiled($pattern));
                match __runtime::fits(value, $length, &PATTERN) {
                    true => Ok(Self(value.to_owned())),
                    false => Err(__runtime::broken_text(value, $rule, $secret).into()),
                }
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = ::std::string::String;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match $secret {
                    true => f.debug_tuple(stringify!($name)).finish_non_exhaustive(),
                    false => f.debug_tuple(stringify!($name)).field(&self.0).finish(),
                }
            }
        }

        $crate::__runtime::from_text!($name);
        $crate::__runtime::checked!($name(::std::string::String), $schema);
    };
}

/// Declares an integer with inclusive bounds, or one of a few values.
#[doc(hidden)]
#[macro_export]
macro_rules! __integer {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($inner:ident) {
            range: $range:expr, among: [$($among:expr),*], rule: $rule:literal, schema: $schema:tt
        }
    ) => {
        $crate::__runtime::numeric! {
            $(#[$meta])*
            #[derive(Eq, Hash, Ord)]
            pub struct $name($inner) of i8 i16 i32 i64 isize u8 u16 u32 u64 usize;
            |value| {
                const AMONG: &[$inner] = &[$($among),*];
                ($range).contains(&value) && (AMONG.is_empty() || AMONG.contains(&value))
            },
            $rule, $schema
        }
    };
}

/// Declares a number with bounds.
#[doc(hidden)]
#[macro_export]
macro_rules! __number {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { fits: |$value:ident| $fits:expr, rule: $rule:literal, schema: $schema:tt }
    ) => {
        $crate::__runtime::numeric! {
            $(#[$meta])* pub struct $name(f64) of f64; |$value| $fits, $rule, $schema
        }
    };
}

/// What is common to integers and other numbers.
#[doc(hidden)]
#[macro_export]
macro_rules! __numeric {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($inner:ident) of $($number:ident)+;
        |$value:ident| $fits:expr, $rule:literal, $schema:tt
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct $name($inner);

        impl $name {
            /// The number.
            pub fn get(self) -> $inner {
                self.0
            }

            fn checked(
                value: ::std::option::Option<$inner>,
                shown: impl ::std::fmt::Display,
            ) -> ::std::result::Result<Self, self::error::ConversionError> {
                match value {
                    Some($value) if $fits => Ok(Self($value)),
                    _ => Err(format!("{shown}: {}", $rule).into()),
                }
            }
        }

        $(impl ::std::convert::TryFrom<$number> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: $number) -> ::std::result::Result<Self, Self::Error> {
                Self::checked(::std::convert::TryFrom::try_from(value).ok(), value)
            }
        })+

        impl ::std::str::FromStr for $name {
            type Err = self::error::ConversionError;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                Self::checked(value.parse().ok(), $crate::__runtime::quoted(value))
            }
        }

        $crate::__runtime::from_text!($name);
        $crate::__runtime::checked!($name($inner), $schema);
    };
}

/// Conversions of what can be read from a text.
#[doc(hidden)]
#[macro_export]
macro_rules! __from_text {
    ($name:ident) => {
        impl ::std::convert::TryFrom<&str> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: &str) -> ::std::result::Result<Self, Self::Error> {
                value.parse()
            }
        }

        impl ::std::convert::TryFrom<::std::string::String> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: ::std::string::String) -> ::std::result::Result<Self, Self::Error> {
                value.parse()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

/// Declares a list with bounds of its length.
#[doc(hidden)]
#[macro_export]
macro_rules! __list {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($item:ty) { length: $length:expr, rule: $rule:literal, schema: $schema:tt }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(::std::vec::Vec<$item>);

        impl ::std::convert::TryFrom<::std::vec::Vec<$item>> for $name {
            type Error = self::error::ConversionError;

            fn try_from(items: ::std::vec::Vec<$item>) -> ::std::result::Result<Self, Self::Error> {
                match ($length).contains(&items.len()) {
                    true => Ok(Self(items)),
                    false => Err(format!("({} items): {}", items.len(), $rule).into()),
                }
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = [$item];

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        $crate::__runtime::checked!($name(::std::vec::Vec<$item>), $schema);
    };
}

/// Implements `JsonSchema`, if this crate has the feature for it.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "schemars")]
macro_rules! __json_schema {
    ($name:ident, |$generator:pat_param| $schema:expr) => {
        impl $crate::__runtime::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(
                $generator: &mut $crate::__runtime::schemars::SchemaGenerator,
            ) -> $crate::__runtime::schemars::Schema {
                $schema
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "schemars"))]
macro_rules! __json_schema {
    ($($unused:tt)*) => {};
}

/// The schema of a type that checks: that of what it holds, and its constraints.
#[cfg(feature = "schemars")]
pub fn constrained_schema(
    mut schema: schemars::Schema,
    constraints: serde_json::Value,
) -> schemars::Schema {
    if let serde_json::Value::Object(constraints) = constraints {
        for (key, value) in constraints.into_iter().filter(|(_, value)| !value.is_null()) {
            schema.insert(key, value);
        }
    }
    schema
}

/// A type of the document, with a JSON schema if this crate has the feature for it.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "schemars")]
macro_rules! __data_type {
    ($($item:tt)*) => {
        #[derive($crate::__runtime::schemars::JsonSchema)]
        #[schemars(crate = "__runtime::schemars")]
        $($item)*
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "schemars"))]
macro_rules! __data_type {
    ($($item:tt)*) => { $($item)* };
}

/// Compiles the parts of a pattern, each with whether a text must match it. The generator has compiled them
/// too, so that none is left out.
pub fn compiled(parts: &[(&str, bool)]) -> Vec<(Regex, bool)> {
    let compiled = |(part, is_match): &(&str, bool)| Some((Regex::new(part).ok()?, *is_match));
    parts.iter().filter_map(compiled).collect()
}

/// Whether a text has the length, in characters, and the pattern. The time is linear in the text.
pub fn fits(
    value: &str,
    length: RangeInclusive<usize>,
    pattern: &LazyLock<Vec<(Regex, bool)>>,
) -> bool {
    length.contains(&value.chars().count())
        && pattern.iter().all(|(part, is_match)| part.is_match(value) == *is_match)
}

/// Which text broke which rule.
pub fn broken_text(value: &str, rule: &str, is_secret: bool) -> String {
    match is_secret {
        true => format!("({} characters): {rule}", value.chars().count()),
        false => format!("{}: {rule}", quoted(value)),
    }
}
