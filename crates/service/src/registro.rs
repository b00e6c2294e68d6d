//! `/{l}/registro/`: the first page of the public record, from the published checkpoint and the public statements.

use pages::registro::{CouncilRow, KeyView, MemberView, RecordPage, Seal, StatementLine, When};
use pages::{Frame, Language, WordList};
use protocol::statement::CouncilMember;
use tlog::{Checkpoint, Note};

use crate::app::App;
use crate::projection::View;

/// The public statements that this stage has, by name.
const NAMES: [&str; 8] = [
    "council",
    "pace",
    "drop",
    "greeting",
    "duty",
    "site",
    "docket",
    "docket-open",
];
/// Statements shown.
const LINES_MAX: usize = 20;

pub(crate) fn html(app: &App, frame: Frame<'_>) -> Option<String> {
    let view = app.projection.view();
    Some(pages::html(&RecordPage {
        frame,
        checkpoint: seal(app, &view),
        council: council(&view, frame.language),
        keys: keys(&view),
        statements: statements(&view),
    }))
}

/// The published checkpoint, with the cosigners whose signatures verify.
fn seal(app: &App, view: &View) -> Option<Seal> {
    let snapshot = app.ledger.snapshot()?;
    let note = Note::parse(&snapshot.checkpoint).ok()?;
    let checkpoint = Checkpoint::parse(note.text())?;
    let policy = view.policy()?;
    let time = policy.check(&note, app.origin.as_str()).ok()?.time();
    let pace = view.pace(time);
    let next = (time / u64::from(pace.step_s.max(1)) + 1) * u64::from(pace.step_s);
    let all = policy.witnesses();
    let signed = all.iter().filter(|(key, _)| tlog::cosign::verify(&note, key).is_ok());
    Some(Seal {
        size: checkpoint.size,
        root: base16ct::lower::encode_string(&checkpoint.root.0),
        time: When::of(time),
        next: When::of(next),
        is_late: app.now() > next + u64::from(pace.step_s),
        n: pace.n,
        step_s: pace.step_s,
        cosigners_all: all.len(),
        cosigners: signed.map(|(key, _)| key.name().to_owned()).collect(),
    })
}

fn council(view: &View, language: Language) -> Option<CouncilRow> {
    let council = view.council()?;
    Some(CouncilRow {
        epoch: council.epoch,
        account: council.account,
        identity: council.identity,
        words: WordList::of_council(council.digest(), language),
        seats: council.seats.iter().map(member).collect(),
        readers: council.readers.iter().map(member).collect(),
    })
}

/// The newest keys of staying members that were replaced.
fn keys(view: &View) -> Vec<KeyView> {
    let changes = view.registry().map(casework::Registry::key_changes).unwrap_or_default();
    let shown = changes.into_iter().rev().take(LINES_MAX);
    shown
        .map(|change| KeyView {
            x: change.x.get(),
            time: When::of(change.included_at),
            signed_by: change
                .signed_by
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            institution: change.institution,
            epoch: change.epoch,
            is_own: change.is_own,
        })
        .collect()
}

fn member(member: &CouncilMember) -> MemberView {
    MemberView {
        x: member.x.get(),
        institution: member.institution.clone(),
        controller: member.controller.clone(),
        jurisdiction: member.jurisdiction.clone(),
    }
}

/// The newest public statements, the newest first.
fn statements(view: &View) -> Vec<StatementLine> {
    let placed = NAMES.iter().flat_map(|name| {
        let digests = view.named(name).iter();
        digests.filter_map(|digest| Some((view.index(digest)?, *name, digest)))
    });
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|(index, _, _)| std::cmp::Reverse(*index));
    let line = |(_, name, digest): (u64, &str, &protocol::Digest)| {
        Some(StatementLine {
            name: name.to_owned(),
            digest: digest.to_hex(),
            time: When::of(view.included_at(digest)?),
        })
    };
    placed.into_iter().take(LINES_MAX).filter_map(line).collect()
}
