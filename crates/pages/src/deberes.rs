//! `/{l}/registro/deberes`: what institutions did and owe, from their duty reports (§10.2), for a journalist before an
//! engineer: first what is owed, by whom and since when, then month by month. The same as JSON, CSV and Atom.

use askama::Template;
use casework::duty::{self, Debt, Duties, DutyFinding};
use casework::registry::CouncilRecord;
use casework::{CouncilRole, Registry};
use protocol::statement::{Count, PublicCount};
use protocol::{Digest, MemberNumber, Month};
use serde::Serialize;

use crate::atom::{self, FeedEntry};
use crate::registro::When;
use crate::sheet::quoted;
use crate::{Frame, Language, Strings};

/// Months on the page; the files have all.
const MONTHS_MAX: usize = 24;

/// `web/pages/deberes.html`.
#[derive(Template)]
#[template(path = "pages/deberes.html")]
pub struct Deberes<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// What it shows.
    pub record: &'a DutyRecord,
}

/// What the duty reports of a log say, the same in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DutyRecord {
    /// The log's name.
    pub origin: String,
    /// Time of the checkpoint that it goes by, POSIX seconds.
    pub as_of: u64,
    /// What is owed, what has been owed longest first.
    pub owed: Vec<OwedView>,
    /// What stands out in the reports, the newest month first.
    pub findings: Vec<FindingView>,
    /// The months that are over, the newest first.
    pub months: Vec<MonthView>,
}

/// A member: an institution, never a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberName {
    /// Its number.
    pub x: MemberNumber,
    /// Its name.
    pub institution: String,
    /// What it is in the council.
    pub office: CouncilRole,
}

/// Something that a member owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwedView {
    /// Who.
    #[serde(flatten)]
    pub member: MemberName,
    /// What is counted; null for the report itself.
    pub count: Option<Count>,
    /// The largest number that anybody says.
    pub number: Option<PublicCount>,
    /// The first of the months on end that show it.
    pub since: Month,
}

/// Something that stands out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingView {
    /// The seat's institution.
    pub institution: String,
    /// From when it shows, POSIX seconds.
    pub shown_at: u64,
    /// What.
    #[serde(flatten)]
    pub finding: DutyFinding,
}

/// A month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthView {
    /// Which.
    pub month: Month,
    /// From when reports on it are late, POSIX seconds.
    pub due: u64,
    /// Every seat and reader at its end.
    pub members: Vec<MemberMonth>,
}

/// A member in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberMonth {
    /// Who.
    #[serde(flatten)]
    pub member: MemberName,
    /// Its report.
    pub report: Option<ReportView>,
    /// Its report is owed and not there, and the time for it has passed.
    pub is_missing: bool,
    /// What is counted of it.
    pub counts: Vec<CountView>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportView {
    /// D of the statement.
    pub digest: Digest,
    /// When it came into the log, POSIX seconds.
    pub included_at: u64,
    /// Whether that was late.
    pub is_late: bool,
}

/// A count of a member in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountView {
    /// Of what.
    pub count: Count,
    /// What the member says itself.
    pub says: Option<PublicCount>,
    /// The most that another saw.
    pub saw: Option<PublicCount>,
}

impl CountView {
    /// The largest number that anybody says.
    fn worst(&self) -> Option<PublicCount> {
        self.says.max(self.saw)
    }
}

