//! An answer as sentences to be read aloud.

use super::words::of;
use crate::args::Tongue;
use crate::console::{Console, Tone};
use law::{Answer, Case, Library, Paragraph, Passages};
use protocol::text::visible;
use serde_json::json;

/// Of a case: a line of JSON, or paragraphs and an empty line. Passages beside its facts are not printed: nobody has looked
/// for them in a testimony here.
pub(super) fn of_case(library: &Library, case: &Case, answer: &Answer, is_json: bool) -> String {
    let tongue = Tongue::of_law();
    let prose = law::prose(library, case, answer, &Passages::new(), tongue.of_data());
    if is_json {
        return json!({ "prose": prose }).to_string();
    }
    let mut text = vec![of(tongue, "banner").to_owned()];
    text.extend(prose.iter().map(|paragraph| visible(&paragraph.text, &[])));
    text.push(String::new());
    text.join("\n")
}

/// What is met, missing and ruled out, after questions.
pub(super) fn tell(library: &Library, case: &Case, console: &Console) {
    let answer = law::assess(library, case);
    let prose = law::prose(library, case, &answer, &Passages::new(), Tongue::of_law().of_data());
    for Paragraph { about, text } in prose {
        let value = json!({ "about": about, "text": text });
        console.line(Tone::Plain, &text, "derivation", value);
    }
}
