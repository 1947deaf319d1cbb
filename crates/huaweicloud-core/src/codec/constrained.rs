//! Types of requests that check what they hold: texts, numbers and lists with the constraints of the
//! document. Each is declared with how serde reads it, so that reading checks too, and with what its JSON
//! schema says.

use crate::error::text::quoted;
use regex::Regex;
use std::{ops::RangeInclusive, sync::LazyLock};

/// Declares a text with a length, in characters, and a pattern.
#[doc(hidden)]
#[macro_export]
macro_rules! __text {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($inner:ty) {
            length: $length:expr, pattern: $pattern:expr, secret: $secret:literal,
            rule: $rule:literal, schema: $schema:tt
        }
    ) => {
        $crate::__runtime::checked! {
            $(#[$meta])*
            #[derive(Eq, Hash, PartialOrd, Ord)]
            pub struct $name($inner);
            $schema
        }

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
            type Target = $inner;

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
    };
}

/// Declares a number with a rule, what else it is, and the numbers that are converted to it.
#[doc(hidden)]
#[macro_export]
macro_rules! __number {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($inner:ty) {
            is: [$($trait:ident),*], from: [$($number:ident)+], fits: |$value:ident| $fits:expr,
            rule: $rule:literal, schema: $schema:tt
        }
    ) => {
        $crate::__runtime::checked! {
            $(#[$meta])*
            #[derive(Copy, Debug, PartialOrd, $($trait),*)]
            pub struct $name($inner);
            $schema
        }

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
    };
}

/// Declares a list with bounds of its length.
#[doc(hidden)]
#[macro_export]
macro_rules! __list {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($inner:ty) { length: $length:expr, rule: $rule:literal, schema: $schema:tt }
    ) => {
        $crate::__runtime::checked! {
            $(#[$meta])*
            #[derive(Debug)]
            pub struct $name($inner);
            $schema
        }

        impl ::std::convert::TryFrom<$inner> for $name {
            type Error = self::error::ConversionError;

            fn try_from(items: $inner) -> ::std::result::Result<Self, Self::Error> {
                match ($length).contains(&items.len()) {
                    true => Ok(Self(items)),
                    false => Err(format!("({} items): {}", items.len(), $rule).into()),
                }
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = <$inner as ::std::ops::Deref>::Target;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}

/// What is common to the types above.
#[doc(hidden)]
#[macro_export]
macro_rules! __checked {
    ($(#[$meta:meta])* pub struct $name:ident($inner:ty); $schema:tt) => {
        $crate::__runtime::data_type! {
            $schema
            #[derive(Clone, PartialEq)]
            #[derive($crate::__runtime::serde::Deserialize, $crate::__runtime::serde::Serialize)]
            #[serde(crate = "__runtime::serde")]
            $(#[$meta])*
            pub struct $name($inner);
        }

        impl ::std::convert::From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

/// A type of the document, with a JSON schema if this crate has the feature for it. Braces before the type hold
/// settings of the schema.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "schemars")]
macro_rules! __data_type {
    ({ $($settings:tt)* } $($item:tt)*) => {
        #[derive($crate::__runtime::schemars::JsonSchema)]
        #[schemars(crate = "__runtime::schemars", $($settings)*)]
        $($item)*
    };
    ($($item:tt)*) => { $crate::__runtime::data_type! { {} $($item)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "schemars"))]
macro_rules! __data_type {
    ({ $($settings:tt)* } $($item:tt)*) => { $($item)* };
    ($($item:tt)*) => { $($item)* };
}

/// A pattern that is compiled when it is needed: its parts, each with whether a text must match it.
pub type Pattern = LazyLock<Vec<(Regex, bool)>>;

/// Compiles the parts of a pattern. The generator has compiled them
/// too, so that none is left out.
pub fn compiled(parts: &[(&str, bool)]) -> Vec<(Regex, bool)> {
    let compiled = |(part, is_match): &(&str, bool)| Some((Regex::new(part).ok()?, *is_match));
    parts.iter().filter_map(compiled).collect()
}

/// Whether a text has the length, in characters, and the pattern. The time is linear in the text.
pub fn fits(value: &str, length: RangeInclusive<usize>, pattern: &Pattern) -> bool {
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
