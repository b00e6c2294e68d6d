//! Messages to her that are ready to be sent (§9.4): in plain words, asking for nothing.

use serde::Serialize;

/// A message in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Template {
    /// What it is for.
    pub name: &'static str,
    /// `es` or `en`.
    pub language: &'static str,
    /// What it says.
    pub text: &'static str,
}

macro_rules! templates {
    ($($name:literal)*) => {
        &[$(
            Template { name: $name, language: "es", text: include_str!(concat!("templates/", $name, ".es.txt")) },
            Template { name: $name, language: "en", text: include_str!(concat!("templates/", $name, ".en.txt")) },
        )*]
    };
}

/// All of them: the first message; somebody asks to read it; danger; an answer to what she wrote; nothing is new; an upload
/// code goes with it.
pub const TEMPLATES: &[Template] = templates!["received" "request" "urgent" "answer" "waiting" "large"];

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::text::{asks, is_text};

    #[test]
    fn every_template_can_be_sent_and_asks_for_nothing() {
        for Template { name, language, text } in TEMPLATES {
            assert!(is_text(text.trim_end()), "{name}.{language}");
            assert!(asks(text).is_empty(), "{name}.{language} asks for {:?}", asks(text));
            assert!(text.len() < 500, "{name}.{language} is long");
        }
    }
}
