//! A testimony that she withdrew is destroyed (§9.6): by seats at their desks and the real service, 30 days later by all
//! clocks, and whatever is cut off on the way.

use crate::service_support as support;
use crate::stage::{Operator, Stage, asking};

use casework::view::{Task, seat_queue};
use client::{Checked, RoutineStep};
use protocol::statement::Holds;
use protocol::{CaseId, Month};
use resguardo::desk::Seat;
use sealing::Choices;
use support::x;

const DAYS_30_S: u64 = 30 * 86_400;
const MESSAGE: &str = "We have your testimony. Write whenever you want.";

/// Seats 1 to 4 acknowledge, seat 5 keeps its share only, the reader is told; a seat writes to her, and she withdraws.
fn filed_and_withdrawn() -> Stage {
    let stage = Stage::filed(0, Choices::default());
    let id = stage.id();
    for number in 1..=5 {
        let mut desk = stage.seat(number);
        let kept = desk.run(async |seat| {
            seat.read_deliveries().await?;
            let holds = seat.deliveries().any(|(_, checked)| *checked == Checked::Holds(id));
            if number < 5 {
                let ack = seat.ack(&id, Holds::Share)?;
                seat.file(&ack).await?;
            }
            Ok(holds)
        });
        assert!(kept.unwrap(), "{number}");
        drop(desk);
        assert!(
            stage.kept(&stage.folder(number)).is_some(),
            "what is looked for is there"
        );
        stage.step(2);
    }
    let mut desk = stage.seat(3);
    let told = desk.run(async |seat| {
        let referral = seat.refer(&id, x(6))?;
        seat.file(&referral).await?;
        seat.write(&id, MESSAGE, false, false).await
    });
    let told = told.unwrap();
    drop(desk);
    stage.publish();

    assert!(stage.reader().office().referred().contains_key(&id));
    let mut hers = stage.hers();
    let filing = hers.view().filings.remove(0);
    let [message] = &filing.messages[..] else {
        panic!("{:?}", filing.messages);
    };
    assert_eq!((message.text.as_str(), message.statement), (MESSAGE, told));
    assert_eq!(
        serde_json::to_value(&message.from).unwrap()["institution"],
        "Institution 3",
        "the institution, by its key in the council"
    );
    hers.run(async |declarant| declarant.withdraw(&id, true).await).unwrap();
    stage.publish();
    let mut desk = stage.seat(4);
    let taken = desk.run(async |seat| {
        seat.read_cells().await?;
        seat.take_office().await
    });
    assert_eq!(taken.unwrap()[0].name, "withdraw");
    drop(desk);
    stage.step(3);
    stage
}

#[test]
fn thirty_days_after_she_withdrew_it_is_destroyed_whatever_is_cut_off() {
    let stage = filed_and_withdrawn();
    let id = stage.id();
    assert_eq!(stage.erase(5).unwrap_err().code.name(), "too-early");
    assert!(stage.kept(&stage.folder(5)).is_some(), "nothing is destroyed before");
    stage.world.pass(DAYS_30_S);
    stage.step(1);

    // One that never acknowledged erases while the service still has its share file, and the delivery is listed.
    assert!(stage.erase(5).unwrap().is_some());
    stage.holds_nothing(5);
    assert!(stage.files.iter().all(|digest| stage.blob(digest).0 == 200));
    cut_before_it_asks_the_service(&stage);
    cut_while_it_removes(&stage, 1);
    gone_at_the_service(&stage);
    for number in [1, 2, 5] {
        stage.holds_nothing(number);
    }
    final_for_everybody(&stage, &id);
}

/// The other seats count the case still: who counted it no more would contradict them in its own report (§10.2).
#[test]
fn what_a_destroyed_case_adds_to_the_duty_report_stays() {
    let stage = filed_and_withdrawn();
    stage.world.pass(31 * 86_400);
    stage.step(1);
    let month = Month::of(stage.world.now()).previous().unwrap();
    let counted = || stage.seat(1).office().duty(Some(month)).unwrap().rows;
    let before = counted();
    let is_empty = before.iter().all(|row| row.counts.values().all(|count| *count == 0));
    assert!(!is_empty, "{before:?}");
    assert!(stage.erase(1).unwrap().is_some());
    stage.holds_nothing(1);
    assert_eq!(counted(), before);
}

