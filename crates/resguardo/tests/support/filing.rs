//! A filing as no verb makes it.

use client::work::{Part, post_filing};
use protocol::age::Recipient;
use protocol::ids::Day;
use protocol::phrase::{CaseKeys, Phrase};
use protocol::seal::{CompartmentKey, Posting, SealRequest, seal};
use protocol::share::file::Flags;
use protocol::statement::{AccessPolicy, Compartment, ConsentChoice, Opening, Parent, SealedBy};
use protocol::{CaseId, MemberNumber};
use resguardo::console::Console;
use resguardo::follow::Follow;
use resguardo::line::ServiceLine;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use resguardo::{declare, random};
use sealing::NO_WORK;

/// Files an account under new words, with the second greeting to `second_inbox`, as an addition to what `parent` says.
pub fn file(
    trust: &Trust,
    second_inbox: Option<&Recipient>,
    parent: impl FnOnce(&CaseKeys) -> Option<Parent>,
) -> CaseId {
    let remote = Remote::new(&trust.base_url).unwrap();
    let silent = Console::silent();
    let mut follow = Follow::open_as_read(trust.clone(), remote.clone(), &silent).unwrap();
    follow.refresh(&silent).unwrap();
    let record = follow.log().registry().current().unwrap();
    let rng = &mut random::system();
    let case = declare::derive(&Phrase::draw(rng), trust.origin()).unwrap().case(0);
    let seats: Vec<MemberNumber> = record.seats.iter().map(|seat| seat.x).collect();
    let (name, open) = (Compartment::Account, Opening::OnRequest);
    let mut account = CompartmentKey::draw(name, record.account, open, &case, &seats, rng);
    let document = r#"{"v":1,"text":"of a test","answers":{},"files":[]}"#;
    account.set_document(document.as_bytes(), rng).unwrap();
    let request = SealRequest {
        origin: trust.origin(),
        council: record,
        council_digest: record.digest(),
        seats: &seats,
        day: Day::of(remote.now()),
        policy: AccessPolicy::new(ConsentChoice::NotAsked, record, seats.len()),
        flags: Flags::default(),
        sealed_by: SealedBy::Cli,
        parent: parent(&case),
        greeting: follow.log().registry().greeting().unwrap(),
        second_inbox,
    };
    let sealed = seal(&request, &case, vec![account], rng).unwrap();
    let posting = Posting {
        b: follow.log().registry().drop_depth(),
        keep: 180,
        soon: true,
        quota: None,
        work: NO_WORK,
    };
    let form = sealed.filing_form(trust.origin(), posting);
    let parts: Vec<Part<'_>> = sealed.blobs().map(|(_, bytes)| Part::new(bytes)).collect();
    let line = ServiceLine::over(remote);
    line.run(post_filing(line.wire(), &form, &parts, &mut false)).unwrap();
    case.id
}
