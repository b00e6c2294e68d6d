//! The acts as files: a table for programs that calculate, and a feed.

use casework::docket::Stage;
use protocol::Day;
use protocol::statement::TwinOutcome;

use super::words::{fault_text, short, stage_word};
use super::{ActRecord, DocketStatus, DocketView, OwedAct};
use crate::atom::{self, FeedEntry};
use crate::deberes::MemberName;
use crate::sheet::quoted;
use crate::{Language, Strings};

/// Entries of a feed.
const ENTRIES_MAX: usize = 200;

impl ActRecord {
    /// One line for each docket; what is owed stands in it with who owes it.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = "docket,x,institution,urgent,week,status,owed,owed_since,days_late,owed_by_x,owed_by,perhaps_x,\
                        days_to_grants,days_to_opening,days_to_finding,outcome\r\n"
            .to_owned();
        for docket in &self.dockets {
            let owed = self.owed.iter().find(|owed| owed.docket == docket.docket);
            text += &line(docket, owed);
        }
        text
    }

    /// What came to be overdue, what came late after all, and what contradicts itself, the newest first.
    #[must_use]
    pub fn atom(&self, language: Language) -> Vec<u8> {
        let words = Strings::of(language);
        let mut entries: Vec<FeedEntry> = self
            .dockets
            .iter()
            .flat_map(|docket| entries(docket, language, words))
            .collect();
        entries.sort_by_key(|entry| entry.at);
        entries.drain(..entries.len().saturating_sub(ENTRIES_MAX));
        let title = words.with("log", self.origin.as_str()).get("acts-feed");
        let updated = entries.last().map_or(0, |entry| entry.at);
        atom::feed(&self.origin, "acts", &title, updated, &entries).unwrap_or_default()
    }
}

fn line(docket: &DocketView, owed: Option<&OwedAct>) -> String {
    let numbers = |members: &[MemberName]| {
        let numbers: Vec<String> = members.iter().map(|member| member.x.to_string()).collect();
        numbers.join(" ")
    };
    let institutions = |members: &[MemberName]| {
        let names: Vec<&str> = members.iter().map(|member| member.institution.as_str()).collect();
        quoted(&names.join("; "))
    };
    let (x, institution) = match &docket.member {
        Some(member) => (member.x.to_string(), quoted(&member.institution)),
        None => (String::new(), String::new()),
    };
    let owed = match owed {
        Some(owed) => format!(
            "{},{},{},{},{},{}",
            stage_name(owed.stage),
            Day::of(owed.by + 1),
            owed.days_late,
            numbers(&owed.owe),
            institutions(&owed.owe),
            numbers(&owed.perhaps)
        ),
        None => ",,,,,".to_owned(),
    };
    let took = |stage: Stage| {
        let step = docket.steps.iter().find(|step| step.stage == stage);
        let done = step.filter(|step| step.done.is_some());
        done.map_or_else(String::new, |step| step.days.to_string())
    };
    let outcome = docket.acts.iter().rev().find_map(|act| act.outcome);
    let outcome = outcome.filter(|_| docket.status == DocketStatus::Reported);
    format!(
        "{},{x},{institution},{},{},{},{owed},{},{},{},{}\r\n",
        docket.docket,
        docket.urgent,
        docket.week,
        status_name(docket.status),
        took(Stage::Grants),
        took(Stage::Opening),
        took(Stage::Finding),
        outcome.map_or("", finding_name),
    )
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Grants => "grants",
        Stage::Opening => "opening",
        Stage::Finding => "finding",
    }
}

fn status_name(status: DocketStatus) -> &'static str {
    match status {
        DocketStatus::Waiting => "waiting",
        DocketStatus::Overdue => "overdue",
        DocketStatus::Refused => "refused",
        DocketStatus::Lapsed => "lapsed",
        DocketStatus::DoesNotOpen => "does-not-open",
        DocketStatus::Reported => "reported",
        DocketStatus::Erased => "erased",
        DocketStatus::NoRequest => "no-request",
    }
}

/// What a finding says.
fn finding_name(outcome: TwinOutcome) -> &'static str {
    match outcome {
        TwinOutcome::Referred => "referred",
        TwinOutcome::Protected => "protected",
        TwinOutcome::Investigated => "investigated",
        TwinOutcome::Charged => "charged",
        TwinOutcome::NoAction => "no-action",
        _ => "",
    }
}

fn entries(docket: &DocketView, language: Language, words: &Strings) -> Vec<FeedEntry> {
    let who = docket.member.as_ref().map_or("", |member| member.institution.as_str());
    let link = || Some(format!("/{}/registro/acto/{}", language.tag(), docket.docket));
    let mut entries = Vec::new();
    for step in docket.steps.iter().filter(|step| step.is_late) {
        let about = || {
            words
                .with("docket", short(docket.docket))
                .with("who", who)
                .with("what", words.get(stage_word(step.stage)))
                .with("day", Day::of(step.by).to_string())
        };
        entries.push(FeedEntry {
            at: step.by + 1,
            title: about().get("acts-feed-overdue"),
            link: link(),
        });
        if let Some(done) = step.done {
            entries.push(FeedEntry {
                at: done.start().max(step.by + 1),
                title: about().with("week", done.to_string()).get("acts-feed-late"),
                link: link(),
            });
        }
    }
    // A fault shows from when the later of its twins was published.
    for fault in docket.faults.iter() {
        let (_, x, n) = fault.about();
        let twins = docket.acts.iter().filter(|act| act.member.x == x && act.n == n);
        entries.push(FeedEntry {
            at: twins.map(|act| act.published_at).max().unwrap_or(0),
            title: fault_text(fault, words),
            link: link(),
        });
    }
    entries
}
