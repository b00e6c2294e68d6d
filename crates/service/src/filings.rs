//! `POST /filings` (§5.7, §15.8, §19): everything that a blind operator can check, then one act in the ledger, then the
//! promise.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use casework::registry::CouncilRecord;
use ledger::{Accepted, Error, Item, NewEntry, Once, Order, Refused, Stay, Submission};
use protocol::http::{FilingForm, RecordRef};
use protocol::problem::Problem;
use protocol::{Digest, Origin};
use sealing::SealedFiling;

use crate::app::{self, Shared, missing};
use crate::capacity::Place;
use crate::config::Help;
use crate::form::{self, Posted};
use crate::limits::{FORM_BODY_MAX, FORM_COPIES, HORIZON_S, PROMISE_S};
use crate::problem::Refusal;
use crate::{body, delivery, drop, log, pace, quota, work};

pub(crate) async fn file(State(app): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    let whole = body::read(&app.memory, &headers, body, FORM_BODY_MAX, FORM_COPIES).await?;
    let posted: Posted<FilingForm> = form::read(&headers, whole.bytes, "filing").await?;
    let identity = posted.form.digest().0;
    let shared = app.clone();
    let act = async move {
        let _held = whole.held;
        accept(&shared, posted, identity, Intake::Posted).await
    };
    match app::finish(act).await {
        Ok(promise) => Ok(log::text(promise)),
        // The same form again gets the same promise, whatever else has become of council, work or room since.
        Err(refusal) => match app.read(move |ledger| ledger.answer(&identity)).await? {
            Some(promise) => Ok(log::text(promise)),
            None => Err(refusal),
        },
    }
}

/// By which way a filing comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intake {
    /// Posted by whoever sealed it, with work.
    Posted,
    /// Sealed here, of the form without scripts, whose own quota stands for the work (§14.4).
    Sealed,
}

/// Files what this service sealed. With the same `identity`, once: later it gets the first promise. Whoever calls has counted it.
pub(crate) async fn file_sealed(app: &Shared, sealed: &SealedFiling, identity: [u8; 32]) -> Result<Vec<u8>, Refusal> {
    let files = sealed.blobs().map(|(digest, bytes)| (digest, bytes.to_vec().into()));
    let posted = Posted::of(sealed.form().clone(), files.collect());
    accept(app, posted, identity, Intake::Sealed).await
}

/// Deadline of a filing's promise, POSIX seconds: it tells the step that was taken for it and nothing else of when it
/// came. Within 24 h, for a step lies 12 h ahead at most.
fn deadline(step: u64, step_s: u64, now: u64) -> u64 {
    let present = now / step_s;
    if step <= present + 1 {
        present * step_s + PROMISE_S
    } else {
        step * step_s + PROMISE_S - HORIZON_S
    }
}

async fn accept(
    app: &Shared,
    mut posted: Posted<FilingForm>,
    identity: [u8; 32],
    intake: Intake,
) -> Result<Vec<u8>, Refusal> {
    let now = app.now();
    let view = app.projection.view();
    let files = check_form(&posted.form, &app.origin)?;
    let greetings = posted.form.greetings.iter();
    drop::check(app, greetings.map(|greeting| &greeting.bucket), now)?;
    if app.site.help == Help::Unanswered {
        return Err(Refusal::new(
            Problem::Capacity,
            "The intake is closed: the operator has not yet said whom a person in danger can call. Nothing was stored.",
        ));
    }
    check_council(&posted.form, view.councils(), now)?;
    let entry = Digest::of(posted.form.entry.as_bytes());
    let once = match intake {
        Intake::Posted => app.work.check(&posted.form.work, &entry, now)?,
        Intake::Sealed => None,
    };
    let code = match &posted.form.quota {
        Some(code) => Some(quota::find(app, code).await?),
        None => None,
    };
    let absent = check_files(&files, &posted)?;
    check_stored(app, &absent).await?;
    // The pace rises before the room is short.
    pace::keep_up(app).await.map_err(|error| app.refusal(error))?;
    let rate = app.projection.view().rate(now);
    let place = app.capacity.reserve(rate, now, posted.form.soon, &entry)?;
    // Members may have counted on its place in the next step.
    if let Err(error) = pace::keep_up(app).await {
        app.capacity.settle(place, now, None);
        return Err(app.refusal(error));
    }
    let promise = app.promise(&entry, deadline(place.step, rate.step_s.max(1), now));
    let blobs = files
        .iter()
        .filter_map(|file| Some((file.digest.0, posted.take(&file.digest)?)))
        .collect();
    if !posted.is_empty() {
        app.capacity.settle(place, now, None);
        return Err(Refusal::form("A file came that the form does not name."));
    }
    let mut submission = submission(&posted.form, &entry, &place, once, now);
    submission.form = Some(identity);
    submission.answer = promise.clone();
    submission.blobs = blobs;
    submission.removes = code.into_iter().collect();
    let outcome = app.ledger.submit(submission).await;
    let is_new = matches!(outcome, Ok(Accepted::New));
    app.capacity
        .settle(place, now, is_new.then_some(posted.form.shares.len() as u64));
    match outcome {
        Ok(Accepted::New) => {
            app.telemetry.count("resguardo_filings_total");
            // Junk that came without work does not make it dearer.
            if intake == Intake::Posted {
                app.work.arrived(now);
            }
            Ok(promise)
        }
        Ok(Accepted::Again(first)) => Ok(first),
        Err(Error::Refused(Refused::Used)) => Err(work::reused()),
        // Another filing took the code in the meantime: nothing else is taken away by a filing.
        Err(Error::Refused(Refused::Changed)) => Err(quota::unknown()),
        Err(error) => Err(app.refusal(error)),
    }
}

