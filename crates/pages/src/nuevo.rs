//! The declarant's way: one document whose steps are shown one at a time by its script.

use askama::Template;

use protocol::statement::Use;
use testimony::{AnswerKind, Kind, Question, Service, State};

use crate::listen::Listen;
use crate::questions::{EVENT_PARTS, hint, wording};
use crate::quienes::Keepers;
use crate::{Frame, Module, Screen};

/// Steps of the way, receipt included.
pub const STEPS: u64 = 11;

/// What the script says, by message; variables stay as `{name}` for it to fill.
const SAYS: &[&str] = &[
    "net-offline",
    "net-server",
    "net-busy",
    "net-full",
    "net-back",
    "net-retry-in",
    "seal-not-yet",
    "seal-pause",
    "seal-state-wait",
    "seal-state-now",
    "seal-state-done",
    "err-page-unproven",
    "err-council-old",
    "err-memory",
    "err-promise",
    "err-failed",
    "account-empty",
    "evidence-too-many",
    "evidence-too-much",
    "evidence-too-large",
    "evidence-empty-file",
    "evidence-unreadable",
    "evidence-changed",
    "evidence-no-copy",
    "evidence-ready",
    "evidence-ready-both",
    "evidence-ready-copy",
    "evidence-ready-recorded",
    "evidence-ready-whole",
    "evidence-whole-large",
    "evidence-remove-first",
    "check-see-all",
    "check-see-less",
    "q-done-none",
    "q-done-one",
    "q-done-some",
    "letters-left",
    "letters-over",
    "err-too-much",
    "sr-file-added",
    "sr-file-removed",
    "sr-words-hidden",
    "sr-step-changed",
    "sr-progress",
    "words-confirm-ok",
    "words-confirm-bad",
    "words-one",
    "check-nothing",
    "identity-name",
    "identity-reach",
    "identity-not-safe",
    "identity-trusted",
    "identifier-account-character",
    "identifier-account-length",
    "identifier-card-check",
    "identifier-clabe-check",
    "identifier-differs",
    "identifier-email-form",
    "identifier-email-letter",
    "identifier-empty",
    "identifier-handle-character",
    "identifier-handle-length",
    "identifier-not-profile",
    "identifier-phone-character",
    "identifier-phone-country",
    "identifier-phone-length",
    "identifier-phone-mexican",
    "identifier-plate-character",
    "identifier-plate-length",
    "identifier-service-missing",
    "identifier-service-unknown",
    "identifier-state-missing",
    "identifier-state-unknown",
    "identifier-too-long",
    "later-drawing",
    "later-done",
    "later-elsewhere",
    "later-none",
    "later-not-yet",
    "later-opened",
    "later-opened-files",
    "later-saved",
    "later-saving",
    "later-too-long",
    "person-as",
    "person-kept",
    "person-removed",
    "return-checksum",
    "return-too-few",
    "return-too-many",
    "return-unknown-plain",
    "return-unknown-some",
    "return-unknown-word",
    "return-use",
    "return-working",
    "sr-voice-kept",
    "sr-voice-paused",
    "sr-voice-recording",
    "voice-broke",
    "voice-denied",
    "voice-failed",
    "voice-full",
    "voice-hidden",
    "voice-name",
    "voice-nearly",
    "voice-none",
    "voice-nothing",
    "who-checked",
    "who-leave-out",
    "who-share-none",
];

/// Variables that the script fills.
const VARIABLES: &[&str] = &[
    "t",
    "ti",
    "tl",
    "n",
    "min",
    "max",
    "fp",
    "seconds",
    "name",
    "heading",
    "step",
    "total",
    "percent",
    "word",
    "normal",
    "more",
    "most",
    "time",
    "suggestion",
];

/// The most letters of a place or a time.
const EVENT_MAX: usize = 200;

/// `web/pages/nuevo.html`.
#[derive(Template)]
#[template(path = "pages/nuevo.html")]
pub struct Nuevo<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The root of trust, as JSON: public, and the same for everybody. None before there is a council.
    pub root: Option<String>,
    /// The council in force, as the server tells it: shown as not proven until the page has checked it. There is one
    /// where there is a root.
    pub keepers: Option<Keepers<'a>>,
    /// When this build was made, in POSIX seconds; 0 where unknown.
    pub built: u64,
}

