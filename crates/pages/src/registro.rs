//! `/{l}/registro/`: the first page of the public record. No line says what was told, or by whom.

use askama::Template;
use protocol::Day;

use crate::{Frame, WordList};

/// `web/pages/registro.html`.
#[derive(Template)]
#[template(path = "pages/registro.html")]
pub struct RecordPage<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The newest checkpoint.
    pub checkpoint: Option<Seal>,
    /// The council in force.
    pub council: Option<CouncilRow>,
    /// Keys of staying members that were replaced, the newest first.
    pub keys: Vec<KeyView>,
    /// The newest public statements, the newest first.
    pub statements: Vec<StatementLine>,
}

/// A moment for people and for machines, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// RFC 3339.
    pub machine: String,
    /// Day and minute.
    pub human: String,
}

impl When {
    /// From POSIX seconds.
    #[must_use]
    pub fn of(time: u64) -> Self {
        let (day, second) = (Day::of(time), time % 86_400);
        let (hour, minute) = (second / 3_600, second % 3_600 / 60);
        Self {
            machine: format!("{day}T{hour:02}:{minute:02}:{:02}Z", second % 60),
            human: format!("{day} {hour:02}:{minute:02} UTC"),
        }
    }
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Lines of the log.
    pub size: u64,
    /// Root in hex.
    pub root: String,
    /// When it was made.
    pub time: When,
    /// When the next one is due.
    pub next: When,
    /// Whether that has passed by more than a step.
    pub is_late: bool,
    /// Lines a step.
    pub n: u32,
    /// Length of a step in seconds.
    pub step_s: u32,
    /// Names of the cosigners that signed.
    pub cosigners: Vec<String>,
    /// How many the council's policy names.
    pub cosigners_all: usize,
}

/// A member of the council: an institution, never a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Its number.
    pub x: u16,
    /// Its name.
    pub institution: String,
    /// The authority that can order it.
    pub controller: String,
    /// Where it sits.
    pub jurisdiction: String,
}

/// A council.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouncilRow {
    /// Its number.
    pub epoch: u32,
    /// Seats that open an account.
    pub account: u8,
    /// Seats that open an identity.
    pub identity: u8,
    /// Its fingerprint in words.
    pub words: [WordList; 2],
    /// Who keeps the key.
    pub seats: Vec<MemberView>,
    /// Who may ask.
    pub readers: Vec<MemberView>,
}

/// A staying member's key that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// Its number.
    pub x: u16,
    /// Its name.
    pub institution: String,
    /// Of the council that named the new key.
    pub epoch: u32,
    /// When that council came into the log.
    pub time: When,
    /// Numbers of the seats that signed, separated by commas.
    pub signed_by: String,
    /// Whether the replaced key is among them.
    pub is_own: bool,
}

/// A public statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Its name in the protocol.
    pub name: String,
    /// D, in hex.
    pub digest: String,
    /// When it came into the log.
    pub time: When,
}

impl StatementLine {
    /// The id of the words for its kind.
    fn kind(&self) -> &'static str {
        match self.name.as_str() {
            "council" => "record-statement-council",
            "pace" => "record-statement-pace",
            "drop" => "record-statement-drop",
            "greeting" => "record-statement-greeting",
            "duty" => "record-statement-duty",
            "site" => "record-statement-site",
            "docket" => "record-statement-docket",
            "docket-open" => "record-statement-docket-open",
            _ => "record-statement-other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::{Audience, Language};

    #[test]
    fn a_moment_is_written_for_people_and_for_machines() {
        let when = When::of(1_795_527_845);
        assert_eq!(when.machine, "2026-11-24T13:44:05Z");
        assert_eq!(when.human, "2026-11-24 13:44 UTC");
    }

    #[test]
    fn a_replaced_key_is_shown_with_those_who_signed() {
        let assets = Assets::whole();
        let page = |own: bool| {
            let key = KeyView {
                x: 3,
                institution: "Defensoría <3>".to_owned(),
                epoch: 2,
                time: When::of(1_795_527_845),
                signed_by: "1, 2, 4, 5".to_owned(),
                is_own: own,
            };
            let council = CouncilRow {
                epoch: 2,
                account: 3,
                identity: 4,
                words: WordList::of_council(protocol::Digest([0; 32]), Language::Spanish),
                seats: vec![],
                readers: vec![],
            };
            let record = RecordPage {
                frame: Frame::new(Language::Spanish, "registro/", Audience::Public, &assets, false),
                checkpoint: None,
                council: Some(council),
                keys: vec![key],
                statements: vec![],
            };
            record.render().expect("a page")
        };
        let shown = page(false);
        assert!(
            shown.contains("3 · Defensoría &#60;3&#62;") && shown.contains("1, 2, 4, 5"),
            "{shown}"
        );
        assert!(shown.contains("<strong class=\"late\">no</strong>"));
        assert!(!page(true).contains("<strong class=\"late\">no</strong>"));
    }
}
