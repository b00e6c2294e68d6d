//! `times.json`: acts at given times, and what stands of a case and its requests at others (§7, §8.1, §8.3, §8.5, §19).

use std::collections::{BTreeMap, BTreeSet};

use casework::case::{Missing, Standing};
use casework::release::{ReleasingSeat, Why, may_release_at};
use casework::{Case, DangerStatus, RequestState, RequestStatus, admit};
use protocol::slot::Entry;
use protocol::statement::Compartment;
use protocol::{Digest, Envelope};
use serde_json::{Value, json};

use super::apart_stories::apart;
use super::edge_stories::{clocks, edges};
use super::hostile_stories::hostile;
use super::time_stories::{acks, lives, requests};
use super::{base64, hex};
use crate::support::{Filing, HOUR, Log, T0, keys, policy_text, root, x};

/// When the filing is included.
pub const FILED: u64 = T0 + 600;

/// Highest slot of a story.
const SLOTS_MAX: u32 = 300;

/// A log with the filing, what happens to it, and what stands in between.
pub struct Story {
    pub about: &'static str,
    pub log: Log,
    pub filing: Filing,
    checks: Vec<Value>,
    hidden: Vec<Envelope>,
}

/// What a story is made for, said by hand: where a request stands.
pub struct Stand {
    status: RequestStatus,
    grants_until: u64,
    needs: Vec<usize>,
    stand: Vec<Compartment>,
    late: Vec<&'static str>,
    undecided: Vec<u16>,
}

impl Stand {
    pub fn new(status: RequestStatus, grants_until: u64, needs: &[usize], stand: &[Compartment]) -> Self {
        Self {
            status,
            grants_until,
            needs: needs.to_vec(),
            stand: stand.to_vec(),
            late: Vec::new(),
            undecided: Vec::new(),
        }
    }

    pub fn late(mut self, what: &'static str) -> Self {
        self.late.push(what);
        self
    }

    pub fn undecided(mut self, seats: &[u16]) -> Self {
        self.undecided = seats.to_vec();
        self
    }

    #[track_caller]
    fn is(&self, state: &RequestState, at: u64) {
        assert_eq!(state.status(at), self.status);
        assert_eq!(state.grants_until(), self.grants_until);
        let needs: Vec<usize> = state.compartments.iter().map(|compartment| compartment.need).collect();
        assert_eq!(needs, self.needs);
        let stand = state
            .compartments
            .iter()
            .filter(|compartment| compartment.stands_at.is_some());
        assert_eq!(
            stand.map(|compartment| compartment.name).collect::<Vec<_>>(),
            self.stand
        );
        assert_eq!(late(state, at), self.late);
        let undecided = state.decisions_overdue(at);
        assert_eq!(
            undecided,
            self.undecided.iter().map(|seat| x(*seat)).collect::<Vec<_>>()
        );
    }
}

impl Story {
    /// The filing, and nothing else.
    pub fn filed(about: &'static str) -> Self {
        Self::of(about, Filing::new(0))
    }

