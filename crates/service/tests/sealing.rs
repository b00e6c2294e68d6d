//! The whole way of the page against a real service: trust, seal, upload, promise, and what the seats then hold.

use crate::support::{World, random, seat, x};
use axum::body::Body;
use axum::http::Request;
use protocol::age;
use protocol::http::{FilingForm, Work, WorkNonce};
use protocol::open::{Header, open_header_file, unpad_document, verify_header};
use protocol::phrase::Phrase;
use protocol::share::combine;
use protocol::share::compartment::identity;
use protocol::share::consent::read_lapse_document;
use protocol::share::file::ShareFile;
use protocol::statement::{Compartment, ConsentChoice, Opening, SealedBy, Use};
use protocol::{Digest, Secret};
use rand_core::UnwrapErr;
use sealing::{
    Choices, Clocks, DeviceClock, FileInfo, ProvenStatement, SealedFiling, SealingError, TestimonyInput,
    TestimonySealer, TrustedCouncil, phrase_root, sealed_size,
};
use testimony::Read;
use tlog::receipt::Receipt;

const ACCOUNT: &str = "Fue en marzo, había un letrero azul.";
const IDENTITY: &str = "Nombre: nadie";

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

async fn shown(world: &World) -> Vec<ProvenStatement> {
    let mut shown = Vec::new();
    for name in ["greeting", "drop", "council", "pace"] {
        let list = world.get(&format!("/api/v1/public/index/{name}")).await.ok();
        for digest in serde_json::from_slice::<Vec<Digest>>(&list.body).unwrap() {
            let text = async |path: String| world.get(&path).await.ok().text().to_owned();
            shown.push(ProvenStatement {
                envelope: text(format!("/api/v1/public/{digest}")).await,
                proof: text(format!("/api/v1/public/{digest}/proof")).await,
            });
        }
    }
    shown
}

async fn trust(world: &World, clocks: Clocks) -> Result<TrustedCouncil, SealingError> {
    let root = serde_json::to_vec(&world.root()).unwrap();
    let checkpoint = world.get("/log/checkpoint").await.ok().body;
    TrustedCouncil::check(&root, &shown(world).await, &checkpoint, clocks)
}

fn device(world: &World) -> Clocks {
    Clocks {
        device: world.now(),
        ..Clocks::default()
    }
}

fn chosen(consent: ConsentChoice) -> Choices {
    Choices {
        consent,
        allowed: vec![Use::Support],
        ..Choices::default()
    }
}

fn words() -> Phrase {
    Phrase::draw(&mut rng())
}

/// Seals and uploads a file in pieces of odd length, as a phone reads it; gives the file's plaintext.
async fn evidence(world: &World, sealer: &mut TestimonySealer, size: usize) -> Vec<u8> {
    let plain = random(size);
    let info = FileInfo {
        name: "IMG 0001.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        date: "2026-11-20".to_owned(),
        size: size as u64,
    };
    let mut sealed = Vec::new();
    let mut file = sealer.begin_evidence(info, &mut sealed, &mut rng()).unwrap();
    for piece in plain.chunks(70_001) {
        file.push(piece, &mut sealed).unwrap();
    }
    let done = file.finish(&mut sealed).unwrap();
    assert_eq!(sealed.len() as u64, sealed_size(size as u64));
    let name = Digest(random(32).try_into().unwrap());
    let answer = world
        .call(
            Request::put(format!("/api/v1/uploads/{name}"))
                .header(
                    "content-range",
                    format!("bytes 0-{}/{}", sealed.len() - 1, sealed.len()),
                )
                .body(Body::from(sealed))
                .unwrap(),
        )
        .await
        .ok();
    assert_eq!(answer.text(), done.digest().to_hex());
    sealer.add_evidence(done);
    plain
}

fn telling(json: &str) -> TestimonyInput {
    TestimonyInput::parse(json).unwrap()
}

async fn worked(world: &World, filing: &mut SealedFiling) {
    filing.offer(world.get("/api/v1/work").await.ok().text()).unwrap();
    let found = (0..1_000).any(|slice| filing.search(slice * 100, 100).unwrap());
    assert!(found);
}

async fn post(world: &World, filing: &SealedFiling) -> crate::support::Answer {
    world
        .call(
            Request::post("/api/v1/filings")
                .header("content-type", filing.content_type())
                .body(Body::from(filing.body()))
                .unwrap(),
        )
        .await
}

