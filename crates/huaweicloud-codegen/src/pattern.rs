//! Patterns. A document has regular expressions of ECMAScript, with the flag `u`. The client matches them
//! with the crate `regex`, in a time that is linear in the text.

use jsonschema_regex::to_rust_regex;
use regex::{Error, Regex};
use std::mem;

/// The expressions that a text must match, or must not.
type Parts = Vec<(String, bool)>;

/// A pattern as JavaScript has it, `/…/` with flags. A slash within it has a backslash, or is in a class.
const LITERAL: &str = r"^/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+/[dgimsuvy]*$";
/// A character, an escape, a class or the start of a group.
const TOKEN: &str = r"(?s)\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<)?)?|.";

/// What is wrong with a pattern, and what to write instead.
type Wrong = (String, &'static str);

/// Checks that a pattern is one of ECMAScript.
pub(crate) fn check(pattern: &str) -> Result<(), Wrong> {
    let wrong = |why: &str| format!("`{pattern}`: {why}");
    regress::Regex::with_flags(pattern, "u")
        .map_err(|error| (wrong(&error.text), advice(&error.text, pattern)))?;
    if Regex::new(LITERAL).is_ok_and(|it| it.is_match(pattern)) {
        let instead = r"the pattern without the slashes around it; \/ for a slash of the text";
        return Err((wrong("this is a literal of JavaScript"), instead));
    }
    Ok(())
}

/// Translates a valid pattern into expressions of `regex`.
pub(crate) fn translate(pattern: &str) -> Result<Parts, Wrong> {
    let wrong = |why: &str| format!("`{pattern}`: {why}");
    let unfit = r"\u{…} for such a character, another property, a group without a reference to it";
    let unfit = (wrong("the client cannot match this in linear time"), unfit);
    let tokens = Regex::new(TOKEN).map_err(|_| unfit.clone())?;
    let tokens: Vec<_> = tokens.find_iter(pattern).map(|it| it.as_str()).collect();
    if tokens.contains(&"(?") {
        return Err((wrong("the client has no flags for a group"), "[Aa] for both cases"));
    }
    let mut parts = split(&tokens).ok_or_else(|| {
        let instead = "(?=…) or (?!…) right after ^, (?<=…) or (?<!…) right before $";
        (wrong("looking around cannot be matched in linear time here"), instead)
    })?;
    for (part, _) in &mut parts {
        *part = to_rust_regex(part).map_err(|()| unfit.clone())?.into();
        Regex::new(part).map_err(|error| match error {
            Error::CompiledTooBig(_) => (wrong("this is too large"), "minLength and maxLength"),
            _ => unfit.clone(),
        })?;
    }
    Ok(parts)
}

/// Splits a pattern that looks around, which `regex` cannot. What is looked for from the start of the text,
/// or up to its end, is an expression of its own. Anywhere else, it depends on the rest of the pattern.
fn split(tokens: &[&str]) -> Option<Parts> {
    let (mut parts, mut part, mut depth, mut is_choice) = (Parts::new(), String::new(), 0, false);
    // The part around the present one, whether that must match, and its end.
    let mut outer = None;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(?=" | "(?!" if part == "^" => {
                outer = Some((part.clone(), *token == "(?=", ""));
                part.push_str("(?:");
            }
            "(?<=" | "(?<!" if depth == 0 => {
                outer = Some((mem::replace(&mut part, "(?:".into()), *token == "(?<=", "$"));
            }
            "(?=" | "(?!" | "(?<=" | "(?<!" => return None,
            // Words are those of ASCII.
            r"\b" | r"\B" => part += &format!("(?-u:{token})"),
            "[]" => part += r"[^\x00-\u{10ffff}]",
            "[^]" => part += r"[\x00-\u{10ffff}]",
            token => part.push_str(token),
        }
        depth += i32::from(token.starts_with('(')) - i32::from(*token == ")");
        is_choice |= *token == "|" && depth == 0;
        if *token == ")"
            && let Some((before, must_match, end)) = outer.take_if(|_| depth == 0)
        {
            if end == "$" && tokens.get(at + 1..) != Some(&["$"]) {
                return None;
            }
            parts.push((mem::replace(&mut part, before) + end, must_match));
        }
    }
    parts.push((part, true));
    (parts.len() == 1 || !is_choice).then_some(parts)
}

