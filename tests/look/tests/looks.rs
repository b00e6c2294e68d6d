//! A look that begins at a checkpoint shows what one from the log's beginning does, tells the service no more than the month
//! that was named, and believes the service in nothing that lies before.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use client::{DeclarantView, Local, Sent, SentState};
use look::{Line, Sim};
use protocol::drop::{BucketName, bucket_hash};
use protocol::phrase::PhraseRoot;
use serde_json::{Value, json};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A log of 15 days in steps of an hour, with deeper buckets since the fourth, in which the words of `root` were filed on
/// the tenth and acknowledged on the eleventh; and the moment from which a look at them may begin.
async fn sim() -> (Sim, u64) {
    let mut sim = Sim::begin(3_600).await;
    sim.days(2).await;
    sim.sleep(5);
    sim.days(1).await;
    sim.state_depth(1).await;
    for _ in 0..20 {
        sim.other_files().await;
    }
    sim.days(5).await;
    sim.state_depth(2).await;
    sim.days(1).await;
    let from = sim.now() - DAY / 2;
    let hers = sim.files(&root()).await;
    sim.days(1).await;
    sim.sleep(2);
    sim.acknowledge(&hers).await;
    sim.days(4).await;
    (sim, from)
}

fn root() -> PhraseRoot {
    PhraseRoot::from_bytes([0x31; 32])
}