fn form(filing: &SealedFiling) -> FilingForm {
    let body = filing.body();
    let text = String::from_utf8_lossy(&body);
    let json = text.split("\r\n\r\n").nth(1).unwrap();
    serde_json::from_str(json.split("\r\n--").next().unwrap()).unwrap()
}

async fn blob(world: &World, digest: &Digest) -> Vec<u8> {
    world.get(&format!("/api/v1/blobs/{digest}")).await.ok().body
}

/// What `seats` open together: header, and the plaintext of each object of `name`.
async fn opened(world: &World, form: &FilingForm, seats: &[u8], name: Compartment) -> (Header, Vec<Vec<u8>>) {
    opened_with(world, form, seats, name, None).await
}

/// As [`opened`], with P.
async fn opened_with(
    world: &World,
    form: &FilingForm,
    seats: &[u8],
    name: Compartment,
    part: Option<&Secret<[u8; 32]>>,
) -> (Header, Vec<Vec<u8>>) {
    let mut shares = Vec::new();
    let mut salt = None;
    for number in seats {
        let reference = form
            .shares
            .iter()
            .find(|share| share.x == x(u16::from(*number)))
            .unwrap();
        let plain = age::open(seat(*number).identity(), &blob(world, &reference.digest).await).unwrap();
        let file = ShareFile::parse(&plain).unwrap();
        shares.push((file.x, file.share(name).unwrap().clone()));
        assert!(file.flags.danger && !file.flags.interpreter);
        salt = Some(file.case_salt);
    }
    let file = blob(world, &form.header.digest).await;
    let (core, testimony) = open_header_file(&salt.unwrap().k(), &file).unwrap();
    let header = verify_header(core, testimony).unwrap();
    let compartment = header.core.compartment(name).unwrap();
    let commitments = protocol::share::Commitments::decode(&compartment.commitments).unwrap();
    let (secret, bad) = combine(&commitments, &shares).unwrap();
    assert!(bad.is_empty());
    let key = identity(&secret, part, &header.core.case, name);
    let mut plain = Vec::new();
    for object in &compartment.objects {
        plain.push(age::open(&key, &blob(world, &object.digest).await).unwrap().to_vec());
    }
    (header, plain)
}

#[tokio::test]
async fn a_testimony_filed_by_the_page_is_promised_logged_and_opens_with_its_threshold() {
    let world = World::new().await;
    let council = trust(&world, device(&world)).await.unwrap();
    let root = phrase_root(&words(), council.origin()).unwrap();
    let mut sealer =
        TestimonySealer::begin(council.target().unwrap(), root.case(0), Choices::default(), &mut rng()).unwrap();
    let photo = evidence(&world, &mut sealer, 300_000).await;
    let small = evidence(&world, &mut sealer, 1).await;
    let telling = telling(&format!(
        r#"{{"account":"{ACCOUNT}","identity":"{IDENTITY}","language":"tseltal","danger":true,"interpreter":false,"soon":true}}"#
    ));
    let mut filing = sealer
        .seal(&telling, world.now(), SealedBy::Browser, &mut rng())
        .unwrap();
    worked(&world, &mut filing).await;

    let promise = post(&world, &filing).await.ok().body;
    let deadline = filing.promised(&promise, world.now()).unwrap();
    assert!(deadline > world.now() && deadline <= world.now() + 86_400);
    // Lost on the way: other work, and much later. The same promise.
    worked(&world, &mut filing).await;
    assert_eq!(post(&world, &filing).await.ok().body, promise);

    world.next_step().await;
    let index = world
        .entries()
        .await
        .iter()
        .position(|entry| entry == filing.entry())
        .unwrap();
    let proof = world.get(&format!("/log/proof/{index}")).await.ok().body;
    let policy = council.record().unwrap().policy().clone();
    let receipt = Receipt::parse(&proof).unwrap();
    receipt.verify(filing.entry(), &policy, crate::support::ORIGIN).unwrap();

    let form = form(&filing);
    let (header, plain) = opened(&world, &form, &[5, 2, 3], Compartment::Account).await;
    assert_eq!(header.core.sealed_by, SealedBy::Browser);
    assert_eq!(header.core.case.code(), filing.code());
    let Read::Document(document) = testimony::read(unpad_document(&plain[0]).0) else {
        panic!("a document")
    };
    assert_eq!(document.text, ACCOUNT);
    assert_eq!(document.answers["languages"][0], "tseltal");
    assert_eq!(document.answers["still_danger"], true);
    assert_eq!(
        testimony::check(&document.answers),
        Ok(()),
        "her page answers as the form asks"
    );
    assert!(!document.answers.contains_key("interpreter_needed"));
    for (file, (object, original)) in document.files.iter().zip(plain[1..].iter().zip([photo, small])) {
        assert_eq!(object[..original.len()], original);
        assert_eq!(file.sha256.to_string(), Digest::of(&original).to_hex());
        assert_eq!(
            (file.name.as_str(), file.date.as_deref()),
            ("IMG 0001.jpg", Some("2026-11-20"))
        );
    }
    assert_eq!(document.files.len(), 2);

    let (_, plain) = opened(&world, &form, &[1, 2, 3, 4], Compartment::Identity).await;
    let Read::Document(document) = testimony::read(unpad_document(&plain[0]).0) else {
        panic!("a document")
    };
    assert_eq!((document.text.as_str(), plain.len()), (IDENTITY, 1));
    let part = header.core.compartment(Compartment::Identity).unwrap();
    assert_eq!(part.threshold, 4, "who she is takes more of them");
}