    /// As [`Self::filed`], of this filing.
    pub fn of(about: &'static str, filing: Filing) -> Self {
        let mut log = Log::new();
        log.now = FILED;
        let filing = log.filed(filing);
        Self {
            about,
            log,
            filing,
            checks: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// All five seats have acknowledged: slots 1 to 5.
    pub fn held(about: &'static str) -> Self {
        Self::filed(about).acknowledged()
    }

    /// All five seats acknowledge.
    pub fn acknowledged(mut self) -> Self {
        let story = &mut self;
        story.at(FILED + HOUR);
        for seat in 1..=5 {
            story.log.ack(&story.filing, seat);
        }
        self
    }

    /// From now on nobody shows the newest act.
    pub fn hide(&mut self) {
        self.hidden.extend(self.log.statements.pop());
    }

    /// From now on nobody shows this one.
    pub fn withhold(&mut self, statement: Envelope) {
        self.hidden.push(statement);
    }

    /// Everything is shown.
    pub fn show(&mut self) {
        self.log.statements.append(&mut self.hidden);
    }

    /// The log's clock goes on, beyond the last look: a look sees every act of its time.
    #[track_caller]
    pub fn at(&mut self, time: u64) {
        let looked = self.checks.last().and_then(|check| check["at"].as_u64());
        assert!(time >= self.log.now && looked.is_none_or(|looked| time > looked));
        self.log.now = time;
    }

    /// Looks at the case at a time of the log: requests in log order, refused acts by index, seats late with their ack.
    #[track_caller]
    pub fn check(&mut self, time: u64, stands: &[Stand], refused: &[(u64, &str)], late_acks: &[u16]) {
        self.at(time);
        let case = self.log.case(&self.filing);
        assert_eq!(case.requests().len(), stands.len());
        for (state, stand) in case.requests().iter().zip(stands) {
            stand.is(state, time);
        }
        let found = refusals(&case);
        let found: Vec<(u64, &str)> = found.iter().map(|(index, code)| (*index, code.as_str())).collect();
        assert_eq!(found, refused);
        assert_eq!(
            case.late_acks(time),
            late_acks.iter().map(|seat| x(*seat)).collect::<Vec<_>>()
        );
        let refused = refused
            .iter()
            .map(|(index, rule)| json!({ "index": index, "rule": rule }));
        let gaps: Vec<u64> = case.gaps().map(|act| act.found.index).collect();
        self.checks.push(json!({
            "at": time,
            "device": self.log.device(),
            "gaps": gaps,
            "unjudged": unjudged(&case),
            "late_acks": case.late_acks(time),
            "is_safe": case.is_safe(),
            "danger": danger(&case, time),
            "lapse": case.lapse().map(lapse),
            "withdrawal": case.erasure().withdrawal(),
            "erased": erased(&case),
            "refused": refused.collect::<Vec<_>>(),
            "requests": case.requests().iter().map(|state| self.request(&case, state)).collect::<Vec<_>>(),
        }));
    }

    fn request(&self, case: &Case, state: &RequestState) -> Value {
        let (at, request) = (self.log.now, state);
        let compartment = |state: &casework::case::CompartmentState| {
            json!({
                "name": state.name,
                "need": state.need,
                "grants": request.granted(state.name),
                "stands_at": state.stands_at,
                "released_by": state.released_by,
                "released_at": state.released_at,
            })
        };
        let objections = state.objections.iter();
        let objections = objections.map(|o| json!({ "index": o.found.index, "by": o.by.map_or(0, |seat| seat.get()) }));
        let decisions = state.decisions.iter();
        let decisions = decisions
            .map(|it| json!({ "index": it.found.index, "x": it.x, "grants": it.grants, "refuses": it.refuses }));
        let releases = state.releases.iter();
        let releases = releases.map(|r| json!({ "index": r.found.index, "x": r.x, "omits": r.omits }));
        let status = serde_json::to_value(state.status(at)).unwrap();
        json!({
            "index": state.found.index,
            "shares_recipient_with": state.shares_recipient_with,
            "status": status["status"],
            "until": status["until"],
            "since": status["since"],
            "opened_by": status["opened_by"],
            "report_by": status["report_by"],
            "waits_until": state.waits_until,
            "grants_until": state.grants_until(),
            "object_by": state.object_by,
            "ends_at": state.ends_at,
            "release_from": state.release_from,
            "objections": objections.collect::<Vec<_>>(),
            "consent": state.consent().map(|consent| json!({ "index": consent.answer.found.index, "yes": consent.answer.yes })),
            "releases": releases.collect::<Vec<_>>(),
            "decisions": decisions.collect::<Vec<_>>(),
            "undecided": state.decisions_overdue(at),
            "compartments": state.compartments.iter().map(compartment).collect::<Vec<_>>(),
            "overdue": late(state, at),
            "may_decide": (1..=5).filter(|seat| self.may_decide(case, state, *seat)).collect::<Vec<_>>(),
            "may_release": (1..=5).map(|seat| self.may_release(case, state, seat)).collect::<Vec<_>>(),
        })
    }

    /// Whether a seat's software decides on a request now.
    fn may_decide(&self, case: &Case, state: &RequestState, number: u16) -> bool {
        let registry = self.log.fold.registry();
        admit::decision(case, &state.digest, x(number), &self.log.moment(), registry).is_ok()
    }

    /// §8.5 for one seat with its right key, the clock of the check, and this checkpoint.
    fn may_release(&self, case: &Case, state: &RequestState, number: u16) -> Value {
        let key = keys(number).public();
        let seat = ReleasingSeat { x: x(number), key };
        let registry = self.log.fold.registry();
        match may_release_at(case, &state.digest, &seat, &self.log.moment(), registry) {
            Ok(allowed) => json!({ "x": number, "compartments": allowed.compartments, "grants": allowed.grants,
                "objections": allowed.objections, "consent": allowed.consent }),
            Err(not_now) => {
                let device_from = match not_now.why {
                    Why::DeviceWaits { until, .. } => Some(until),
                    _ => None,
                };
                json!({ "x": number, "line": not_now.line, "from": not_now.from, "device_from": device_from })
            }
        }
    }

    /// In log order, without the filing; those that nobody finds as well.
    fn acts(&self) -> Vec<Value> {
        let salt = self.filing.salt();
        let slots: BTreeMap<[u8; 32], u32> = (1..=SLOTS_MAX).map(|k| (salt.slot(k), k)).collect();
        let one = |(index, (bytes, time)): (usize, &(Vec<u8>, u64))| {
            let Some(Entry::Opaque { slot, commit }) = Entry::parse(bytes) else {
                return None;
            };
            let k = *slots.get(&slot)?;
            let own = |digest: &Digest| salt.commit(k, *digest, None) == commit;
            let shown = self.log.statements.iter().chain(&self.hidden);
            let d = shown.map(Envelope::digest).find(own);
            Some(json!({ "index": index, "time": time, "k": k, "entry": hex(bytes), "d": d }))
        };
        self.log.entries.iter().enumerate().filter_map(one).collect()
    }
}

/// Where the danger stands.
fn danger(case: &Case, at: u64) -> Value {
    let last = |done: &casework::DeedState| {
        let deed = serde_json::to_value(done.deed).unwrap();
        json!({ "index": done.found.index, "x": done.x, "deed": deed["deed"], "what": deed["what"] })
    };
    match case.danger_status(at) {
        DangerStatus::Quiet => Value::Null,
        DangerStatus::Waiting {
            by,
            is_overdue,
            contradicted_by,
        } => {
            json!({ "is": "waiting", "by": by, "is_overdue": is_overdue, "contradicted_by": contradicted_by })
        }
        DangerStatus::Attended { last: done, until } => {
            json!({ "is": "attended", "until": until, "last": last(&done) })
        }
        DangerStatus::Over { last: done } => json!({ "is": "over", "last": last(&done) }),
    }
}

/// What was done towards a lapse since the last that she said.
fn lapse(lapse: &casework::case::LapseState) -> Value {
    let decided: Vec<u16> = lapse.decided.iter().map(|(x, _)| x.get()).collect();
    json!({
        "last_heard": lapse.last_heard.index,
        "inquiry_from": lapse.inquiry_from,
        "inquiry": lapse.inquiry.map(|found| found.index),
        "decide_from": lapse.decide_from(),
        "decided": decided,
        "need": lapse.need,
    })
}

/// What seats say that they have destroyed.
fn erased(case: &Case) -> Value {
    let erasure = case.erasure();
    let by = erasure.erased.iter().map(|erased| {
        json!({ "index": erased.found.index, "x": erased.x, "is_founded": erased.is_founded, "taken_back": erased.taken_back })
    });
    json!({ "erase_from": erasure.erase_from(), "by": by.collect::<Vec<_>>(), "is_final": erasure.is_final() })
}

/// Releases that cannot be judged yet, with the act that is not shown.
fn unjudged(case: &Case) -> Vec<Value> {
    let missing = case.acts().filter_map(|act| match &act.standing {
        Standing::Undecided(Missing::Act { index }) => Some((act.found.index, *index)),
        _ => None,
    });
    missing
        .map(|(index, relies_on)| json!({ "index": index, "relies_on": relies_on }))
        .collect()
}

/// Index of acts that do not count, with the rule's word.
fn refusals(case: &Case) -> Vec<(u64, String)> {
    let rule = |act: &casework::Act| match &act.standing {
        Standing::Refused(refusal) => {
            let code = serde_json::to_value(refusal).unwrap()["code"]
                .as_str()
                .unwrap()
                .to_owned();
            Some((act.found.index, code))
        }
        Standing::Counts | Standing::Gap | Standing::Undecided(_) => None,
    };
    case.acts().filter_map(rule).collect()
}

/// What is overdue of a request.
fn late(state: &RequestState, at: u64) -> Vec<&'static str> {
    let aid = state.aid().iter().any(|aid| aid.is_overdue(at));
    [
        ("opened", state.opened_overdue(at)),
        ("finding", state.finding_overdue(at)),
        ("aid", aid),
    ]
    .into_iter()
    .filter_map(|(what, is_late)| is_late.then_some(what))
    .collect()
}

pub fn vectors() -> Value {
    let stories = [lives(), requests(), acks(), hostile(), edges(), clocks(), apart()];
    document(ABOUT, &stories.into_iter().flatten().collect::<Vec<_>>())
}

/// Stories of one filing.
pub fn document(about: &[&str], stories: &[Story]) -> Value {
    let (mut seen, mut statements) = (BTreeSet::new(), Vec::new());
    for envelope in stories
        .iter()
        .flat_map(|story| story.log.statements.iter().chain(&story.hidden))
    {
        if seen.insert(envelope.digest()) {
            let text = std::str::from_utf8(envelope.bytes()).unwrap();
            statements.push(json!({ "d": envelope.digest(), "name": envelope.name(), "envelope": text }));
        }
    }
    let told = |story: &Story| json!({ "about": story.about, "acts": story.acts(), "checks": story.checks });
    let filing = &stories[0].filing;
    json!({
        "about": about,
        "root": serde_json::to_value(root()).unwrap(),
        "policy": policy_text(),
        "public": super::beginning(),
        "public_time": T0,
        "case": {
            "case": filing.keys.id,
            "case_salt": hex(filing.keys.case_salt.expose()),
            "core_envelope_base64": base64(filing.core.bytes()),
            "testimony_envelope_base64": base64(filing.testimony.bytes()),
            "header_file_digest": filing.header_file(),
            "index": 4,
            "time": FILED,
            "entry": hex(filing.entry.to_bytes()),
        },
        "statements": statements,
        "stories": stories.iter().map(told).collect::<Vec<_>>(),
    })
}

const ABOUT: &[&str] = &[
    "Times and states of a case (sections 6.2, 7, 8.1, 8.3, 8.5, 19). A council of six seats, t_account 3, t_identity 4,",
    "objection_s 259,200, urgent_s 7,200; readers 11 and 12, of whom 12 is of the controller of seat 6. The one case is dealt to",
    "seats 1 to 5 with both compartments, `on_request` and `counts-only`. Entries 0 to 3 are `public`, entry 4 is the filing.",
    "Each story goes on from there with its own `acts`, in log order: `time` is that of the first cosigned checkpoint that includes",
    "the entry, `entry` its 65 bytes, which commit to the statement `d` in slot `k`; `d` is null where nobody ever shows it.",
    "`checks` say what stands at the checkpoint of time `at`, which includes every act of a time not later, and is the newest there",
    "is. `device` is the clock of every seat that asks; the operator's `Date` agrees with `at`. `gaps` are the acts whose",
    "statements nobody shows at this check; whoever checks leaves them out, by index.",
    "Of the case: `late_acks` (seats dealt to without ack or reject 72 h after the filing), `is_safe` (acks of t_account seats),",
    "`refused` (acts that do not count, with the rule in a word of this implementation), `unjudged` (releases that rely on an act",
    "which is not shown); all others count.",
    "Of each request that counts: `waits_until`, the later of the t_account-th grant's inclusion and objection_s, and of each",
    "objection's and 14 days, null before that grant; `grants_until`, the last second for a grant; `object_by`, for an objection;",
    "`ends_at`, for a release; `need` of each compartment; `stands_at`, the inclusion of the last grant that it needs;",
    "`release_from`, the later of `waits_until` and the first `stands_at`; `released_at`, the inclusion of the t-th valid release, t",
    "being the compartment's threshold in `core`; `objections` that count, `by` a seat or 0 for her; `releases` that count, with the",
    "objections before them that are shown and that they do not name; `undecided`, once `grants_until` is over, the seats dealt to",
    "whose decision is not there.",
    "`shares_recipient_with` is the index of an earlier request that counts and has the same recipient; `may_decide` names the seats",
    "whose software files a decision now.",
    "`status` is the first of these that holds:",
    "`reported` since the first finding; `opened` since `opened`, a finding being due at `report_by`; `released` since the earliest",
    "`released_at`, `opened` being due at `opened_by`; `dead` since the second after `ends_at`; `releasing` since `release_from`, once",
    "it is reached, software releasing `until` 52 h before `ends_at`; `waiting` until `release_from`; `lapsed` since the second after",
    "`grants_until`; `deciding` until `grants_until`.",
    "`overdue`: `opened` after `opened_by` while the status is `released`, `finding` after `report_by` while it is `opened`, `aid`",
    "from the end of its day.",
    "`may_release`: for each seat with its right key and the clock `device` the compartments, grants and objections that it may",
    "put into its release, or the first line of section 8.5 that fails, with the time from which waiting alone will have mended it, or null; the line is null",
    "when it has released already and no line fails. `device_from`, at line 11: the objection time since the seat's grant is over",
    "from then on, by its own clock; null at line 11 where the log's time has run ahead of this clock since the seat's own acts.",
    "`consent` of a request, `lapse`, `withdrawal` and `erased` are told in consent.json, `danger` in danger.json; here nothing of",
    "them occurs.",
    "Entries in slots that nobody can find are among `acts`, and nowhere else.",
    "Seeds: seats and readers 32 x their number, operator 32 x 5a. Public entries are there at `public_time`.",
    "Release files and cells are left out: `release` names digests that stand for nothing. Nothing here is padded, nor keeps a",
    "pace; log-steps.json shows a log that does, opening.json a case with its files.",
];
