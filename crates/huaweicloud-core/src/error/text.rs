//! Text of others in messages: short, on one line, without control characters. Conversions of types that are
//! read from a text.

/// How much of what a caller gave is shown, in characters.
const MAX_ARGUMENT: usize = 60;

/// An argument as an error shows it: quoted and escaped, so that white space can be seen.
pub fn quoted(argument: &str) -> String {
    // The mark of a cut stands outside the quotes.
    let (shown, mark) = cut(argument, MAX_ARGUMENT);
    format!("{shown:?}{mark}")
}

/// A text on one line, without characters that steer a terminal, cut to a length in characters.
pub(crate) fn printable(text: &str, max: usize) -> String {
    let visible = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<_> = visible.filter(|word| !word.is_empty()).collect();
    let words = words.join(" ");
    let (shown, mark) = cut(&words, max);
    format!("{shown}{mark}")
}

/// The beginning of a text, and the mark that it is cut, if it is.
fn cut(text: &str, max: usize) -> (&str, &str) {
    match text.char_indices().nth(max) {
        Some((end, _)) => (text.get(..end).unwrap_or_default(), "…"),
        None => (text, ""),
    }
}

/// Conversions of what can be read from a text and holds what can be shown.
#[doc(hidden)]
#[macro_export]
macro_rules! __from_text {
    ($name:ident) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        $crate::__from_text!($name: &str, &::std::string::String, ::std::string::String);
    };
    ($name:ident: $($text:ty),+) => {$(
        impl ::std::convert::TryFrom<$text> for $name {
            type Error = <Self as ::std::str::FromStr>::Err;

            fn try_from(value: $text) -> ::std::result::Result<Self, Self::Error> {
                value.parse()
            }
        }
    )+};
}

pub(crate) use __from_text as from_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_says_is_shown_printable_and_short() {
        assert_eq!(printable("a\n\tb\u{1b}[31mc\u{85}\0d", 9), "a b [31mc…");
        assert_eq!(printable("", 9), "");
        assert_eq!(printable("ééé", 3), "ééé");
    }

    #[test]
    fn an_argument_is_shown_escaped_and_short() {
        assert_eq!(quoted("a\n\"b…"), "\"a\\n\\\"b…\"");
        assert_eq!(quoted(&"é".repeat(60)), format!("\"{}\"", "é".repeat(60)));
        assert_eq!(quoted(&"é".repeat(61)), format!("\"{}\"…", "é".repeat(60)));
    }
}