/// A file that a form names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named {
    digest: Digest,
    size: u64,
}

/// The rules of the form, and those of this log; gives every file that it names.
fn check_form(form: &FilingForm, origin: &Origin) -> Result<Vec<Named>, Refusal> {
    form.check().map_err(Refusal::rule)?;
    let rule = |holds: bool, words: &'static str| if holds { Ok(()) } else { Err(Refusal::form(words)) };
    rule(form.origin == *origin, "The form is for another log.")?;
    if form.bytes() > form.bytes_max() {
        return Err(quota::too_large(form.bytes_max()));
    }
    Ok(form.blobs().map(|(digest, size)| Named { digest, size }).collect())
}

/// The server cannot read which council a filing is sealed to. It sees the seats dealt to, and refuses when no council
/// that still takes filings has them all, or when they are fewer than t_identity + 1 (§3, §5.5).
fn check_council(form: &FilingForm, councils: &[CouncilRecord], now: u64) -> Result<(), Refusal> {
    if councils.is_empty() {
        return Err(Refusal::new(
            Problem::Capacity,
            "No council has been published here yet, so nothing can be filed. Nothing was stored.",
        ));
    }
    let has_all = |council: &&CouncilRecord| form.shares.iter().all(|share| council.seat(share.x).is_some());
    let mut known = councils.iter().rev().filter(has_all).peekable();
    if known.peek().is_none() {
        return Err(Refusal::new(
            Problem::Council,
            "No council has all these seats. Fetch the council and seal again.",
        ));
    }
    let Some(council) = known.find(|council| now < council.good_until()) else {
        return Err(Refusal::new(
            Problem::Council,
            "Filings to this council are no longer taken, for its keys are about to be destroyed. Fetch the current \
             council and seal again; the words stay good.",
        ));
    };
    if form.shares.len() <= usize::from(council.identity) {
        return Err(Refusal::form("Shares go to at least t_identity + 1 seats."));
    }
    Ok(())
}

/// Compares what came with what is named; gives what must be here already.
fn check_files(files: &[Named], posted: &Posted<FilingForm>) -> Result<Vec<Named>, Refusal> {
    let mut absent = Vec::new();
    for file in files {
        match posted.len_of(&file.digest) {
            Some(len) if len == file.size => {}
            Some(_) => return Err(Refusal::form("A file has another size than the form says.")),
            None => absent.push(*file),
        }
    }
    Ok(absent)
}

/// Files that did not ride along must be here, durable and of the size that the form says.
async fn check_stored(app: &Shared, absent: &[Named]) -> Result<(), Refusal> {
    if absent.is_empty() {
        return Ok(());
    }
    let wanted = absent.to_vec();
    let sizes = app
        .read(move |ledger| {
            wanted
                .iter()
                .map(|file| ledger.blob_size(&file.digest.0))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let gone: Vec<Digest> = absent
        .iter()
        .zip(&sizes)
        .filter(|(_, size)| size.is_none())
        .map(|(file, _)| file.digest)
        .collect();
    if !gone.is_empty() {
        return Err(missing(&gone));
    }
    if absent.iter().zip(&sizes).any(|(file, size)| *size != Some(file.size)) {
        return Err(Refusal::form("A file has another size than the form says."));
    }
    Ok(())
}

/// NewEntry, files, deliveries and greetings.
fn submission(form: &FilingForm, entry: &Digest, place: &Place, once: Option<Once>, now: u64) -> Submission {
    let key = form.entry.slot();
    let deliveries = form.shares.iter().map(|share| Item {
        list: delivery::waiting_list(share.x, form.soon),
        bytes: [entry.0, share.digest.0, form.header.digest.0, key].concat(),
        order: Order::Drawn,
        ..Item::default()
    });
    let greetings = form.greetings.iter().map(|greeting| {
        let record = RecordRef {
            bucket: greeting.bucket,
            keep: form.keep,
            digest: greeting.digest,
        };
        drop::waiting_item(&record, None, now)
    });
    let lasting = std::iter::once(form.header.digest).chain(form.match_request.iter().map(|file| file.digest));
    let given_up = form.shares.iter().map(|share| share.digest);
    let given_up = given_up.chain(form.objects.iter().map(|object| object.digest));
    let names = lasting
        .map(|digest| (digest.0, Stay::Lasting))
        .chain(given_up.map(|digest| (digest.0, Stay::UntilGivenUp)));
    Submission {
        once: once.into_iter().collect(),
        entries: vec![NewEntry {
            bytes: form.entry.as_bytes().to_vec(),
            key,
            step: place.step,
            class: 0,
            owner: None,
        }],
        names: names.collect(),
        items: deliveries.chain(greetings).collect(),
        ..Submission::default()
    }
}
