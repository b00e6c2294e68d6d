//! The pages of single acts, their table and feed, from one record.

use casework::CouncilRole;
use casework::docket::{DocketFault, Stage};
use pages::actos::{
    ActCount, ActRecord, ActView, Acto, Actos, DayPlot, DaysOf, DaysRow, DocketStatus, DocketView, InstitutionActs,
    OwedAct, StepView,
};
use pages::deberes::MemberName;
use pages::{Assets, Audience, Frame, Language};
use protocol::statement::{DocketId, TwinAct, TwinOutcome};
use protocol::week::Week;
use protocol::{Digest, MemberNumber};

const DAY: u64 = 86_400;
/// 2026-11-16, a Monday, 00:00:00 UTC.
const MONDAY: u64 = 1_794_787_200;
const LATE: DocketId = DocketId([0xaa; 16]);
const DONE: DocketId = DocketId([0xbb; 16]);

fn member(x: u16, office: CouncilRole) -> MemberName {
    MemberName {
        x: MemberNumber::new(x).expect("a number"),
        institution: format!("=Fiscalía \"<{x}>\""),
        office,
    }
}

fn docket(id: DocketId, status: DocketStatus, faults: Vec<DocketFault>) -> DocketView {
    let is_late = status == DocketStatus::Overdue;
    DocketView {
        docket: id,
        member: Some(member(6, CouncilRole::Reader)),
        urgent: false,
        week: Week::of(MONDAY),
        status,
        was_late: is_late,
        need: 3,
        steps: vec![StepView {
            stage: Stage::Grants,
            by: MONDAY + 15 * DAY - 1,
            done: (!is_late).then(|| Week::of(MONDAY + DAY)),
            days: 1,
            is_late,
        }],
        acts: vec![ActView {
            member: member(6, CouncilRole::Reader),
            act: TwinAct::Request,
            outcome: None,
            week: Week::of(MONDAY),
            n: 0,
            digest: Digest([0xcc; 32]),
            entry: 77,
            published_at: MONDAY + 21 * DAY,
        }],
        faults,
    }
}

fn record() -> ActRecord {
    let plot = DayPlot {
        each: vec![(0, false), (1, false), (1, false), (3, false), (15, true)],
        median: 1,
        late: 1,
    };
    let row = |x, days| DaysRow {
        member: member(x, CouncilRole::Seat),
        days,
    };
    let did = |x, acts, owed| InstitutionActs {
        member: member(x, CouncilRole::Seat),
        acts,
        owed,
    };
    let granted = ActCount {
        act: TwinAct::Decision,
        outcome: Some(TwinOutcome::Granted),
        number: 12,
    };
    let two = DocketFault::TwoTwins {
        docket: DONE,
        x: MemberNumber::new(6).expect("a number"),
        n: 0,
        twins: [Digest([1; 32]), Digest([2; 32])],
    };
    ActRecord {
        origin: "demo.example/log".to_owned(),
        as_of: MONDAY + 40 * DAY,
        open_since: Some(MONDAY),
        owed: vec![OwedAct {
            docket: LATE,
            stage: Stage::Grants,
            owe: vec![member(2, CouncilRole::Seat), member(5, CouncilRole::Seat)],
            perhaps: vec![],
            by: MONDAY + 15 * DAY - 1,
            days_late: 25,
        }],
        institutions: vec![did(1, Some(vec![granted]), 0), did(2, None, 1)],
        days: vec![DaysOf {
            stage: Stage::Grants,
            scale: 15,
            institutions: vec![row(1, Some(plot)), row(2, None)],
        }],
        dockets: vec![
            docket(LATE, DocketStatus::Overdue, vec![]),
            docket(DONE, DocketStatus::Reported, vec![two]),
        ],
        withheld: 3,
    }
}

fn assets() -> Assets {
    Assets {
        folder: "/assets/".to_owned(),
        has_declare: true,
        has_declare_plain: true,
        has_draft: true,
        has_desk: true,
        has_return: true,
    }
}

fn page(record: &ActRecord, language: Language) -> String {
    let assets = assets();
    let frame = Frame::new(language, "registro/actos", Audience::Public, &assets, false);
    pages::html(&Actos { frame, record })
}