/// What she is shown, but for where the reading began.
fn shown(view: &DeclarantView) -> Value {
    let mut shown = serde_json::to_value(view).unwrap();
    shown["since"] = Value::Null;
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_begins_at_a_checkpoint_shows_the_same_and_believes_nothing() {
    let (sim, from) = sim().await;
    shows_what_one_from_the_beginning_does(&sim, from).await;
    makes_the_same_calls_whatever_the_words(&sim, from).await;
    finds_nothing_that_was_filed_before(&sim).await;
    believes_nothing(&sim, from).await;
}

async fn shows_what_one_from_the_beginning_does(sim: &Sim, from: u64) {
    let whole = sim.look(root(), None).await;
    assert_eq!(whole.view.since, None);
    let parts = whole.view.filings[0].parts.as_ref().unwrap();
    assert_eq!((parts.hold.len(), parts.need), (5, 3));
    let part = sim.look(root(), Some(from)).await;
    assert_eq!(part.view.since, Some(from));
    assert_eq!(shown(&part.view), shown(&whole.view));
    let entries = |calls: &[String]| calls.iter().filter(|path| path.contains("tile/entries")).count();
    assert!(entries(&part.calls) < entries(&whole.calls), "{:#?}", part.calls);
    // Before the log's beginning there is nothing to pass over.
    let early = sim.look(root(), Some(from - 300 * DAY)).await;
    assert_eq!((shown(&early.view), early.view.since), (shown(&whole.view), None));
}

async fn makes_the_same_calls_whatever_the_words(sim: &Sim, from: u64) {
    for from in [None, Some(from)] {
        let right = sim.look(root(), from).await;
        let bucket = |calls: &[String]| calls.iter().rfind(|path| path.contains("/drop/2/")).cloned();
        // Other words that share the bucket: one in four does.
        let mut wrong = None;
        for number in 0..40 {
            let visit = sim.look(PhraseRoot::from_bytes([number; 32]), from).await;
            assert!(visit.view.filings.is_empty());
            if bucket(&visit.calls) == bucket(&right.calls) {
                wrong = Some(visit);
                break;
            }
        }
        let wrong = wrong.unwrap();
        assert_eq!((wrong.calls, wrong.sizes), (right.calls, right.sizes));
        assert!(right.tried > 0);
        assert_eq!(wrong.tried, right.tried, "each record, with as many keys");
    }
}

async fn finds_nothing_that_was_filed_before(sim: &Sim) {
    let visit = sim.look(root(), Some(sim.now() - 2 * DAY)).await;
    let none = serde_json::to_value(&visit.view.answer).unwrap();
    assert_eq!(none["answer"], "no-entry", "{none}");
    assert!(visit.view.since.is_some());
}

/// The service leaves a statement out, moves it, gives another, or other hashes.
async fn believes_nothing(sim: &Sim, from: u64) {
    const LIST: &str = "/api/v1/public/index";
    let listed = sim.listed().await;
    let begins = sim.get(&format!("/log/step/{}", from / HOUR)).await;
    let begins: u64 = String::from_utf8(begins)
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let before = listed.iter().filter(|(index, _)| *index < begins).count();
    assert!(before > 5, "{listed:?}");
    let list = |listed: &[(u64, protocol::Digest)]| json!(listed).to_string().into_bytes();
    for at in 0..before {
        let mut rest = listed.clone();
        rest.remove(at);
        refused(sim, from, "left out", &|path| (path == LIST).then(|| list(&rest))).await;
        let mut moved = listed.clone();
        moved[at].0 += 1;
        refused(sim, from, "moved", &|path| (path == LIST).then(|| list(&moved))).await;
        let mut other = listed.clone();
        other[at].1 = protocol::Digest([9; 32]);
        refused(sim, from, "another", &|path| (path == LIST).then(|| list(&other))).await;
    }
    refused(sim, from, "hashes", &|path| {
        path.contains("/tile/0/").then(|| vec![7; 32 * 256])
    })
    .await;
    refused(sim, from, "no hashes", &|path| path.contains("/tile/0/").then(Vec::new)).await;
}

/// Her client refuses a log of which the service says something else.
async fn refused(sim: &Sim, from: u64, what: &str, says: &dyn Fn(&str) -> Option<Vec<u8>>) {
    let altered = |path: &str, body: Vec<u8>| says(path).unwrap_or(body);
    let outcome = sim.look_through(root(), Some(from), &altered).await;
    let Err(failure) = outcome else {
        panic!("{what}: shown all the same")
    };
    assert_eq!(failure.code, Local::LogNotVerifiable, "{what}: {failure:?}");
}

/// What she sent and waits for, whatever it is.
fn waits(view: &DeclarantView) -> Vec<Sent> {
    let filed = view.filings.iter().flat_map(|filing| &filing.sent);
    view.asked.iter().chain(filed).cloned().collect()
}

/// Her acts and a question without a filing: not sent, it goes out with the next reading; not seen in 48 hours, once more, in a
/// cell of its own; and no more once she sees what she waits for.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_she_sent_goes_out_again_by_itself_until_she_sees_what_she_waits_for() {
    let sim = Sim::begin(3_600).await;
    let (asks, files) = (PhraseRoot::from_bytes([0x32; 32]), root());
    let hers = sim.files(&files).await;
    sim.days(1).await;
    sim.acknowledge(&hers).await;
    sim.days(2).await;
    let case = files.case(0).id;
    for (root, is_question) in [(asks.copy(), true), (files, false)] {
        let mut she = sim.returning(root);
        she.does(Line::Whole, async |her| her.refresh().await).await.0.unwrap();
        let says = async |her: &mut client::Declarant| match is_question {
            true => her.ask("Where is help?").await,
            false => her.alive(&case).await,
        };
        let (outcome, posted) = she.does(Line::Cut, says).await;
        assert_eq!((outcome.unwrap_err().code, posted), (Local::Unreachable.into(), 1));
        assert_eq!(waits(&she.view())[0].state, SentState::Unsent);
        // The service has it, and she does not know that: it is sent once more, the same statement.
        let first = waits(&she.view())[0].statement;
        let (_, posted) = she.does(Line::AnswerLost, async |her| her.refresh().await).await;
        assert_eq!((posted, waits(&she.view())[0].state), (1, SentState::Unsent));
        let (_, posted) = she.does(Line::Whole, async |her| her.refresh().await).await;
        let sent = waits(&she.view());
        assert_eq!((posted, sent.len(), sent[0].state), (1, 1, SentState::Sent));
        assert_eq!(sent[0].statement, first);
        // Who asks the same once more while it waits has asked once.
        let (outcome, posted) = she.does(Line::Whole, says).await;
        assert_eq!((outcome.unwrap().statement, posted), (first, 0));
        sim.days(2).await;
        let (_, posted) = she.does(Line::Whole, async |her| her.refresh().await).await;
        assert_eq!(posted, 0, "48 hours are not over");
        sim.step().await;
        let (_, posted) = she.does(Line::Whole, async |her| her.refresh().await).await;
        let sent = waits(&she.view());
        assert_eq!(
            (posted, sent[0].state, sent[0].statement),
            (1, SentState::Overdue, first)
        );
        if is_question {
            sim.answers(2, &asks, "At the office.").await;
            sim.days(2).await;
            let (_, posted) = she.does(Line::Whole, async |her| her.refresh().await).await;
            let view = she.view();
            assert_eq!((posted, view.messages[0].text.as_str()), (0, "At the office."));
            assert_eq!(waits(&view), []);
        }
    }
}

