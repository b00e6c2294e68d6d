//! Upload codes that seats sent her (§5.2): with one, what she adds may be larger.

use std::collections::BTreeMap;

use casework::clock::DAY_S;
use protocol::CaseId;
use protocol::http::Quota;

use super::Declarant;
use super::messages::MessageView;
use super::who::Who;

/// The service keeps a code for 30 days, by whole days, from the one on which the seat told it.
const GOOD_DAYS: u64 = 31;

impl Declarant {
    /// The codes for what adds to a filing, in the order in which they are tried: of each seat its newest, then its second
    /// newest, so that one seat with many bad ones does not hide another's. Those used or refused in this session and those
    /// that are too old are passed over.
    pub fn upload_codes(&self, case: &CaseId) -> Vec<Quota> {
        let first = self.case(case).and_then(|case| self.parent_of(case)).unwrap_or(*case);
        let is_of_it = |id: &CaseId, parent: Option<CaseId>| *id == first || parent == Some(first);
        let of_it = self.all().filter(|own| is_of_it(&own.keys.id, self.first_of(own)));
        let mut messages: Vec<MessageView> = of_it.flat_map(|own| self.messages(own)).collect();
        let time = self.log.latest().ok().map_or(0, |(_, trusted)| trusted.time());
        messages.retain(|message| message.day.start().saturating_add(GOOD_DAYS * DAY_S) >= time);
        messages.sort_by_key(|message| std::cmp::Reverse((message.day, message.n)));
        let (mut seen, mut of_seat) = (Vec::new(), BTreeMap::new());
        let mut ranked = Vec::new();
        for message in &messages {
            let Some(code) = message
                .quota
                .filter(|code| !self.spent.contains(code) && !seen.contains(code))
            else {
                continue;
            };
            seen.push(code);
            let x = match message.from {
                Who::Member { x, .. } => Some(x),
                Who::She | Who::Unknown => None,
            };
            let rank: &mut usize = of_seat.entry(x).or_default();
            ranked.push((*rank, code));
            *rank += 1;
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, code)| code).collect()
    }

    /// A code was used, or the service does not take it: it is not used again.
    pub fn spend(&mut self, code: Quota) {
        self.spent.insert(code);
    }
}
