//! What she can listen to: for each screen of hers the messages that are read aloud, in the order in which they stand there, and the
//! recording that was made of them.
//!
//! A recording stands where everybody who comes to the screen sees it, never in a part that an answer shows: who serves it sees that
//! it was fetched. Each is as long as any other, [`SIZE`], so that whoever only sees sizes on the line cannot tell which was.

use protocol::Digest;

use crate::questions::{hint, offered, wording};
use crate::{Frame, Language, Strings};

/// How many bytes each recording has: what a slow line brings in seven seconds.
pub const SIZE: usize = 45_000;

/// Every recording that was made, a line each: [`Recording`].
const RECORDINGS: &str = include_str!("../../../web/audio/recordings.txt");

/// A screen of hers, or a part of one that is read aloud by itself, for a recording has a minute or so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Where she arrives.
    Landing,
    /// What cannot be promised, and what to look out for.
    LandingCannot,
    /// How to leave fewer traces.
    Traces,
    /// Who keeps the key.
    Keepers,
    /// The way without scripts.
    NoScripts,
    /// Before she writes.
    Before,
    /// The rest of it.
    BeforeMore,
    /// Who can open it.
    Who,
    /// When.
    WhoWhen,
    /// What if nobody hears from her.
    WhoLapse,
    /// What for.
    WhoShare,
    /// What becomes public.
    WhoPublic,
    /// Her account.
    Account,
    /// By voice, and when it hurts.
    AccountMore,
    /// Questions: what they are for, and their groups.
    Questions,
    /// What happened.
    QuestionsWhat,
    /// Of what kind.
    QuestionsKind,
    /// How it began.
    QuestionsStart,
    /// How it was done.
    QuestionsControl,
    /// Where and when.
    QuestionsWhere,
    /// About her.
    QuestionsYou,
    /// Where she is from.
    QuestionsOrigin,
    /// Who took part.
    QuestionsOthers,
    /// What she needs.
    QuestionsNeeds,
    /// Files.
    Evidence,
    /// Who hurt her.
    Person,
    /// Who she is.
    Identity,
    /// Before she seals.
    Check,
    /// While it is sealed.
    Seal,
    /// Her eight words; the words themselves are never read aloud.
    Words,
    /// The words of a draft.
    WordsLater,
    /// Words that open nothing.
    Decoy,
    /// It is kept.
    Receipt,
    /// Save and finish another day.
    Later,
    /// She goes on with what she saved.
    Resume,
    /// She comes back.
    Return,
    /// Coming back without scripts.
    ReturnNoScripts,
    /// She asks without telling anything.
    Ask,
    /// The words of her question.
    AskWords,
    /// She adds to what she told.
    Add,
}

use Screen::{
    Account, AccountMore, Add, Ask, AskWords, Before, BeforeMore, Check, Decoy, Evidence, Identity, Keepers, Landing,
    LandingCannot, Later, NoScripts, Person, Questions, QuestionsControl, QuestionsKind, QuestionsNeeds,
    QuestionsOrigin, QuestionsOthers, QuestionsStart, QuestionsWhat, QuestionsWhere, QuestionsYou, Receipt, Resume,
    Return, ReturnNoScripts, Seal, Traces, Who, WhoLapse, WhoPublic, WhoShare, WhoWhen, Words, WordsLater,
};

impl Screen {
    /// All of them.
    #[rustfmt::skip]
    pub const ALL: [Self; 40] = [
        Landing, LandingCannot, Traces, Keepers, NoScripts, Before, BeforeMore, Who, WhoWhen, WhoLapse, WhoShare, WhoPublic, Account,
        AccountMore, Questions, QuestionsWhat, QuestionsKind, QuestionsStart, QuestionsControl, QuestionsWhere, QuestionsYou,
        QuestionsOrigin, QuestionsOthers, QuestionsNeeds, Evidence, Person, Identity, Check, Seal, Words, WordsLater, Decoy, Receipt, Later,
        Resume, Return, ReturnNoScripts, Ask, AskWords, Add,
    ];