/// She has written the new words down: what one filing meets keeps no other from being moved to them.
#[tokio::test(flavor = "multi_thread")]
async fn every_filing_is_moved_to_new_words_though_the_line_breaks() {
    let sim = Sim::begin(3_600).await;
    for c in [0, 1] {
        let hers = sim.files_as(&root(), c).await;
        sim.days(1).await;
        sim.acknowledge(&hers).await;
    }
    sim.days(2).await;
    let mut she = sim.returning(root());
    she.does(Line::Whole, async |her| her.refresh().await).await.0.unwrap();
    let to = PhraseRoot::from_bytes([0x33; 32]).case(0);
    let (moved, posted) = she
        .does(Line::AnswerLost, async |her| Ok(her.move_all(&to).await))
        .await;
    let (sent, failed) = moved.unwrap();
    assert_eq!((sent, failed.unwrap().code), (vec![], Local::Unreachable.into()));
    assert_eq!(posted, 2);
    let (_, posted) = she.does(Line::Whole, async |her| her.refresh().await).await;
    assert_eq!(posted, 2, "both go out again");
    let cases = waits(&she.view()).iter().map(|sent| sent.case).collect::<Vec<_>>();
    assert_eq!(cases, [0, 1].map(|c| root().case(c).id));
}

/// What she filed and the seats wrote for the former depth, after a deeper one was in force: their clients had not read so far.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_for_the_former_depth_is_found_by_a_look_from_after_the_change() {
    let mut sim = Sim::begin(3_600).await;
    sim.days(2).await;
    sim.state_depth(2).await;
    sim.days(4).await;
    let from = sim.now();
    sim.days(1).await;
    sim.as_at_depth(0);
    let hers = sim.files(&root()).await;
    sim.days(1).await;
    sim.acknowledge(&hers).await;
    sim.days(2).await;
    for since in [None, Some(from)] {
        let visit = sim.look(root(), since).await;
        let parts = visit.view.filings[0].parts.as_ref().unwrap();
        assert_eq!(parts.hold.len(), 5, "{since:?}");
        assert!(
            ["/drop/0/-", "/drop/2/"]
                .iter()
                .all(|depth| visit.calls.iter().any(|path| path.contains(depth)))
        );
    }
}

/// A bought seat puts the record of its act where she does not look: to her, as to all who follow her case, the act is a gap.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_seat_puts_into_another_bucket_is_a_gap_and_counts_for_nobody() {
    let mut sim = Sim::begin(3_600).await;
    sim.days(1).await;
    sim.state_depth(1).await;
    sim.days(1).await;
    let hers = sim.files(&root()).await;
    sim.days(1).await;
    let own = BucketName::of(&bucket_hash(&hers.keys.inbox.recipient()), 1);
    let other = BucketName::all(1).find(|bucket| *bucket != own).unwrap();
    for number in 1..=4 {
        sim.acknowledged(&hers, number, own).await;
    }
    sim.acknowledged(&hers, 5, other).await;
    sim.days(2).await;
    let view = sim.look(root(), None).await.view;
    let filing = &view.filings[0];
    assert_eq!(filing.parts.as_ref().unwrap().hold.len(), 4);
    let acts = serde_json::to_value(filing).unwrap()["acts"].clone();
    let gaps = acts.as_array().unwrap().iter().filter(|act| act["statement"].is_null());
    assert_eq!(gaps.count(), 1, "{acts}");
}