#[test]
fn who_owes_what_since_when_comes_first_with_a_link_that_stays() {
    for (language, few) in [
        (Language::Spanish, "menos de cinco"),
        (Language::English, "fewer than five"),
    ] {
        let shown = page(&record(), language);
        let owed = shown.split("acts-institutions-h").next().expect("a part");
        let link = format!("/{}/registro/acto/{LATE}", language.tag());
        assert!(owed.contains(&link), "{owed}");
        assert!(owed.contains("2026-11-30") && owed.contains(">25<"), "{owed}");
        assert!(owed.contains("2 · =Fiscalía &#34;&#60;2&#62;&#34;; 5 · "), "{owed}");
        assert!(!shown.contains("<2>"));
        assert!(
            shown.matches(few).count() >= 2,
            "counts and days of few acts are withheld: {shown}"
        );
        assert!(
            !shown.contains(">acts-") && !shown.contains(">docket-"),
            "every word is there: {shown}"
        );
        assert!(!shown.contains("<script"));
    }
}

#[test]
fn a_plot_is_said_in_words_and_its_late_marks_are_another_shape() {
    let shown = page(&record(), Language::English);
    assert_eq!(shown.matches("<svg").count(), 1, "{shown}");
    assert!(
        shown.contains("role=\"img\" aria-label=\"5 times, from 0 to 15 days, median 1; 1 late\""),
        "{shown}"
    );
    assert_eq!(shown.matches("<circle").count(), 4);
    assert_eq!(shown.matches("<path class=\"late\"").count(), 1);
    // Two on one day stand above each other.
    assert!(
        shown.contains("cx=\"21\" cy=\"30\"") && shown.contains("cx=\"21\" cy=\"23\""),
        "{shown}"
    );
    assert!(!shown.contains("style="), "the policy of the page takes no style");
}

#[test]
fn nothing_is_overdue_is_said_and_so_is_a_docket_that_is_closed() {
    let empty = ActRecord {
        open_since: None,
        owed: vec![],
        institutions: vec![],
        days: vec![],
        dockets: vec![],
        withheld: 0,
        ..record()
    };
    let shown = page(&empty, Language::Spanish);
    assert!(shown.contains("todavía no abre") && shown.contains("Ningún acto publicado está vencido"));
    assert!(!shown.contains("no está en la lista") && !shown.contains("<svg"));
}

#[test]
fn a_page_of_one_request_says_who_owes_it_and_what_each_hash_is() {
    let all = record();
    let of_one = ActRecord {
        dockets: vec![all.dockets[0].clone()],
        ..all
    };
    let assets = assets();
    let slug = format!("registro/acto/{LATE}");
    let frame = Frame::new(Language::Spanish, &slug, Audience::Public, &assets, false);
    let shown = pages::html(&Acto {
        frame,
        record: &of_one,
        docket: &of_one.dockets[0],
    });
    assert!(shown.contains("vencida") && shown.contains("hace 25 días"), "{shown}");
    assert!(shown.contains("2 · =Fiscalía"));
    assert!(shown.contains("/log/proof/77") && shown.contains(&Digest([0xcc; 32]).to_hex()));
    assert!(shown.contains("La huella nombra la declaración firmada") && shown.contains("Un número al azar"));
    assert!(!shown.contains(">acts-") && !shown.contains(">docket-"), "{shown}");
}

#[test]
fn a_table_has_one_line_for_each_request_with_who_owes_it() {
    let csv = record().csv();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 4);
    let name = "\"'=Fiscalía \"\"<6>\"\"\"";
    assert_eq!(
        lines[1],
        format!(
            "{LATE},6,{name},false,2026-W47,overdue,grants,2026-12-01,25,2 5,\"'=Fiscalía \"\"<2>\"\"; =Fiscalía \
             \"\"<5>\"\"\",,,,,"
        )
    );
    assert_eq!(lines[2], format!("{DONE},6,{name},false,2026-W47,reported,,,,,,,1,,,"));
    let columns = lines[0].split(',').count();
    assert!(lines[1..3].iter().all(|line| line.split(',').count() == columns));
}

#[test]
fn a_feed_names_what_came_to_be_overdue_and_what_contradicts_itself_with_links() {
    let feed = String::from_utf8(record().atom(Language::English)).expect("text");
    assert_eq!(feed.matches("<entry>").count(), 2, "{feed}");
    assert!(
        feed.contains(&format!("<link href=\"/en/registro/acto/{LATE}\"/>")),
        "{feed}"
    );
    assert!(feed.contains("overdue since 2026-11-30") && feed.contains("signed two acts with one number"));
    // What is answered later keeps its name in the feed.
    let mut answered = record();
    answered.dockets[0].steps[0].done = Some(Week::of(MONDAY + 30 * DAY));
    answered.dockets[0].status = DocketStatus::Lapsed;
    let later = String::from_utf8(answered.atom(Language::English)).expect("text");
    let ids = |feed: &str| -> Vec<String> { feed.split("<id>").skip(2).map(|part| part[..60].to_owned()).collect() };
    assert!(ids(&feed).iter().all(|id| ids(&later).contains(id)), "{later}");
    assert_eq!(ids(&later).len(), 3);
}