impl DutyRecord {
    /// From the public statements, at a checkpoint time.
    #[must_use]
    pub fn new(registry: &Registry, duties: &Duties, at: u64) -> Self {
        let begins = duty::months_due(registry, u64::MAX).next();
        let last = Month::of(at).previous();
        let months = begins.zip(last).into_iter().flat_map(|(begins, last)| begins.to(last));
        let months: Vec<Month> = months.rev().collect();
        let owed = duties.owed(registry, at).into_iter().filter_map(|owed| {
            let (count, number) = match owed.debt {
                Debt::Report => (None, None),
                Debt::Counted(count, number) => (Some(count), Some(number)),
            };
            let council = registry
                .councils()
                .iter()
                .rev()
                .find(|it| it.member(owed.x).is_some())?;
            Some(OwedView {
                member: named(council, owed.x)?,
                count,
                number,
                since: owed.since,
            })
        });
        let findings = months.iter().flat_map(|month| duties.findings(registry, *month, at));
        let finding = |finding: DutyFinding| {
            let (month, x) = finding.about();
            let member = duty::council_of(registry, month).and_then(|council| named(council, x));
            FindingView {
                institution: member.map_or_else(String::new, |member| member.institution),
                shown_at: shown_at(duties, &finding),
                finding,
            }
        };
        Self {
            origin: registry.origin().as_str().to_owned(),
            as_of: at,
            owed: owed.collect(),
            findings: findings.map(finding).collect(),
            months: months
                .iter()
                .filter_map(|month| month_view(registry, duties, *month, at))
                .collect(),
        }
    }

    /// As a table for programs that calculate: one line for each count of each member and month. A range is two numbers, for
    /// such programs take `1-4` for a date.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = "month,x,institution,office,report,count,says_at_least,says_at_most,others_saw_at_least,\
                        others_saw_at_most\r\n"
            .to_owned();
        for month in &self.months {
            for member in &month.members {
                let report = match &member.report {
                    Some(report) if report.is_late => "late",
                    Some(_) => "filed",
                    None if member.is_missing => "missing",
                    None => "",
                };
                let office = match member.member.office {
                    CouncilRole::Seat => "seat",
                    CouncilRole::Reader => "reader",
                };
                for count in &member.counts {
                    let (says, saw) = (range(count.says), range(count.saw));
                    text += &format!(
                        "{},{},{},{office},{report},{},{says},{saw}\r\n",
                        month.month,
                        member.member.x,
                        quoted(&member.member.institution),
                        count.count.name(),
                    );
                }
            }
        }
        text
    }

    /// As a feed: what stands out, the newest first.
    #[must_use]
    pub fn atom(&self, language: Language) -> Vec<u8> {
        let words = Strings::of(language);
        let mut entries: Vec<FeedEntry> = self
            .findings
            .iter()
            .map(|finding| FeedEntry {
                at: finding.shown_at,
                title: finding.text(words),
                link: None,
            })
            .collect();
        entries.sort_by_key(|entry| entry.at);
        let title = words.with("log", self.origin.as_str()).get("duty-feed");
        let updated = entries.last().map_or(0, |entry| entry.at);
        atom::feed(&self.origin, "duty", &title, updated, &entries).unwrap_or_default()
    }
}

impl Deberes<'_> {
    fn as_of(&self) -> When {
        When::of(self.record.as_of)
    }

    fn months(&self) -> &[MonthView] {
        let months = &self.record.months;
        months.get(..MONTHS_MAX).unwrap_or(months)
    }
}

impl OwedView {
    /// Its permanent name on the page.
    fn id(&self) -> String {
        let count = self.count.map_or("report", Count::name);
        format!("owed-{}-{count}-{}", self.member.x, self.since)
    }

    fn number(&self) -> Option<String> {
        self.number.map(shown)
    }

    fn word(&self) -> &'static str {
        self.count.map_or("duty-report", word)
    }
}

impl FindingView {
    fn text(&self, words: &Strings) -> String {
        let (month, x) = self.finding.about();
        let about = words
            .with("x", x.get())
            .with("who", self.institution.as_str())
            .with("month", month.to_string());
        match &self.finding {
            DutyFinding::Missing { .. } => about.get("duty-missing"),
            DutyFinding::Late { included_at, .. } => about.with("time", When::of(*included_at).human).get("duty-late"),
            DutyFinding::Contradiction {
                count, says, by, saw, ..
            } => about
                .with("what", words.get(word(*count)))
                .with("says", shown(*says))
                .with("by", by.get())
                .with("saw", shown(*saw))
                .get("duty-contradiction"),
        }
    }
}

