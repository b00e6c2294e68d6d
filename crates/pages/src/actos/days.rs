//! How long things took, by institution: plots that the service draws, each beside its numbers.

use std::collections::BTreeMap;

use casework::docket::{Course, Dockets, Stage};
use protocol::MemberNumber;
use protocol::statement::{Twin, TwinAct};
use serde::Serialize;

use super::{DAY_S, Names, SHOWN_FROM};
use crate::Strings;
use crate::deberes::MemberName;

/// Width of a plot in its own units.
const WIDTH: u64 = 240;
/// What lies left and right of the first and the last day, so that no mark is cut.
const EDGE: u64 = 6;

/// How long one kind of thing took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DaysOf {
    /// Of what: of grants from a request to each seat's decision.
    pub stage: Stage,
    /// The most that it took anybody who is shown: where the plots end.
    pub scale: u64,
    /// By institution.
    pub institutions: Vec<DaysRow>,
}

/// How long it took an institution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DaysRow {
    /// Who.
    #[serde(flatten)]
    pub member: MemberName,
    /// Null where there are fewer than five.
    pub days: Option<DayPlot>,
}

/// Whole days, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayPlot {
    /// Each, and whether it was late.
    pub each: Vec<(u64, bool)>,
    /// The middle one, the lower of two.
    pub median: u64,
    /// How many were late.
    pub late: usize,
}

/// A mark of a plot.
pub(super) struct Mark {
    pub x: u64,
    pub y: u64,
    pub is_late: bool,
}

pub(super) fn all(names: &Names<'_>, dockets: &Dockets) -> Vec<DaysOf> {
    let mut found: BTreeMap<Stage, BTreeMap<MemberNumber, Vec<(u64, bool)>>> = BTreeMap::new();
    for docket in dockets.all() {
        let Some(course) = &docket.course else { continue };
        let twins: Vec<(&Twin, u64)> = docket.twins.iter().map(|it| (&it.twin, it.committed.at)).collect();
        for (stage, x, days, is_late) in of_course(course, &twins) {
            let of_stage = found.entry(stage).or_default();
            of_stage.entry(x).or_default().push((days, is_late));
        }
    }
    let by_stage = found.into_iter().map(|(stage, by_member)| {
        let row = |(x, days): (MemberNumber, Vec<(u64, bool)>)| {
            let member = names.one(x)?;
            let days = plot(days);
            Some(DaysRow { member, days })
        };
        let institutions: Vec<DaysRow> = by_member.into_iter().filter_map(row).collect();
        let shown = institutions.iter().filter_map(|row| row.days.as_ref());
        let longest = shown.filter_map(|plot| plot.each.last().map(|(days, _)| *days)).max();
        DaysOf {
            stage,
            scale: longest.unwrap_or(0).max(1),
            institutions,
        }
    });
    by_stage.collect()
}

/// Of one request: each seat's first decision from the request on, the opening from the grants on, the finding from the opening.
fn of_course(course: &Course, twins: &[(&Twin, u64)]) -> Vec<(Stage, MemberNumber, u64, bool)> {
    let mut found = Vec::new();
    let days = |from: u64, to: u64| to.saturating_sub(from) / DAY_S;
    let mut seen = std::collections::BTreeSet::new();
    let grants = course.steps.first();
    for (twin, at) in twins.iter().filter(|(twin, _)| twin.act == TwinAct::Decision) {
        let is_seat = course.granted.contains(&twin.seat) || course.refused.contains(&twin.seat);
        let is_late = grants.is_some_and(|step| *at > step.by);
        // Who decided too late is in neither list.
        if (is_seat || is_late) && seen.insert(twin.seat) {
            found.push((Stage::Grants, twin.seat, days(course.asked_at, *at), is_late));
        }
    }
    for pair in course.steps.windows(2) {
        let [before, step] = pair else { continue };
        let (Some(from), Some(to)) = (before.done, step.done) else {
            continue;
        };
        found.push((step.stage, course.reader, days(from, to), to > step.by));
    }
    found
}

fn plot(mut each: Vec<(u64, bool)>) -> Option<DayPlot> {
    each.sort_unstable();
    let median = each.get(each.len().saturating_sub(1) / 2).map(|(days, _)| *days)?;
    let late = each.iter().filter(|(_, is_late)| *is_late).count();
    (each.len() >= SHOWN_FROM).then_some(DayPlot { each, median, late })
}

impl DaysOf {
    pub(super) fn heading(&self) -> &'static str {
        match self.stage {
            Stage::Grants => "acts-days-grants",
            Stage::Opening => "acts-days-opening",
            Stage::Finding => "acts-days-finding",
        }
    }

    /// Where a number of days lies.
    pub(super) fn x(&self, days: &u64) -> u64 {
        EDGE + days.min(&self.scale) * (WIDTH - 2 * EDGE) / self.scale.max(1)
    }

    /// Marks on one day stand above each other, up to four; more do not show which is which, and the numbers stand beside them.
    pub(super) fn marks(&self, plot: &DayPlot) -> Vec<Mark> {
        let mut heights: BTreeMap<u64, u64> = BTreeMap::new();
        let each = plot.each.iter().map(|(days, is_late)| {
            let x = self.x(days);
            let height = heights.entry(x).or_default();
            let y = 30 - (*height).min(3) * 7;
            *height += 1;
            Mark {
                x,
                y,
                is_late: *is_late,
            }
        });
        each.collect()
    }
}

impl DayPlot {
    pub(super) fn number(&self) -> usize {
        self.each.len()
    }

    pub(super) fn least(&self) -> u64 {
        self.each.first().map_or(0, |(days, _)| *days)
    }

    pub(super) fn most(&self) -> u64 {
        self.each.last().map_or(0, |(days, _)| *days)
    }

    /// The plot for whoever cannot see it.
    pub(super) fn text(&self, words: &Strings) -> String {
        words
            .with("number", self.number())
            .with("least", self.least())
            .with("most", self.most())
            .with("median", self.median)
            .with("late", self.late)
            .get("acts-plot-text")
    }
}
