//! Types of requests that check what they hold: texts, numbers and lists with the constraints of the
//! document.

use crate::error::text::quoted;
use regress::Regex;
use std::ops::RangeInclusive;

/// What is common to the types below: reading from JSON checks too, and the schema says what is
/// checked.
macro_rules! checked {
    ($name:ident($inner:ty), $schema:tt) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let value = <$inner as ::serde::Deserialize>::deserialize(deserializer)?;
                Self::try_from(value).map_err(::serde::de::Error::custom)
            }
        }

        impl ::std::convert::From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let mut schema = <$inner as ::schemars::JsonSchema>::json_schema(generator);
                if let ::serde_json::Value::Object(constraints) = ::serde_json::json!($schema) {
                    for (key, value) in constraints.into_iter().filter(|(_, it)| !it.is_null()) {
                        schema.insert(key, value);
                    }
                }
                schema
            }
        }
    };
}
pub(crate) use checked;

/// Declares a text with a length, in characters, and a pattern.
macro_rules! text {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            length: $length:expr, pattern: $pattern:expr, rule: $rule:literal, secret: $secret:literal,
            schema: $schema:tt
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(::std::string::String);

        impl ::std::str::FromStr for $name {
            type Err = self::error::ConversionError;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                Self::try_from(value.to_owned())
            }
        }

        impl ::std::convert::TryFrom<&str> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: &str) -> ::std::result::Result<Self, Self::Error> {
                Self::try_from(value.to_owned())
            }
        }

        impl ::std::convert::TryFrom<::std::string::String> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: ::std::string::String) -> ::std::result::Result<Self, Self::Error> {
                use crate::generated::constrained;
                static PATTERN: constrained::Pattern = constrained::Pattern::new(
                    || constrained::compiled($pattern),
                );
                match constrained::fits(&value, $length, &PATTERN) {
                    true => Ok(Self(value)),
                    false => Err(constrained::broken_text(&value, $rule, $secret).into()),
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

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
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

        crate::generated::constrained::checked!($name(::std::string::String), $schema);
    };
}
pub(crate) use text;

/// Declares an integer with bounds, both of which belong to it, or one of a few.
macro_rules! integer {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($inner:ident) {
            range: $range:expr, among: [$($among:expr),*], rule: $rule:literal, schema: $schema:tt
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize)]
        #[serde(transparent)]
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
                const AMONG: &[$inner] = &[$($among),*];
                let fits =
                    |it: &$inner| ($range).contains(it) && (AMONG.is_empty() || AMONG.contains(it));
                match value.filter(fits) {
                    Some(value) => Ok(Self(value)),
                    None => Err(format!("{shown}: {}", $rule).into()),
                }
            }
        }

        crate::generated::constrained::numeric!(
            $name: i8 i16 i32 i64 isize u8 u16 u32 u64 usize
        );

        impl ::std::convert::TryFrom<::std::num::NonZeroU32> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: ::std::num::NonZeroU32) -> ::std::result::Result<Self, Self::Error> {
                Self::try_from(value.get())
            }
        }

        crate::generated::constrained::from_text!($name($inner));
        crate::generated::constrained::checked!($name($inner), $schema);
    };
}
pub(crate) use integer;

/// Declares a number with bounds.
macro_rules! number {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { fits: |$value:ident| $fits:expr, rule: $rule:literal, schema: $schema:tt }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            /// The number.
            pub fn get(self) -> f64 {
                self.0
            }

            fn checked(
                value: ::std::option::Option<f64>,
                shown: impl ::std::fmt::Display,
            ) -> ::std::result::Result<Self, self::error::ConversionError> {
                match value.filter(|$value| { let $value = *$value; $fits }) {
                    Some(value) => Ok(Self(value)),
                    None => Err(format!("{shown}: {}", $rule).into()),
                }
            }
        }

        impl ::std::convert::TryFrom<f64> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: f64) -> ::std::result::Result<Self, Self::Error> {
                Self::checked(Some(value), value)
            }
        }

        crate::generated::constrained::from_text!($name(f64));
        crate::generated::constrained::checked!($name(f64), $schema);
    };
}
pub(crate) use number;

/// Conversions of the integers that Rust has.
macro_rules! numeric {
    ($name:ident: $($integer:ident)+) => {$(
        impl ::std::convert::TryFrom<$integer> for $name {
            type Error = self::error::ConversionError;

            fn try_from(value: $integer) -> ::std::result::Result<Self, Self::Error> {
                Self::checked(::std::convert::TryFrom::try_from(value).ok(), value)
            }
        }
    )+};
}
pub(crate) use numeric;

/// Conversions of a number and texts.
macro_rules! from_text {
    ($name:ident($inner:ident)) => {
        impl ::std::str::FromStr for $name {
            type Err = self::error::ConversionError;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                let shown = crate::error::text::quoted(value);
                Self::checked(value.parse::<$inner>().ok(), shown)
            }
        }

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
                self.0.fmt(f)
            }
        }
    };
}
pub(crate) use from_text;

/// Declares a list with bounds of its length.
macro_rules! list {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($item:ty) { length: $length:expr, rule: $rule:literal, schema: $schema:tt }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize)]
        #[serde(transparent)]
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

        crate::generated::constrained::checked!($name(::std::vec::Vec<$item>), $schema);
    };
}
pub(crate) use list;

/// A pattern that is compiled when it is needed. The build checks that it can be.
pub(crate) type Pattern = std::sync::LazyLock<Option<Regex>>;

pub(crate) fn compiled(pattern: Option<&str>) -> Option<Regex> {
    Regex::new(pattern?).ok()
}

/// Whether a text has the length, in characters, and the pattern.
pub(crate) fn fits(value: &str, length: RangeInclusive<usize>, pattern: &Pattern) -> bool {
    let matches = |pattern: &Regex| pattern.find(value).is_some();
    length.contains(&value.chars().count()) && pattern.as_ref().is_none_or(matches)
}

/// Which text broke which rule.
pub(crate) fn broken_text(value: &str, rule: &str, is_secret: bool) -> String {
    match is_secret {
        true => format!("({} characters): {rule}", value.chars().count()),
        false => format!("{}: {rule}", quoted(value)),
    }
}