impl MonthView {
    fn due(&self) -> When {
        When::of(self.due)
    }
}

impl MemberMonth {
    fn is_seat(&self) -> bool {
        self.member.office == CouncilRole::Seat
    }

    /// The number of something done.
    fn done(&self, count: Count) -> String {
        let counted = self.counts.iter().find(|counted| counted.count == count);
        let worst = counted.and_then(CountView::worst);
        worst.map_or_else(|| "·".to_owned(), shown)
    }

    fn acknowledged(&self) -> String {
        self.done(Count::Acknowledged)
    }

    fn decided(&self) -> String {
        self.done(Count::Decided)
    }

    /// What it owed: word, number, and whether it says less itself than another saw.
    fn debts(&self) -> Vec<(&'static str, String, bool)> {
        let debts = self.counts.iter().filter(|counted| counted.count.is_debt());
        let debts = debts.filter_map(|counted| {
            let worst = counted.worst().filter(|worst| *worst > PublicCount::None)?;
            let is_denied = counted.says.is_some_and(|says| says < worst);
            Some((word(counted.count), shown(worst), is_denied))
        });
        debts.collect()
    }
}

impl ReportView {
    fn time(&self) -> When {
        When::of(self.included_at)
    }
}

/// A number as people read it: `1–4`.
fn shown(bucket: PublicCount) -> String {
    bucket.name().replace('-', "–")
}

/// The id of the words for what is counted.
fn word(count: Count) -> &'static str {
    match count {
        Count::Acknowledged => "duty-acknowledged",
        Count::AcksLate => "duty-acks-late",
        Count::Decided => "duty-decided",
        Count::DecisionsOverdue => "duty-decisions-overdue",
        Count::DangerOverdue => "duty-danger-overdue",
        Count::ErasedOverdue => "duty-erased-overdue",
        Count::MessagesLate => "duty-messages-late",
        Count::ObjectsMissing => "duty-objects-missing",
        Count::Gaps => "duty-gaps",
        Count::FindingsOverdue => "duty-findings-overdue",
    }
}

pub(crate) fn named(council: &CouncilRecord, x: MemberNumber) -> Option<MemberName> {
    let member = council.member(x)?;
    Some(MemberName {
        x,
        institution: member.institution.clone(),
        office: if council.seat(x).is_some() {
            CouncilRole::Seat
        } else {
            CouncilRole::Reader
        },
    })
}

/// When it could first be seen: the time that it was due, or that of the later of two reports.
fn shown_at(duties: &Duties, finding: &DutyFinding) -> u64 {
    let included = |month, x| duties.report(month, x).map_or(0, |report| report.included_at);
    match finding {
        DutyFinding::Missing { month, .. } => duty::due(*month),
        DutyFinding::Late { included_at, .. } => *included_at,
        DutyFinding::Contradiction { month, x, by, .. } => included(*month, *x).max(included(*month, *by)),
    }
}

fn month_view(registry: &Registry, duties: &Duties, month: Month, at: u64) -> Option<MonthView> {
    let council = duty::council_of(registry, month)?;
    let expected = duty::expected(registry, month);
    let members = duty::members(council).into_iter().filter_map(|(x, counts)| {
        let report = duties.report(month, x);
        let others = || duties.on(month).filter(|other| other.duty.x != x);
        let count = |count: &Count| CountView {
            count: *count,
            says: report.and_then(|own| own.duty.row(x)?.counts.get(count).copied()),
            saw: others()
                .filter_map(|other| other.duty.row(x)?.counts.get(count).copied())
                .max(),
        };
        Some(MemberMonth {
            member: named(council, x)?,
            is_missing: report.is_none() && expected.contains(&x) && at >= duty::due(month),
            report: report.map(|report| ReportView {
                digest: report.digest,
                included_at: report.included_at,
                is_late: report.is_late(),
            }),
            counts: counts.iter().map(count).collect(),
        })
    });
    Some(MonthView {
        month,
        due: duty::due(month),
        members: members.collect(),
    })
}