/// Cut off after it said so: nothing is removed; done again, before or after the statement is in the log, it ends the same.
fn cut_before_it_asks_the_service(stage: &Stage) {
    let before = std::fs::read(stage.folder(1).join(format!("cases/{}/share.age", stage.id()))).unwrap();
    let kept = stage.desks.path().join("kept");
    std::fs::write(&kept, before).unwrap();
    stage.operator(Operator::DeletesNothing);
    for number in [1, 2] {
        stage.erase(number).unwrap_err();
        assert!(stage.kept(&stage.folder(number)).is_some(), "{number}");
    }
    stage.operator(Operator::Honest);
    let again = stage.erase(1).unwrap();
    assert!(again.is_some(), "the promise that it has");
    stage.step(3);
    // The queue says that something is left, though the log has it.
    let desk = stage.seat(2);
    let (moment, _) = desk.member().log().moment_of_any_age().unwrap();
    let held = desk.member().case(&stage.id()).unwrap();
    let tasks = seat_queue(
        &held.case,
        &desk.office().as_key(),
        &moment,
        desk.member().log().registry(),
    );
    assert!(matches!(tasks[..], [Task::Erase { .. }]), "{tasks:?}");
    let by: Vec<u16> = held.case.erasure().erased.iter().map(|erased| erased.x.get()).collect();
    assert_eq!(by.len(), 3, "each once: {by:?}");
    drop(desk);
    // The routine finishes what this seat has said, and destroys nothing of one that has said nothing.
    let mut other = stage.seat(3);
    assert_eq!(routine(&mut other), []);
    drop(other);
    assert!(stage.kept(&stage.folder(3)).is_some());
    assert_eq!(routine(&mut stage.seat(2)), [RoutineStep::Destroy { case: stage.id() }]);
}

/// Does a seat's routine; gives what it did.
fn routine(desk: &mut Seat) -> Vec<RoutineStep> {
    let performed = desk.run(async |seat| {
        let steps = seat.routine()?;
        seat.perform(&steps, |_| Holds::Share).await
    });
    let done = performed.unwrap().into_iter().map(|performed| {
        assert_eq!(performed.outcome, Ok(None), "nothing more is filed");
        performed.step
    });
    done.collect()
}

/// A part of the folder was left by a crash: the next start removes it.
fn cut_while_it_removes(stage: &Stage, number: u8) {
    let case = stage.folder(number).join("cases").join(stage.id().to_hex());
    std::fs::create_dir_all(&case).unwrap();
    std::fs::rename(stage.desks.path().join("kept"), case.join("share.age")).unwrap();
    assert!(stage.kept(&stage.folder(number)).is_some());
    stage.holds_nothing(number);
}

/// Three have asked: the bytes are gone from the service, and its store is sound.
fn gone_at_the_service(stage: &Stage) {
    for digest in &stage.files {
        assert_eq!(stage.blob(digest).0, 404, "{digest}");
    }
    stage.runtime.block_on(stage.world.service.forget()).unwrap();
    stage.step(1);
    assert_eq!(stage.kept(stage.world.folder.path()), None);
    let copy = tempfile::tempdir().unwrap();
    let copy = copy.path().join("store");
    stage.world.service.ledger().backup(copy.to_str().unwrap()).unwrap();
    let report = ledger::sqlite::fsck::fsck(&copy).unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(report.given_up, stage.files.len() as u64, "gone by right");
}

/// Nobody can ask for it or take it back; who did not erase still can.
fn final_for_everybody(stage: &Stage, id: &CaseId) {
    let mut reader = stage.reader();
    let asking = asking();
    reader
        .run(async |reader| {
            let question = reader.request(id, asking)?;
            reader.ask(&question).await
        })
        .unwrap();
    let mut desk = stage.seat(3);
    assert!(desk.member().case(id).unwrap().case.erasure().is_final());
    desk.run(async |seat| seat.read_cells().await).unwrap();
    assert_eq!(desk.office().to_take(), [], "the request is refused");
    drop(desk);
    stage.publish();
    let mut hers = stage.hers();
    let filing = hers.view().filings.remove(0);
    assert!(filing.is_erased && filing.requests.is_empty(), "{filing:?}");
    let back = hers.run(async |declarant| declarant.withdraw(id, false).await);
    assert_eq!(back.unwrap_err().code.name(), "erased");
    assert!(stage.erase(4).unwrap().is_some());
    stage.step(2);
    stage.holds_nothing(4);
}