    /// Its name in the file's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Landing => "landing",
            LandingCannot => "landing-2",
            Traces => "traces",
            Keepers => "keepers",
            NoScripts => "no-scripts",
            Before => "before",
            BeforeMore => "before-2",
            Who => "who",
            WhoWhen => "who-2",
            WhoLapse => "who-3",
            WhoShare => "who-4",
            WhoPublic => "who-5",
            Account => "account",
            AccountMore => "account-2",
            Questions => "questions",
            QuestionsWhat => "questions-what",
            QuestionsKind => "questions-what-2",
            QuestionsStart => "questions-start",
            QuestionsControl => "questions-control",
            QuestionsWhere => "questions-where",
            QuestionsYou => "questions-you",
            QuestionsOrigin => "questions-you-2",
            QuestionsOthers => "questions-others",
            QuestionsNeeds => "questions-needs",
            Evidence => "evidence",
            Person => "person",
            Identity => "identity",
            Check => "check",
            Seal => "seal",
            Words => "words",
            WordsLater => "words-later",
            Decoy => "decoy",
            Receipt => "receipt",
            Later => "later",
            Resume => "resume",
            Return => "return",
            ReturnNoScripts => "return-no-scripts",
            Ask => "ask",
            AskWords => "ask-words",
            Add => "add",
        }
    }

    /// Recordings that stand at the head of a group of questions.
    #[must_use]
    pub fn of_group(group: &str) -> &'static [Self] {
        match group {
            "what" => &[QuestionsWhat, QuestionsKind],
            "start" => &[QuestionsStart],
            "control" => &[QuestionsControl],
            "where" => &[QuestionsWhere],
            "you" => &[QuestionsYou, QuestionsOrigin],
            "others" => &[QuestionsOthers],
            "needs" => &[QuestionsNeeds],
            _ => &[],
        }
    }

    /// Whether it is a part of a screen, whose first recording is another.
    #[must_use]
    pub fn is_part(self) -> bool {
        matches!(
            self,
            LandingCannot
                | BeforeMore
                | WhoWhen
                | WhoLapse
                | WhoShare
                | WhoPublic
                | AccountMore
                | QuestionsWhat
                | QuestionsKind
                | QuestionsStart
                | QuestionsControl
                | QuestionsWhere
                | QuestionsYou
                | QuestionsOrigin
                | QuestionsOthers
                | QuestionsNeeds
        )
    }

    /// The messages that are read aloud, in their order. What has numbers on the page is said without them: `listen-…`.
    #[must_use]
    pub fn messages(self) -> Vec<String> {
        let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        match self {
            QuestionsWhat => of_questions("what", &["source_connection", "exploitation"]),
            QuestionsKind => of_questions("", &["labour_sector", "sexual_form"]),
            QuestionsStart => of_questions("start", &["recruitment_method", "relation_to_trafficker", "acts"]),
            QuestionsControl => of_questions("control", &["means_of_control"]),
            QuestionsWhere => of_questions("where", &["event"]),
            QuestionsYou => of_questions(
                "you",
                &["age_band", "minor_at_entry", "minor_during_exploitation", "gender"],
            ),
            QuestionsOrigin => of_questions("", &["citizenship", "indigenous_or_afromexican"]),
            QuestionsOthers => of_questions("others", &["offender_roles", "official_involved"]),
            QuestionsNeeds => of_questions("needs", &["needs"]),
            _ => of(self.fixed()),
        }
    }

    /// The messages of what is no group of questions.
    #[rustfmt::skip]
    fn fixed(self) -> &'static [&'static str] {
        match self {
            Landing => &["landing-h1", "landing-intro", "listen-landing", "landing-how", "landing-time", "landing-does-h",
                "landing-now-1", "landing-now-2", "landing-now-3"],
            LandingCannot => &["landing-cannot-h", "landing-cannot-1", "landing-cannot-2", "landing-cannot-3",
                "landing-cannot-4", "landing-danger-h", "landing-danger", "landing-device-h", "landing-device"],
            Traces => &["device-h1", "device-intro", "device-1", "device-2", "device-3", "device-4", "device-5", "device-7",
                "device-6"],
            Keepers => &["landing-who", "listen-who", "keepers-readers-h", "keepers-readers", "keepers-name-h", "keepers-name"],
            NoScripts => &["nuevo-nojs-h", "nuevo-nojs", "nuevo-nojs-tor", "nuevo-nojs-other",
                "nuevo-nojs-plain", "plain-h1"],
            Before => &["before-h1", "before-intro", "before-1-h", "before-1", "before-2-h", "before-2"],
            BeforeMore => &["before-3-h", "before-3", "before-4-h", "before-4-pending", "before-5-h", "before-5",
                "before-lawyer", "before-minor", "before-no-reviews"],
            Who => &["who-h1", "listen-who", "who-leave-out", "listen-leave-out", "who-leave-out-price", "listen-who-rest"],
            WhoWhen => &["who-when-h", "who-consent", "who-consent-hint", "who-consent-once", "who-request", "listen-request"],
            WhoLapse => &["who-lapse-h", "who-lapse-hint", "listen-lapse", "who-lapse-6", "who-lapse-12", "who-lapse-24",
                "who-lapse-never", "who-lapse-never-hint"],
            WhoShare => &["who-share-h", "who-share-hint", "use-interview", "use-support", "use-authority", "use-organisation",
                "use-statistics", "use-research"],
            WhoPublic => &["who-public-h", "who-public-numbers", "who-public-each", "who-public-each-hint", "who-public-never",
                "who-public-cost"],
            Account => &["account-h1", "account-label", "account-hint", "account-no-names", "account-tips-h", "account-tip-1",
                "account-tip-2", "account-tip-3", "account-tip-4", "account-tip-5", "account-break-h", "account-break"],
            AccountMore => &["account-voice", "voice-hint", "voice-file-h", "voice-file-hint"],
            Questions => &["q-h1", "q-intro", "listen-questions", "q-group-what", "q-group-start", "q-group-control",
                "q-group-where", "q-group-you", "q-group-others", "q-group-needs", "listen-next"],
            Evidence => &["evidence-h1", "evidence-intro", "evidence-danger", "evidence-meta-h", "evidence-meta",
                "evidence-original", "listen-next"],
            Person => &["person-h1", "person-intro", "person-locked", "person-danger", "person-add", "person-phone",
                "person-account", "person-plate", "person-email", "person-bank", "person-describe", "person-describe-hint",
                "listen-next"],
            Identity => &["identity-h1", "identity-intro-pending", "identity-why", "identity-skip", "identity-give",
                "listen-next"],
            Check => &["check-h1", "check-intro", "listen-check", "decoy-h", "decoy-intro", "decoy-note",
                "check-identity-in-account", "listen-seal"],
            Seal => &["seal-h1", "seal-intro", "seal-1", "seal-2", "seal-3", "seal-4", "seal-5", "seal-not-yet"],
            Words => &["words-h1", "words-intro", "words-keep-h", "words-keep-1", "words-keep-2", "words-keep-3",
                "words-keep-4", "words-danger"],
            WordsLater => &["words-h1", "later-words", "later-not-sealed", "words-keep-h", "words-keep-1", "words-keep-2",
                "words-keep-3", "words-keep-4", "later-words-danger"],
            Decoy => &["decoy-h", "decoy-these", "decoy-apart", "listen-next"],
            Receipt => &["receipt-h1", "receipt-intro", "receipt-public", "receipt-next-h", "receipt-next-1",
                "receipt-next-2", "receipt-next-3", "receipt-support", "listen-close", "receipt-close-hint"],
            Later => &["later-h1", "later-intro", "later-where", "later-keep", "later-files", "later-each"],
            Resume => &["later-resume", "return-intro", "return-paste", "later-only-7"],
            Return => &["return-h1", "return-intro", "return-paste", "return-private", "return-lost-h", "return-lost",
                "question-none-h", "question-none"],
            ReturnNoScripts => &["volver-nojs-h", "volver-nojs", "volver-nojs-what", "nuevo-nojs-tor"],
            Ask => &["question-h", "question-intro", "question-words", "question-slow"],
            AskWords => &["words-h1", "question-keep", "words-keep-h", "words-keep-1", "words-keep-2", "words-keep-3",
                "words-keep-4", "question-danger"],
            Add => &["add-h", "add-intro", "add-same", "add-text", "add-no-names", "evidence-danger"],
            QuestionsWhat | QuestionsKind | QuestionsStart | QuestionsControl | QuestionsWhere | QuestionsYou
                | QuestionsOrigin | QuestionsOthers | QuestionsNeeds => &[],
        }
    }

    /// What is said, a sentence or so a line.
    #[must_use]
    pub fn spoken(self, language: Language) -> String {
        let words = Strings::of(language);
        self.messages().iter().map(|id| sentence(&words.get(id))).collect()
    }

    /// The name of its file.
    #[must_use]
    pub fn file(self, language: Language) -> String {
        format!("{}-{}.opus", language.tag(), self.name())
    }
}