#[tokio::test]
async fn what_she_chose_is_what_is_sealed() {
    let world = World::new().await;
    let council = trust(&world, device(&world)).await.unwrap();
    let words = words();
    let root = phrase_root(&words, council.origin()).unwrap();
    let choices = [
        (ConsentChoice::NotAsked, Opening::OnRequest, None),
        (ConsentChoice::Strict, Opening::WithMyConsent, None),
        (
            ConsentChoice::Lapse { days: 730 },
            Opening::WithMyConsent,
            Some((730, 4)),
        ),
    ];
    for (c, (choice, open, lapse)) in choices.into_iter().enumerate() {
        let c = c as u32;
        let sealer =
            TestimonySealer::begin(council.target().unwrap(), root.case(c), chosen(choice), &mut rng()).unwrap();
        let telling = telling(&format!(
            r#"{{"account":"{ACCOUNT}","identity":"{IDENTITY}","danger":true}}"#
        ));
        let mut filing = sealer
            .seal(&telling, world.now(), SealedBy::Browser, &mut rng())
            .unwrap();
        worked(&world, &mut filing).await;
        post(&world, &filing).await.ok();
        let part = root.case(c).consent_part;
        let part = (open == Opening::WithMyConsent).then_some(&part);
        let form = form(&filing);
        for (name, seats) in [
            (Compartment::Account, &[1, 2, 3][..]),
            (Compartment::Identity, &[2, 3, 4, 5]),
        ] {
            let (header, plain) = opened_with(&world, &form, seats, name, part).await;
            let policy = &header.core.policy;
            assert_eq!((policy.open, policy.lapse_days.zip(policy.t_lapse)), (open, lapse));
            assert_eq!(plain.len(), 1);
        }
        if lapse.is_some() {
            let (_, plain) = opened(&world, &form, &[1, 2, 4, 5], Compartment::Consent).await;
            let of_seats = read_lapse_document(&plain[0]).unwrap();
            assert_eq!(Some(of_seats.expose()), part.map(Secret::expose));
        }
        assert_eq!(form.objects.len(), 2 + usize::from(lapse.is_some()));
    }
    let refused = TestimonySealer::begin(
        council.target().unwrap(),
        root.case(9),
        chosen(ConsentChoice::Lapse { days: 90 }),
        &mut rng(),
    )
    .unwrap();
    let refused = refused.seal(
        &telling(r#"{"account":"a"}"#),
        world.now(),
        SealedBy::Browser,
        &mut rng(),
    );
    assert_eq!(refused.err(), Some(SealingError::Order), "no such time is offered");
}

#[tokio::test]
async fn without_identity_there_is_no_compartment_for_it() {
    let world = World::new().await;
    let council = trust(&world, device(&world)).await.unwrap();
    let root = phrase_root(&words(), council.origin()).unwrap();
    let sealer =
        TestimonySealer::begin(council.target().unwrap(), root.case(0), Choices::default(), &mut rng()).unwrap();
    let mut filing = sealer
        .seal(
            &telling(r#"{"account":"","danger":true}"#),
            world.now(),
            SealedBy::Browser,
            &mut rng(),
        )
        .unwrap();
    worked(&world, &mut filing).await;
    post(&world, &filing).await.ok();
    let (header, _) = opened(&world, &form(&filing), &[1, 2, 3], Compartment::Account).await;
    assert!(header.core.compartment(Compartment::Identity).is_none());
}

#[tokio::test]
async fn the_page_shows_who_keeps_the_key_and_how_many_open_it() {
    let world = World::new().await;
    let council = trust(&world, device(&world)).await.unwrap();
    let members = council.members().unwrap();
    assert_eq!(members.seats.len(), 5);
    assert_eq!((members.account, members.identity, members.may_leave_out), (3, 4, 0));
    assert_eq!(members.lapse, [4]);
    assert_eq!(members.seats[0].institution, "Institution 1");
    assert!(members.demo && !members.concentrated);
    assert_eq!(members.clock, DeviceClock::Right);
    for words in [&members.fingerprint.es, &members.fingerprint.en] {
        assert_eq!(words.split(' ').count(), 8);
    }
    let root = phrase_root(&words(), council.origin()).unwrap();
    let too_few = SealingError::Seats { need: 5 };
    for (left_out, why) in [(x(1), too_few), (x(99), SealingError::Stranger(x(99)))] {
        let choices = Choices {
            left_out: vec![left_out],
            ..Choices::default()
        };
        let refused = TestimonySealer::begin(council.target().unwrap(), root.case(0), choices, &mut rng()).err();
        assert_eq!(refused, Some(why), "five seats with 4 for identity leave no choice");
    }
}

#[tokio::test]
async fn what_the_log_does_not_prove_is_refused() {
    let world = World::new().await;
    let (root, all) = (world.root(), shown(&world).await);
    let checkpoint = world.get("/log/checkpoint").await.ok().body;
    let json = |root: &casework::RootOfTrust| serde_json::to_vec(root).unwrap();
    let check = |root: &casework::RootOfTrust, shown: &[ProvenStatement]| {
        TrustedCouncil::check(&json(root), shown, &checkpoint, device(&world)).err()
    };
    assert_eq!(check(&root, &all), None);
    for number in 0..all.len() {
        let mut altered = all.clone();
        altered[number].proof = all[(number + 1) % all.len()].proof.clone();
        assert_eq!(check(&root, &altered), Some(SealingError::Unproven), "{number}");
    }
    let missing = |name: &str| -> Vec<ProvenStatement> {
        let of = |shown: &ProvenStatement| {
            let envelope: serde_json::Value = serde_json::from_str(&shown.envelope).unwrap();
            envelope["payloadType"].as_str().unwrap().contains(name)
        };
        all.iter().filter(|shown| !of(shown)).cloned().collect()
    };
    assert_eq!(check(&root, &missing("greeting")), Some(SealingError::Greeting));
    assert_eq!(check(&root, &missing("council")), Some(SealingError::Council));

    let mut other = root.clone();
    other.council = Digest([9; 32]);
    assert_eq!(check(&other, &all), Some(SealingError::Council));
    assert_eq!(
        TrustedCouncil::check(b"{}", &all, &checkpoint, device(&world)).err(),
        Some(SealingError::RootOfTrust)
    );
    assert_eq!(
        TrustedCouncil::check(&json(&root), &all, b"no note", device(&world)).err(),
        Some(SealingError::Unproven)
    );
}

#[tokio::test]
async fn an_old_log_is_refused_and_a_wrong_clock_is_only_told() {
    let world = World::new().await;
    let now = world.now();
    let later = now + 27 * 3_600;
    let at = |device, built, served| Clocks {
        device,
        built,
        served,
        seen: 0,
    };
    let outcome = async |clocks| {
        trust(&world, clocks)
            .await
            .map(|council| council.members().unwrap().clock)
    };
    assert_eq!(outcome(at(now, 0, 0)).await, Ok(DeviceClock::Right));
    for served in [0, now, later] {
        let told = outcome(at(later, 0, served)).await;
        assert_eq!(told, Ok(DeviceClock::Ahead), "whatever the service says: {served}");
    }
    assert_eq!(
        outcome(at(now, later, now)).await,
        Err(SealingError::Old),
        "built after it"
    );
    let seen = Clocks {
        seen: later,
        ..at(now, 0, now)
    };
    assert_eq!(outcome(seen).await, Err(SealingError::Old), "seen in this visit");
    for behind in [3_600, 3 * 86_400, now - 1_000] {
        let told = outcome(at(now - behind, 0, now)).await;
        assert_eq!(told, Ok(DeviceClock::Behind), "{behind} s behind");
    }
    let future = outcome(at(now - 3 * 86_400, 0, now - 3 * 86_400)).await;
    assert_eq!(
        future,
        Err(SealingError::Future),
        "neither the device nor the service is there yet"
    );
    assert_eq!(
        outcome(at(1_000, 0, 0)).await,
        Err(SealingError::Future),
        "no second opinion"
    );
}

#[tokio::test]
async fn only_this_logs_promise_for_this_entry_counts() {
    let world = World::new().await;
    let council = trust(&world, device(&world)).await.unwrap();
    let root = phrase_root(&words(), council.origin()).unwrap();
    let mut postings = Vec::new();
    for c in 0..2 {
        let sealer =
            TestimonySealer::begin(council.target().unwrap(), root.case(c), Choices::default(), &mut rng()).unwrap();
        let mut filing = sealer
            .seal(
                &telling(r#"{"account":"a"}"#),
                world.now(),
                SealedBy::Browser,
                &mut rng(),
            )
            .unwrap();
        worked(&world, &mut filing).await;
        postings.push(filing);
    }
    let [one, other] = &postings[..] else { panic!("two") };
    let promise = post(&world, one).await.ok().body;
    assert!(one.promised(&promise, world.now()).is_ok());
    assert_eq!(other.promised(&promise, world.now()), Err(SealingError::Promise));
    assert_eq!(
        one.promised(&promise, world.now() - 86_400),
        Err(SealingError::Promise),
        "its deadline is more than a day away"
    );
    let mut altered = promise.clone();
    let last = altered.len() - 10;
    altered[last] ^= 1;
    assert_eq!(one.promised(&altered, world.now()), Err(SealingError::Promise));
    assert_eq!(one.promised(b"", world.now()), Err(SealingError::Promise));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_it_is_read() {
    let world = World::new().await;
    let council = trust(&world, device(&world)).await.unwrap();
    let root = phrase_root(&words(), council.origin()).unwrap();
    let sealer =
        TestimonySealer::begin(council.target().unwrap(), root.case(0), Choices::default(), &mut rng()).unwrap();
    let info = |size| FileInfo {
        name: String::new(),
        media_type: String::new(),
        date: String::new(),
        size,
    };
    let mut out = Vec::new();
    let refused = sealer.begin_evidence(info(64 << 20), &mut out, &mut rng()).err();
    assert_eq!(refused, Some(SealingError::TooMuch));
    let mut file = sealer.begin_evidence(info(3), &mut out, &mut rng()).unwrap();
    assert_eq!(file.push(b"four", &mut out), Err(SealingError::FileChanged));
    let mut file = sealer.begin_evidence(info(3), &mut out, &mut rng()).unwrap();
    file.push(b"tw", &mut out).unwrap();
    assert_eq!(file.finish(&mut out).err(), Some(SealingError::FileChanged));
    let long = format!(r#"{{"account":"{}"}}"#, "a".repeat(256 * 1024));
    assert_eq!(
        sealer
            .seal(&telling(&long), world.now(), SealedBy::Browser, &mut rng())
            .err(),
        Some(SealingError::TooMuch)
    );
}

#[tokio::test]
async fn a_search_goes_on_where_it_stopped() {
    let world = World::new().await;
    let council = trust(&world, device(&world)).await.unwrap();
    let root = phrase_root(&words(), council.origin()).unwrap();
    let sealer =
        TestimonySealer::begin(council.target().unwrap(), root.case(0), Choices::default(), &mut rng()).unwrap();
    let mut filing = sealer
        .seal(
            &telling(r#"{"account":"a"}"#),
            world.now(),
            SealedBy::Browser,
            &mut rng(),
        )
        .unwrap();
    assert_eq!(filing.search(0, 1), Err(SealingError::Order), "no offer yet");
    assert_eq!(filing.offer("{}"), Err(SealingError::Work));
    let nonce = WorkNonce([7; 16]);
    filing
        .offer(&format!(r#"{{"nonce":"{nonce}","bits":12,"expires":1}}"#))
        .unwrap();
    let slices = (0..100_000)
        .position(|slice| filing.search(slice * 16, 16).unwrap())
        .unwrap() as u64;
    let Work { counter, .. } = form(&filing).work;
    assert_eq!(counter / 16, slices);
}