/// Two fields: at least, at most.
fn range(bucket: Option<PublicCount>) -> String {
    let (least, most) = bucket.map_or((None, None), |bucket| {
        let (least, most) = bucket.range();
        (Some(least), most)
    });
    let field = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
    format!("{},{}", field(least), field(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Audience;
    use crate::assets::Assets;

    fn record() -> DutyRecord {
        let month = Month::parse("2026-10").expect("a month");
        let x = MemberNumber::new(3).expect("a number");
        let member = MemberName {
            x,
            institution: "=Defensoría \"<3>\"".to_owned(),
            office: CouncilRole::Seat,
        };
        let counted = |count, says, saw| CountView { count, says, saw };
        let finding = |finding, shown_at| FindingView {
            institution: member.institution.clone(),
            shown_at,
            finding,
        };
        DutyRecord {
            origin: "demo.example/log".to_owned(),
            as_of: duty::due(month),
            owed: vec![OwedView {
                member: member.clone(),
                count: Some(Count::AcksLate),
                number: Some(PublicCount::Few),
                since: month.previous().expect("a month"),
            }],
            findings: vec![
                finding(
                    DutyFinding::Contradiction {
                        month,
                        x,
                        count: Count::AcksLate,
                        says: PublicCount::None,
                        by: MemberNumber::new(1).expect("a number"),
                        saw: PublicCount::Few,
                    },
                    duty::due(month) - 7,
                ),
                finding(DutyFinding::Missing { month, x }, duty::due(month)),
            ],
            months: vec![MonthView {
                month,
                due: duty::due(month),
                members: vec![MemberMonth {
                    member,
                    report: None,
                    is_missing: true,
                    counts: vec![
                        counted(Count::AcksLate, Some(PublicCount::None), Some(PublicCount::Few)),
                        counted(Count::Acknowledged, Some(PublicCount::Hundred), None),
                    ],
                }],
            }],
        }
    }

    #[test]
    fn what_is_owed_is_shown_with_a_link_of_its_own_and_who_denies_it() {
        let assets = Assets::whole();
        let record = record();
        for (language, denied) in [(Language::Spanish, "dice menos"), (Language::English, "says less")] {
            let frame = Frame::new(language, "registro/deberes", Audience::Public, &assets, false);
            let shown = Deberes { frame, record: &record }.render().expect("a page");
            assert!(shown.contains("id=\"owed-3-acks_late-2026-09\""), "{shown}");
            assert!(shown.contains("href=\"#owed-3-acks_late-2026-09\""));
            assert!(shown.contains("=Defensoría &#34;&#60;3&#62;&#34;") && !shown.contains("<3>"));
            assert!(
                shown.contains("1–4") && shown.contains("100+") && shown.contains(denied),
                "{shown}"
            );
            assert!(!shown.contains(">duty-"), "every word is there: {shown}");
        }
    }

    #[test]
    fn a_table_is_read_by_programs_as_it_is_meant() {
        let csv = record().csv();
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(
            lines[1..],
            [
                "2026-10,3,\"'=Defensoría \"\"<3>\"\"\",seat,missing,acks_late,0,0,1,4",
                "2026-10,3,\"'=Defensoría \"\"<3>\"\"\",seat,missing,acknowledged,100,,,",
                ""
            ]
        );
        let columns = lines[0].split(',').count();
        assert_eq!(lines[2].split(',').count(), columns);
    }

    #[test]
    fn a_feed_names_what_stands_out_newest_first() {
        let feed = String::from_utf8(record().atom(Language::English)).expect("text");
        let titles: Vec<&str> = feed.split("<title>").skip(2).collect();
        assert_eq!(titles.len(), 2);
        assert!(
            titles[0].contains("2026-10") && titles[0].contains("&lt;3&gt;"),
            "{feed}"
        );
        assert!(titles[1].contains("1–4"), "{feed}");
    }
}
