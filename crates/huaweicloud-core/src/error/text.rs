//! Text of others in messages: short, on one line, without control characters. Conversions of types that are
//! read from a text.

/// How much of what a caller gave is shown, in characters.
const MAX_ARGUMENT: usize = 60;

/// An argument as an error shows it: quoted and escaped, so that white space can be seen.
pub fn quoted(argument: &str) -> String {
    let shown = truncated(argument, MAX_ARGUMENT);
    // The mark of a cut stands outside the quotes.
    match shown.strip_suffix('…').filter(|_| shown != argument) {
        Some(start) => format!("{start:?}…"),
        None => format!("{argument:?}"),
    }
}

/// A text on one line, without characters that steer a terminal, cut to a length in characters.
pub(crate) fn printable(text: &str, max: usize) -> String {
    let visible = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<_> = visible.filter(|word| !word.is_empty()).collect();
    truncated(&words.join(" "), max)
}

fn truncated(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
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
