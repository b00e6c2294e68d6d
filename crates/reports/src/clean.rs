//! Text of other people on paper: what cannot stand in XML or on a line is shown, lines stay lines.

use protocol::text::{is_hidden, mark};

/// Text that may go into a run: line ends of every kind become `\n`; control characters, which XML refuses, and characters
/// that turn the direction of writing, which make a name read as another one, are written as `⟨U+202E⟩`.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push('\t'),
            _ if is_hidden(character) || is_no_character(character) => out.push_str(&mark(character)),
            _ => out.push(character),
        }
    }
    out
}

/// The two code points that XML excludes beside the controls.
fn is_no_character(character: char) -> bool {
    matches!(character, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_is_one_line_end() {
        for end in ["\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            assert_eq!(clean(&format!("una{end}dos")), "una\ndos", "{end:?}");
        }
        assert_eq!(clean("a\n\nb\r\n\r\nc"), "a\n\nb\n\nc", "empty lines stay");
    }

    #[test]
    fn what_hides_is_shown_and_all_else_stays() {
        assert_eq!(clean("factura\u{202e}gpj.exe"), "factura⟨U+202E⟩gpj.exe");
        assert_eq!(clean("a\0b\u{1b}[2J\u{7f}"), "a⟨U+0000⟩b⟨U+001B⟩[2J⟨U+007F⟩");
        assert_eq!(
            clean("\tñ 证据 \u{5e9}\u{5dc} 👩🏽\u{200d}⚖️"),
            "\tñ 证据 \u{5e9}\u{5dc} 👩🏽\u{200d}⚖️"
        );
    }

    #[test]
    fn whatever_comes_xml_takes_it() {
        for character in '\0'..=char::MAX {
            let allowed =
                |c: char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
            assert!(clean(&character.to_string()).chars().all(allowed), "{character:?}");
        }
    }
}