/// A message with a mark at its end, at which a voice makes a pause.
fn sentence(text: &str) -> String {
    let mark = if text.ends_with(['.', '?', ':', '…']) {
        ""
    } else {
        "."
    };
    format!("{text}{mark}\n")
}

/// The messages of questions: each with what it hints at and offers, and before them the name of their group, if any is begun.
fn of_questions(group: &str, fields: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    if !group.is_empty() {
        ids.push(format!("q-group-{group}"));
    }
    let asked = testimony::questions().iter();
    for question in asked.filter(|question| fields.contains(&question.field.name)) {
        let name = question.field.name;
        ids.push(wording(name, ""));
        ids.extend(hint(name));
        ids.extend(offered(question).into_iter().map(|part| wording(name, part)));
    }
    ids
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// The program espeak-ng.
    Machine,
    /// Somebody.
    Person,
}

/// A recording: a line of `web/audio/recordings.txt`, whose fields are its folder and name, its seconds, who made it, the SHA-256 of
/// the text that was said, and that of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// `es/landing`.
    pub name: &'static str,
    /// How long it is.
    pub seconds: u32,
    /// Who speaks.
    pub made_by: MadeBy,
    /// Of the text.
    pub text: Digest,
    /// Of the file.
    pub file: Digest,
}

impl Recording {
    /// All that were made. A line of another form is left out; a test refuses it.
    pub fn all() -> impl Iterator<Item = Self> {
        RECORDINGS.lines().filter_map(Self::read)
    }

