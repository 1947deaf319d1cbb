//! Promise: a pattern means what ECMAScript says with the flag `u`, and no text makes it slow.

use whole_service::shapes::types::DownloadLogTitle as Title;

#[test]
fn a_pattern_means_what_ecmascript_says() {
    for title in ["a", "Ä1", "构建 7", "a-b", "ſ", &"é".repeat(40)] {
        assert_eq!(title.parse::<Title>().unwrap().as_ref(), title);
    }
    for title in ["", "-a", "a-", "a--b", " a", "a_b", "a\n", "\u{1f680}", &"é".repeat(41)] {
        let error = title.parse::<Title>().unwrap_err().to_string();
        assert!(
            error.contains("must be at most 40 characters and must match the pattern"),
            "{error}"
        );
    }
}

#[test]
fn no_text_makes_a_pattern_slow() {
    for length in [23, 39, 1_000_000] {
        let title = "a".repeat(length) + "!";
        // With backtracking, this would never end for the longer ones.
        title.parse::<Title>().unwrap_err();
    }
}
