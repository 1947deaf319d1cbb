//! Extensible enums: they stay readable when the service adds a value.

/// Declares an enum of known spellings, read in any letter case and with any separators, with a
/// variant `Other` that keeps what is not known. One with a default reads blank text as the default.
#[doc(hidden)]
#[macro_export]
macro_rules! __extensible_enum {
    (
        $(#[doc = $meta:literal])*
        $(#[derive($default:ident)])?
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $value:literal),+ $(,)? }
    ) => {
        $crate::__runtime::data_type! {
            { with = "::std::string::String", extend("anyOf" = [{ "enum": [$($value),+] }, {}]) }
            $(#[doc = $meta])*
            ///
            /// Values are compared in any letter case and without `_`, `-` and spaces. New ones are to be
            /// expected; they are kept in `Other`.
            $(#[derive($default)])?
            #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            #[derive($crate::__runtime::serde::Deserialize, $crate::__runtime::serde::Serialize)]
            #[serde(crate = "__runtime::serde", from = "::std::string::String")]
            #[non_exhaustive]
            pub enum $name {
                $($(#[$doc])* #[serde(rename = $value)] $variant,)+
                /// A value that was not known when this crate was written.
                #[serde(untagged)]
                Other(::std::string::String),
            }
        }

        impl $name {
            /// The value as the service spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Other(value) => value,
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(value: ::std::string::String) -> Self {
                use $crate::__runtime::is_same;
                match value {
                    // Most values are spelled as they are documented.
                    $(_ if value == $value => Self::$variant,)+
                    $(_ if is_same(&value, $value) => Self::$variant,)+
                    $(_ if value.trim().is_empty() => <Self as $default>::default(),)?
                    value => Self::Other(value),
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(value: &str) -> Self {
                Self::from(value.to_owned())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(value))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::__runtime::Lenient for $name {
            fn read<'de, D: $crate::__runtime::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<::std::option::Option<Self>, D::Error> {
                let text = <::std::string::String as $crate::__runtime::Lenient>::read(deserializer)?;
                Ok(text.map(Self::from))
            }
        }
    };
}

/// Whether two texts are spellings of the same value.
pub fn is_same(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

fn letters(text: &str) -> impl Iterator<Item = u8> {
    let bytes = text.bytes().filter(|byte| !b"_- ".contains(byte));
    bytes.map(|byte| byte.to_ascii_lowercase())
}

/// Whether a value says no more than its absence, so that it is not written.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