impl Nuevo<'_> {
    fn is_open(&self) -> bool {
        self.root.is_some()
    }

    /// Whether there is a council to seal to, and a module that seals.
    fn can_seal(&self) -> bool {
        self.is_open() && self.frame.assets.has(Module::Declare)
    }

    /// Whether a browser without WebAssembly can seal too.
    fn can_seal_plainly(&self) -> bool {
        self.frame.assets.has(Module::DeclarePlain)
    }

    /// Whether she can come back here.
    fn can_return(&self) -> bool {
        self.frame.assets.has(Module::Return)
    }

    /// Whether she can save it for another day.
    fn can_save(&self) -> bool {
        self.frame.assets.has(Module::Draft)
    }

    /// Whether a month is asked with the words: a draft is found without the log.
    fn asks_month(&self) -> bool {
        false
    }

    /// Places for the words of a draft.
    fn places(&self) -> std::ops::RangeInclusive<usize> {
        1..=protocol::phrase::WORD_COUNT
    }

    /// What opens a draft.
    fn open_words(&self) -> String {
        self.frame.t.get("later-resume")
    }

    fn root_json(&self) -> &str {
        self.root.as_deref().unwrap_or_default()
    }

    /// A message whose variables stay for the script.
    fn fill(&self, id: &str) -> String {
        let first = self.frame.t.with("unused", "");
        let message = VARIABLES
            .iter()
            .fold(first, |message, name| message.with(name, format!("{{{name}}}")));
        message.get(id)
    }

    /// As [`Self::fill`], for what the script says.
    fn say(&self, id: &&'static str) -> String {
        self.fill(id)
    }

    fn says(&self) -> &'static [&'static str] {
        SAYS
    }

    fn title(&self) -> String {
        let message = self.frame.t.with("step", "{step}").with("total", STEPS);
        message.get("title-step")
    }

    fn step_of(&self) -> String {
        let message = self.frame.t.with("step", "{step}").with("total", STEPS);
        message.get("step-of")
    }

    /// What she may allow it to be used for.
    fn uses(&self) -> [Use; 6] {
        Use::ALL
    }

    /// The same in words.
    fn allows(&self, it: &Use) -> String {
        self.frame.t.get(&format!("use-{}", it.name()))
    }

    /// What she is asked beside her account, group by group.
    fn groups(&self) -> Vec<(&'static str, Vec<&'static Question>)> {
        let mut groups: Vec<(&str, Vec<&Question>)> = Vec::new();
        for question in testimony::questions() {
            match groups.last_mut() {
                Some((group, asked)) if *group == question.group => asked.push(question),
                _ => groups.push((question.group, vec![question])),
            }
        }
        groups
    }

    /// What she can listen to of a group.
    fn voices(&self, group: &str) -> Vec<Listen> {
        let screens = Screen::of_group(group).iter();
        screens.filter_map(|screen| self.frame.listen(*screen)).collect()
    }

    /// A question, or what she may choose, in her words: `code` is one of its codes or parts, or empty.
    fn ask(&self, question: &Question, code: &str) -> String {
        self.frame.t.get(&wording(question.field.name, code))
    }

    /// What stands under a question, where there is something to say.
    fn hint(&self, question: &Question) -> Option<String> {
        hint(question.field.name).map(|id| self.frame.t.get(&id))
    }

    fn kind(&self, question: &Question) -> &'static str {
        match question.field.kind {
            AnswerKind::One => "one",
            AnswerKind::Many => "many",
            AnswerKind::Record => "record",
            AnswerKind::Word | AnswerKind::Text | AnswerKind::Words | AnswerKind::Yes | AnswerKind::Derived => "words",
        }
    }

    fn box_of(&self, question: &Question) -> &'static str {
        match question.field.kind {
            AnswerKind::One => "radio",
            _ => "checkbox",
        }
    }

    /// What is asked of where and when, and the most letters of each.
    fn event_parts(&self) -> [(&'static str, usize); 5] {
        EVENT_PARTS.map(|part| (part, EVENT_MAX))
    }

    /// Kinds of identifiers of who hurt her, in the order of the page.
    fn kinds(&self) -> [Kind; 5] {
        [Kind::Phone, Kind::Handle, Kind::Plate, Kind::Email, Kind::Account]
    }

    /// A kind, in her words.
    fn kind_name(&self, kind: Kind) -> String {
        self.frame.t.get(match kind {
            Kind::Phone => "person-phone",
            Kind::Email => "person-email",
            Kind::Plate => "person-plate",
            Kind::Account => "person-bank",
            Kind::Handle => "person-account",
        })
    }

    /// How it is written.
    fn kind_hint(&self, kind: Kind) -> String {
        self.frame.t.get(match kind {
            Kind::Phone => "person-phone-hint",
            Kind::Email => "person-email-hint",
            Kind::Plate => "person-plate-hint",
            Kind::Account => "person-bank-hint",
            Kind::Handle => "person-account-hint",
        })
    }

    /// What is asked beside the text, of kinds with choices.
    fn kind_choice(&self, kind: Kind) -> String {
        self.frame.t.get(match kind {
            Kind::Plate => "person-plate-state",
            Kind::Phone | Kind::Email | Kind::Account | Kind::Handle => "person-account-service",
        })
    }

    /// States of a plate, services of a handle: code and name.
    fn choices_of(&self, kind: Kind) -> Vec<(&'static str, String)> {
        let named = |family: &str, code: &'static str| {
            let id = format!("{family}-{}", code.to_ascii_lowercase());
            (code, self.frame.t.get(&id))
        };
        match kind {
            Kind::Plate => State::all().map(|state| named("state", state.code())).collect(),
            Kind::Handle => Service::ALL.map(|service| named("service", service.code())).to_vec(),
            Kind::Phone | Kind::Email | Kind::Account => Vec::new(),
        }
    }

    /// The keyboard that a phone shows for a kind. That for numbers has no letters: none is shown where a text may have both.
    fn input_mode(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Phone => "tel",
            Kind::Email => "email",
            Kind::Account => "numeric",
            Kind::Plate | Kind::Handle => "text",
        }
    }

    /// The most letters of one.
    fn named_max(&self) -> usize {
        testimony::NAMED_TEXT_MAX
    }

    /// The five states of sealing.
    fn states(&self) -> [(&'static str, &'static str); 5] {
        [
            ("key", "seal-1"),
            ("lock", "seal-2"),
            ("split", "seal-3"),
            ("send", "seal-4"),
            ("receipt", "seal-5"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Language;
    use crate::questions::offered;

    /// Each question and each answer that it offers has its words in both languages, and none stand there for nothing.
    #[test]
    fn every_question_and_answer_has_its_words() {
        let mut asked = BTreeSet::new();
        for question in testimony::questions() {
            let name = question.field.name;
            asked.insert(format!("q-group-{}", question.group));
            asked.extend(
                std::iter::once("")
                    .chain(offered(question))
                    .map(|code| wording(name, code)),
            );
        }
        asked.extend(
            [
                "q-h1",
                "q-intro",
                "q-declines",
                "q-done-none",
                "q-done-one",
                "q-done-some",
            ]
            .map(String::from),
        );
        for source in [
            include_str!("../../../web/locales/es.questions.ftl"),
            include_str!("../../../web/locales/en.questions.ftl"),
        ] {
            let mut there = BTreeSet::new();
            let mut message = "";
            for (name, _) in source.lines().filter_map(|line| line.split_once(" =")) {
                match name.trim().strip_prefix('.') {
                    Some("hint") => {}
                    Some(attribute) => drop(there.insert(format!("{message}.{attribute}"))),
                    None => {
                        message = name;
                        there.insert(name.to_owned());
                    }
                }
            }
            assert_eq!(there, asked);
        }
    }

    /// Each reason why a text is kept as it is, each state and each service has its words in both languages, and none stand
    /// there for nothing.
    #[test]
    fn every_reason_state_and_service_has_its_words() {
        let reasons = testimony::IdentifierError::ALL.map(|why| format!("identifier-{}", why.code()));
        let states = State::all().map(|state| format!("state-{}", state.code().to_ascii_lowercase()));
        let services = Service::ALL.map(|service| format!("service-{}", service.code()));
        let needed: BTreeSet<String> = reasons.iter().cloned().chain(states).chain(services).collect();
        for reason in reasons {
            assert!(SAYS.contains(&reason.as_str()), "{reason} is not said");
        }
        for language in Language::ALL {
            let there = crate::Strings::ids(language).filter(|id| {
                ["identifier-", "state-", "service-"]
                    .iter()
                    .any(|family| id.starts_with(family))
            });
            assert_eq!(
                there.map(str::to_owned).collect::<BTreeSet<_>>(),
                needed,
                "{language:?}"
            );
        }
    }

    /// Who fills the form in by hand finds each field and code in the guides.
    #[test]
    fn the_guides_name_every_field_and_code() {
        for guide in [
            include_str!("../../../docs/guides/declarant.es.md"),
            include_str!("../../../docs/guides/declarant.md"),
        ] {
            for field in ["identifiers", "offender_description"] {
                assert!(guide.contains(&format!("| `{field}` |")), "{field} is in no line");
            }
            for question in testimony::questions() {
                let field = question.field.name;
                let line = guide.lines().find(|line| line.starts_with(&format!("| `{field}` |")));
                let line = line.unwrap_or_else(|| panic!("{field} is in no line"));
                for code in &question.field.codes {
                    assert!(
                        line.contains(&format!("`{code}`")) || line.contains(code),
                        "{field} {code}"
                    );
                }
            }
        }
    }
}
