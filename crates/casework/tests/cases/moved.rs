//! Her inbox moves to that of other words (§9.3), and the worst that anybody can make of that.

use casework::case::{ActRefusal, Standing};
use casework::{DeclarantAct, Why, admit};
use protocol::Envelope;
use protocol::phrase::{CaseKeys, PhraseRoot};
use protocol::share::consent::SealedPart;

use crate::support::{Filing, Log, Wish, by_her};

fn words(seed: u8) -> CaseKeys {
    PhraseRoot::from_bytes([seed; 32]).case(0)
}

fn filed() -> (Log, Filing) {
    let mut log = Log::new();
    let filing = log.file();
    for seat in [1, 2, 3] {
        log.ack(&filing, seat);
    }
    (log, filing)
}

/// The key of the inbox to which messages go; `None` for that of the header.
fn goes_to(log: &Log, filing: &Filing) -> Option<[u8; 32]> {
    log.case(filing).inbox().map(|state| state.key.0)
}

fn key(words: &CaseKeys) -> [u8; 32] {
    words.signing.verifying_key().to_bytes()
}

fn standing(log: &Log, filing: &Filing, index: u64) -> Standing {
    let case = log.case(filing);
    let act = case.acts().find(|act| act.found.index == index);
    act.unwrap().standing.clone()
}

fn may_file(log: &Log, filing: &Filing, statement: &Envelope) -> Result<(), Why> {
    let hers = DeclarantAct::read(statement, None).unwrap().unwrap();
    let rule = admit::hers(&log.case(filing), &hers, 0, &log.moment(), log.fold.registry());
    rule.map_err(|no| no.why)
}

#[test]
fn messages_go_to_the_inbox_of_the_highest_counter_whatever_order_it_is_filed_in() {
    let (mut log, filing) = filed();
    let (second, third) = (words(2), words(3));
    assert_eq!(goes_to(&log, &filing), None);
    log.moves(&filing, &third, 4);
    assert_eq!(goes_to(&log, &filing), Some(key(&third)));
    // Kept back by a bought seat until now, and older: it stands in the log, and moves nothing.
    let late = log.moves_of(&filing, &second, 3);
    let late = Envelope::sign(&late, &[&filing.keys.signing, &second.signing]);
    assert!(
        matches!(may_file(&log, &filing, &late), Err(Why::Overtaken { .. })),
        "no honest seat files it"
    );
    let index = log.put(&filing, &late);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
    assert_eq!(goes_to(&log, &filing), Some(key(&third)));
    let again = log.put(&filing, &late);
    assert!(matches!(
        standing(&log, &filing, again),
        Standing::Refused(ActRefusal::Duplicate { .. })
    ));
}

/// Whoever has her words can move her inbox to his own, with the highest counter there is. He keeps nobody out: it stands
/// in her list, her words act as before, and she moves it again.
#[test]
fn a_thief_of_her_words_cannot_keep_her_out_or_her_inbox() {
    let mut log = Log::new();
    let filing = log.filed(Filing::with_consent(0, false));
    for seat in [1, 2, 3] {
        log.ack(&filing, seat);
    }
    let (thief, hers) = (words(66), words(7));
    log.moves(&filing, &thief, u32::MAX);
    assert_eq!(goes_to(&log, &filing), Some(key(&thief)));
    let request = log.ask(&filing, &Wish::default());
    log.answers(&filing, request, 1, false);
    let case = log.case(&filing);
    assert!(
        !case.request(&request).unwrap().consent().unwrap().answer.yes,
        "the old words act as before"
    );
    let next = case.next_n();
    assert_eq!(next, u32::MAX, "there is no higher one");
    let back = log.moves_of(&filing, &hers, next);
    let back = Envelope::sign(&back, &[&filing.keys.signing, &hers.signing]);
    assert_eq!(may_file(&log, &filing, &back), Ok(()));
    log.put(&filing, &back);
    assert_eq!(goes_to(&log, &filing), Some(key(&hers)));
}

