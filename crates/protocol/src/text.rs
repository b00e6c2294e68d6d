//! Text of other people: what may stand in a line of a statement (§22), and how it is shown; and what a message to her should
//! not ask for (§9.4).

mod asks;

pub use asks::{Asks, asks};

/// Whether a character acts on what stands around it instead of being shown: controls, which move a terminal's cursor and
/// end lines; line and paragraph separators; and every `Bidi_Control`, which makes a name read as another one.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// *text200* of §22: 1 to 200 bytes, nothing hidden.
pub fn is_line(text: &str) -> bool {
    (1..=200).contains(&text.len()) && !text.chars().any(is_hidden)
}

/// Longest text of a message in bytes: with it every statement fits an office cell (§15.7), however JSON spells it.
pub const TEXT_MAX: usize = 1_500;

/// *text1500* of §22: 1 to 1,500 bytes, nothing hidden but line feeds.
pub fn is_text(text: &str) -> bool {
    (1..=TEXT_MAX).contains(&text.len()) && !text.chars().any(|character| character != '\n' && is_hidden(character))
}

/// How a hidden character is shown: `⟨U+202E⟩`.
pub fn mark(character: char) -> String {
    format!("⟨U+{:04X}⟩", u32::from(character))
}

/// The text with every hidden character as [`mark`] shows it, except those of `kept`.
pub fn visible(text: &str, kept: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) && !kept.contains(&character) {
            out.push_str(&mark(character));
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_what_people_write_and_nothing_that_acts() {
        for good in [
            "Refugio Ñandú",
            "证据",
            "\u{5e9}\u{5dc}",
            "👩🏽\u{200d}⚖️",
            "art. 63, §2 «x»",
            "e\u{301}",
        ] {
            assert!(is_line(good), "{good}");
        }
        for hidden in [
            '\0', '\t', '\n', '\r', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{61c}', '\u{200e}', '\u{200f}',
            '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}',
            '\u{2068}', '\u{2069}',
        ] {
            assert!(!is_line(&format!("a{hidden}b")), "{hidden:?}");
            assert!(!is_line(&hidden.to_string()), "{hidden:?} alone");
        }
        assert!(!is_line("") && is_line(&"é".repeat(100)) && !is_line(&"é".repeat(101)));
    }

    #[test]
    fn what_hides_is_shown() {
        assert_eq!(visible("a\u{1b}[2J\u{202e}gpj", &[]), "a⟨U+001B⟩[2J⟨U+202E⟩gpj");
        assert_eq!(visible("a\tb\nc", &['\n']), "a⟨U+0009⟩b\nc");
        let all: String = ('\0'..=char::MAX).collect();
        assert!(!visible(&all, &[]).chars().any(is_hidden));
    }
}