    fn read(line: &'static str) -> Option<Self> {
        let [name, seconds, by, text, file] = line.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            name,
            seconds: seconds.parse().ok()?,
            made_by: match by {
                "espeak-ng" => MadeBy::Machine,
                "person" => MadeBy::Person,
                _ => return None,
            },
            text: Digest::from_hex(text)?,
            file: Digest::from_hex(file)?,
        })
    }

    /// That of a screen.
    #[must_use]
    pub fn of(screen: Screen, language: Language) -> Option<Self> {
        let named = |recording: &Self| recording.name.split_once('/') == Some((language.tag(), screen.name()));
        Self::all().find(named)
    }
}

/// What a page shows of a recording.
pub struct Listen {
    /// Where it is.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// How long and how large it is, before it is fetched.
    pub about: String,
    /// Whether a machine speaks.
    pub is_machine: bool,
    /// Whether it is a part of a screen, whose first recording says who can hear it.
    pub is_part: bool,
}

impl Frame<'_> {
    /// What she can listen to on a screen, if it was recorded in this language.
    #[must_use]
    pub fn listen(&self, screen: Screen) -> Option<Listen> {
        let recording = Recording::of(screen, self.language)?;
        let about = self.t.with("seconds", recording.seconds).with("kb", SIZE / 1_000);
        Some(Listen {
            path: self.asset(&screen.file(self.language)),
            label: self.t.get(if screen.is_part() { "listen-part" } else { "listen" }),
            about: about.get("listen-size"),
            is_machine: recording.made_by == MadeBy::Machine,
            is_part: screen.is_part(),
        })
    }
}