/// With her old words alone a thief signs for both inboxes by naming the old one as the new, beside a recipient of his own:
/// it shows as going elsewhere, with the old words and the new.
#[test]
fn a_change_that_names_her_own_key_and_the_recipient_of_another_shows() {
    let (mut log, filing) = filed();
    let (hers, thief) = (words(2), words(66));
    let old = filing.keys.inbox.recipient();
    let elsewhere = |log: &Log, mine: &CaseKeys| {
        let mine = [mine.inbox.recipient()];
        log.case(&filing).messages_elsewhere(&mine).map(|found| found.index)
    };
    assert_eq!(elsewhere(&log, &filing.keys), None);
    let moved = log.moves(&filing, &hers, 1);
    assert_eq!(elsewhere(&log, &hers), None);
    assert_eq!(elsewhere(&log, &filing.keys), Some(moved), "the old words say it");
    for (recipient, is_back) in [(thief.inbox.recipient(), false), (old, true)] {
        let mut change = log.moves_of(&filing, &filing.keys, u32::MAX);
        change.inbox.recipient = recipient;
        let index = log.put(&filing, &by_her(&change, &filing));
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
        assert_eq!(elsewhere(&log, &hers), Some(index), "the new words say it");
        assert_eq!(elsewhere(&log, &filing.keys), (!is_back).then_some(index));
    }
}

/// Signed by both inboxes and nobody else; what acts on the case is the key of the header for ever.
#[test]
fn nobody_moves_it_without_both_keys_and_the_new_key_alone_signs_nothing() {
    let (mut log, filing) = filed();
    let (new, other) = (words(2), words(9));
    let change = log.moves_of(&filing, &new, 1);
    let signers: [&[_]; 4] = [
        &[&filing.keys.signing],
        &[&new.signing],
        &[&filing.keys.signing, &other.signing],
        &[&filing.keys.signing, &new.signing, &other.signing],
    ];
    for signers in signers {
        let index = log.put(&filing, &Envelope::sign(&change, signers));
        assert_eq!(standing(&log, &filing, index), Standing::Refused(ActRefusal::Signature));
    }
    assert_eq!(goes_to(&log, &filing), None);
    log.moves(&filing, &new, 2);
    let alive = log.alive_of(&filing, 3);
    let index = log.put(&filing, &Envelope::sign(&alive, &[&new.signing]));
    assert_eq!(standing(&log, &filing, index), Standing::Refused(ActRefusal::Signature));
    let index = log.put(&filing, &by_her(&alive, &filing));
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
}

/// What the change carries opens with the new inbox alone, for this case alone, and holds what the old words hold of it.
#[test]
fn what_it_carries_gives_the_new_words_the_case_and_nobody_else() {
    let (log, filing) = filed();
    let new = words(2);
    let change = log.moves_of(&filing, &new, 1);
    let keys = change.part.open(&new.inbox, &filing.keys.id).unwrap();
    assert_eq!(
        (keys.id, keys.case_salt.expose(), key(&keys)),
        (filing.keys.id, filing.keys.case_salt.expose(), key(&filing.keys))
    );
    assert_eq!(keys.consent_part.expose(), filing.keys.consent_part.expose());
    assert_eq!(
        (keys.inbox.seed(), keys.draft.expose()),
        (filing.keys.inbox.seed(), filing.keys.draft.expose())
    );
    assert!(change.part.open(&filing.keys.inbox, &filing.keys.id).is_none());
    assert!(change.part.open(&words(3).inbox, &filing.keys.id).is_none());
    assert!(change.part.open(&new.inbox, &Filing::new(1).keys.id).is_none());
    let text = serde_json::to_string(&change.part).unwrap();
    assert_eq!(text.len(), 1_915usize.div_ceil(3) * 4 + 2);
    assert!(
        serde_json::from_str::<SealedPart>(&text).is_err(),
        "no other file of a statement"
    );
}