/// What to write instead of a pattern that ECMAScript does not have.
fn advice(error: &str, pattern: &str) -> &'static str {
    let has = |parts: &[&str]| parts.iter().any(|part| pattern.contains(part));
    match error {
        "Invalid character escape" if has(&[r"\A"]) => "^ for the start",
        "Invalid character escape" if has(&[r"\z", r"\Z"]) => "$ for the end",
        "Invalid character escape" => {
            r"an escape of ECMAScript with the flag u; no backslash before a character like - or _"
        }
        "Invalid atom character" if has(&["[:"]) => "the characters, such as [A-Za-z]",
        "Invalid atom character" => r"\ before each of {}[]*+? that stands for itself",
        "Invalid character range" => r"\- for a hyphen that stands for itself",
        "Invalid quantifier" => "a number of times such as {2}, {2,} or {0,2}",
        "Invalid group modifier" => "a group of ECMAScript: (…), (?:…) or (?<name>…)",
        _ if error.contains("property") => r"a property of ECMAScript, such as \p{L}",
        _ => "a regular expression of ECMAScript with the flag u",
    }
}

#[cfg(test)]
mod tests {
    use super::translate;
    use regex::Regex;

    /// The expressions of a pattern, compiled.
    fn compiled(pattern: &str) -> Vec<(Regex, bool)> {
        let parts = translate(pattern).unwrap().into_iter();
        parts.map(|(part, is_match)| (Regex::new(&part).unwrap(), is_match)).collect()
    }

    #[test]
    fn a_pattern_means_what_ecmascript_says() {
        let texts = [
            "",
            "a",
            "b",
            "ab",
            "aa",
            "abc",
            "-a",
            "a-",
            "a-b",
            "A",
            "Z",
            "é",
            "aé",
            "éa",
            "ß",
            "\u{1f680}",
            "汉",
            "汉字",
            "Ω",
            "1",
            "٣",
            "12",
            "a1",
            "_",
            " ",
            "a b",
            "\t",
            "\n",
            "a\n",
            "\na",
            "\r",
            "\u{b}",
            "\u{85}",
            "\u{a0}",
            "\u{feff}",
            "\u{2028}",
            "\u{1680}",
            "\0",
            "\u{8}",
            "\u{1}",
            "[",
            "]",
            "^",
            "&",
            "&&",
            "~",
            "~~",
            "--",
            "\\",
            "/",
            "/a/",
            "{",
            "}",
            "$",
            ".",
            "+",
            ",",
            ":",
            "alpha",
            "PATH",
            "PATHS",
            "aaaa",
            "b&",
            "é-",
            "path",
            "a.b",
            "a,b",
            "\u{10ffff}",
            "#",
            " #",
            "a\u{301}",
            "ſ",
            "K",
        ];
        for pattern in [
            "",
            "a",
            "^a",
            "a$",
            "^a$",
            "^$",
            "^",
            "$",
            ".",
            "^.$",
            "^.*$",
            "a|b",
            "^a|b$",
            "^(a|b)$",
            "^(?:a|b)+$",
            "(?<n>a)b",
            "^a?b??c*?$",
            "^a{2}$",
            "^a{2,}$",
            "^a{1,3}?$",
            "()",
            "(|a)",
            "a||b",
            r"\d",
            r"^\d+$",
            r"\D",
            r"^\D$",
            r"\w",
            r"^\w+$",
            r"\W",
            r"^\W$",
            r"\s",
            r"^\s$",
            r"\S",
            r"^\S$",
            r"[\s]",
            r"^[^\s]$",
            r"^[\S]$",
            r"^[^\S]$",
            r"[\d_]",
            r"^[^\d_]$",
            r"^[\D]$",
            r"[\w-]",
            r"^[^\w]$",
            r"\b",
            r"\ba",
            r"a\b",
            r"\B",
            r"a\B",
            r"\Ba",
            r"\bé",
            r"\cA",
            r"\cJ",
            r"\t",
            r"\n",
            r"\r",
            r"\v",
            r"\f",
            r"\x61",
            r"^[\x61-\x63]+$",
            r"\u0061",
            r"\u{61}",
            r"\u{1F680}",
            r"[\u{1F680}]",
            r"^[\u{0}-\u{10ffff}]$",
            r"[\u4e00-\u9fa5]",
            r"\p{L}",
            r"^\p{L}$",
            r"\P{L}",
            r"[\p{L}\p{N}]",
            r"^[^\p{L}]$",
            r"\p{Lu}",
            r"\p{Script=Han}",
            r"\p{scx=Greek}",
            r"\p{Letter}",
            r"\p{gc=Nd}",
            r"\p{Emoji}",
            r"\p{ASCII}",
            r"\p{Alphabetic}",
            r"\p{Any}",
            r"\p{White_Space}",
            r"\p{Lowercase}",
            "[]",
            "[^]",
            "^[^]$",
            "[[]",
            "[&&]",
            "[a&&b]",
            "[~~]",
            "[a~~b]",
            "[-]",
            "[a-]",
            "[-a]",
            "[+--]",
            "[--/]",
            "[a-c-]",
            "[a-c--]",
            "[!--a]",
            r"[\-a]",
            r"[\]\[]",
            r"[\^]",
            "[a^]",
            "[.]",
            "[$]",
            "[#]",
            "[ #]",
            "[[:alpha:]",
            "[(]",
            "[(?=a)]",
            r"\.",
            r"\/",
            r"\\",
            r"\[",
            r"\{",
            r"\$",
            "/a",
            "^/",
            "#",
            " ",
            "&&",
            "~",
            "-",
            ",",
            ":",
            "^(?=a)",
            "^(?!a)",
            "^(?=a)(?!ab)",
            "^(?=.*b)a",
            "^(?!.*-).*$",
            "^(?=a|b)(?=.b)",
            "(?<=a)$",
            "(?<!a)$",
            "^a.*(?<!b)$",
            "^(?!-)[a-z-]+(?<!-)$",
            "(?<=^a)$",
            "^(?=a$)",
            "^(?!(PATH|path)$)[A-Za-z]+$",
            "^(?=[)a]).",
            r"^(?=\(?a).",
            "^(?=(a)(b))",
            "^(a+)+$",
            "^(a|a)*$",
            "[a-zA-Z]{1,63}",
            "^(?:[a-z]+[.,])*[a-z]+$",
        ] {
            let meant = regress::Regex::with_flags(pattern, "u").unwrap();
            let parts = compiled(pattern);
            for text in texts {
                let found = parts.iter().all(|(part, is_match)| part.is_match(text) == *is_match);
                assert_eq!(found, meant.find(text).is_some(), "{pattern} {text:?} {parts:?}");
            }
        }
    }

    #[test]
    fn a_text_is_matched_in_a_time_that_grows_as_it_does() {
        let text = "a".repeat(10_000) + "!";
        for pattern in [
            "^(a+)+$",
            "^(a*)*$",
            "^(a|a)*$",
            "^(a|aa)+$",
            "^(?:a?){50}a{50}$",
            "^a*a*a*a*a*b$",
            "^(.*a){12}$",
            r"^(\w+\s?)*$",
            "^(?=(a+)+$)a",
            "^(?!(a+)+b)a*$",
        ] {
            // In any other time, this never ends.
            let parts = compiled(pattern);
            parts.iter().for_each(|(part, _)| _ = std::hint::black_box(part.is_match(&text)));
        }
    }
}
