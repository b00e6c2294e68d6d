//! Her consent as part of the key (§5.2, §8.4): with P any t shares open, without P none do, all of them included; under lapse
//! t_lapse shares of compartment 3 give P.

use crate::filing_support;

use curve25519_dalek::Scalar;
use filing_support::{ACCOUNT, IDENTITY, World, case, case_of, compartments_under, neutral_policy, rng, x};
use proptest::prelude::*;
use protocol::age::{self, Identity};
use protocol::open::{Header, OpenError, combine_releases, open_header_file, unpad_document, verify_header};
use protocol::phrase::CaseKeys;
use protocol::seal::{CompartmentKey, SealError, SealRequest, Sealed, seal};
use protocol::share::check::{Delivery, check};
use protocol::share::consent::{CONSENT_PART_FILE_LEN, SealedPart, lapse_document, read_lapse_document};
use protocol::share::{Commitments, ReleaseFile, ShareFile, combine, compartment};
use protocol::statement::Compartment::{Account, Consent, Identity as Person};
use protocol::statement::{AccessPolicy, Compartment, ConsentChoice, Council, Opening};
use protocol::{Digest, MemberNumber, Secret};

const REQUEST: Digest = Digest([0x51; 32]);
const LAPSE: ConsentChoice = ConsentChoice::Lapse { days: 365 };

/// A testimony of account and identity, and what its seats hold of it.
struct Filed {
    world: World,
    case: CaseKeys,
    sealed: Sealed,
    header: Header,
    shares: Vec<ShareFile>,
}

impl Filed {
    fn new(world: World, dealt: &[MemberNumber], consent: ConsentChoice, seed: u64) -> Self {
        let (case, mut rng) = (case(), rng(seed));
        let policy = AccessPolicy::new(consent, &world.council, dealt.len());
        let compartments = compartments_under(policy.open, &world, &case, dealt, &mut rng);
        let request = SealRequest {
            policy,
            ..world.request(dealt)
        };
        let sealed = seal(&request, &case, compartments, &mut rng).unwrap();
        let council_of =
            |digest: &Digest| -> Option<Council> { (*digest == world.digest()).then(|| world.council.clone()) };
        let entry = sealed.entry.to_bytes();
        // Each seat accepts what it is dealt.
        let shares = sealed.shares.iter().map(|(seat, file)| {
            let delivery = Delivery {
                id: sealed.id(),
                share: Some(file),
                header: Some(&sealed.header),
            };
            let accepted = check(*seat, world.keys(*seat), &delivery, &council_of, &|bytes| {
                bytes == entry
            });
            accepted.ok().unwrap().share
        });
        let shares = shares.collect();
        let (core, testimony) = open_header_file(&case.case_salt.k(), &sealed.header).unwrap();
        Self {
            header: verify_header(core, testimony).unwrap(),
            world,
            case,
            sealed,
            shares,
        }
    }

    fn of(n: u16, account: u8, identity: u8, consent: ConsentChoice) -> Self {
        let world = World::new(n, account, identity);
        let xs = world.xs();
        Self::new(world, &xs, consent, 1)
    }

    fn document(&self, name: Compartment) -> &[u8] {
        let at = self.header.core.compartments.iter().position(|part| part.name == name);
        &self.sealed.documents[at.unwrap()]
    }

    fn threshold(&self, name: Compartment) -> usize {
        self.header.core.compartment(name).unwrap().threshold.into()
    }

    /// Releases of the seats at these places.
    fn releases(&self, name: Compartment, seats: &[usize]) -> Vec<ReleaseFile> {
        seats
            .iter()
            .map(|at| self.shares[*at].release(REQUEST, name).unwrap())
            .collect()
    }

    fn open(&self, name: Compartment, seats: &[usize], part: Option<&Secret<[u8; 32]>>) -> Result<Vec<u8>, OpenError> {
        let releases = self.releases(name, seats);
        let (identity, _) = combine_releases(REQUEST, &self.header.core, name, &releases, part)?;
        Ok(age::open(&identity, self.document(name)).unwrap().to_vec())
    }

    /// S from the shares of these seats, whatever software would say to it.
    fn secret(&self, name: Compartment, seats: &[usize]) -> Option<Scalar> {
        let commitments = &self.header.core.compartment(name)?.commitments;
        let shares: Vec<_> = seats
            .iter()
            .map(|at| (self.shares[*at].x, self.shares[*at].share(name).unwrap().clone()))
            .collect();
        let (secret, _) = combine(&Commitments::decode(commitments)?, &shares).ok()?;
        Some(*secret)
    }

    /// Every key that these seats can make of what they hold, with P in none of them.
    fn keys_of_seats(&self, seats: &[usize]) -> Vec<Identity> {
        let names = [Account, Person, Consent];
        let secrets: Vec<Scalar> = names.iter().filter_map(|name| self.secret(*name, seats)).collect();
        let mut parts: Vec<Secret<[u8; 32]>> = vec![Secret::new([0; 32]), Secret::new(*self.case.case_salt.expose())];
        parts.extend(secrets.iter().map(|secret| Secret::new(secret.to_bytes())));
        parts.extend(seats.iter().flat_map(|at| {
            self.shares[*at]
                .shares
                .iter()
                .map(|(_, share)| Secret::new(share.b.to_bytes()))
        }));
        let mut keys: Vec<Identity> = vec![self.case.case_salt.k()];
        for secret in &secrets {
            for name in names {
                keys.push(compartment::identity(secret, None, &self.case.id, name));
                keys.extend(
                    parts
                        .iter()
                        .map(|part| compartment::identity(secret, Some(part), &self.case.id, name)),
                );
            }
        }
        keys
    }

    fn opens_with(&self, name: Compartment, keys: &[Identity]) -> bool {
        let recipient = &self.header.core.compartment(name).unwrap().recipient;
        let is_found = keys.iter().any(|key| key.recipient() == *recipient);
        let opens = keys.iter().any(|key| age::open(key, self.document(name)).is_ok());
        assert_eq!(is_found, opens);
        opens
    }
}

fn consents() -> impl Strategy<Value = ConsentChoice> {
    prop_oneof![
        Just(ConsentChoice::Strict),
        prop::sample::select(vec![180, 365, 730]).prop_map(|days| ConsentChoice::Lapse { days }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_shares_open_without_p_and_any_t_with_it(
        n in 3u16..8,
        account in 2u8..5,
        more in 0u8..3,
        chosen in any::<u8>(),
        consent in consents(),
        seed in any::<u64>(),
    ) {
        let n = n.max(u16::from(account) + 1);
        let identity = (account + more).min(n as u8 - 1);
        let world = World::new(n, account, identity);
        let xs = world.xs();
        let filed = Filed::new(world, &xs, consent, seed);
        let some: Vec<usize> = (0..usize::from(n)).filter(|at| chosen >> at & 1 == 1).collect();
        let all: Vec<usize> = (0..usize::from(n)).collect();
        for seats in [&some, &all] {
            let keys = filed.keys_of_seats(seats);
            let gives_p = consent != ConsentChoice::Strict && seats.len() >= filed.threshold(Consent);
            for (name, document) in [(Account, ACCOUNT), (Person, IDENTITY)] {
                prop_assert!(!filed.opens_with(name, &keys), "{seats:?} open {name:?} without P");
                prop_assert_eq!(filed.open(name, seats, None), Err(OpenError::ConsentPart));
                let with_p = filed.open(name, seats, Some(&filed.case.consent_part));
                if seats.len() >= filed.threshold(name) {
                    let with_p = with_p.unwrap();
                    prop_assert_eq!(unpad_document(&with_p).0, document);
                } else {
                    prop_assert!(matches!(with_p, Err(OpenError::Shares(_))));
                }
            }
            if consent != ConsentChoice::Strict {
                let part = filed.open(Consent, seats, None).ok().map(|plain| *read_lapse_document(&plain).unwrap().expose());
                prop_assert_eq!(part, gives_p.then(|| *filed.case.consent_part.expose()));
            }
        }
    }
}

#[test]
fn the_phrase_opens_nothing_alone() {
    for consent in [ConsentChoice::Strict, LAPSE] {
        let filed = Filed::of(5, 3, 4, consent);
        let case = &filed.case;
        let k = case.case_salt.k();
        let own = [
            case.inbox.seed(),
            k.seed(),
            case.case_salt.expose(),
            case.consent_part.expose(),
            case.draft.expose(),
        ];
        let keys: Vec<Identity> = own.iter().map(|seed| Identity::from_seed(**seed)).collect();
        assert!(
            filed
                .header
                .core
                .compartments
                .iter()
                .all(|part| !filed.opens_with(part.name, &keys))
        );
    }
}

#[test]
fn another_part_opens_nothing() {
    let filed = Filed::of(5, 3, 4, ConsentChoice::Strict);
    for part in [case_of(1).consent_part, Secret::new([0; 32])] {
        assert_eq!(
            filed.open(Account, &[0, 1, 2], Some(&part)),
            Err(OpenError::DoesNotOpen)
        );
    }
}

#[test]
fn compartment_3_is_there_under_lapse_only_and_holds_p_only() {
    let names = |filed: &Filed| -> Vec<(Compartment, u8)> {
        filed
            .header
            .core
            .compartments
            .iter()
            .map(|part| (part.name, part.threshold))
            .collect()
    };
    for (consent, third, lapse_days) in [
        (ConsentChoice::NotAsked, None, None),
        (ConsentChoice::Strict, None, None),
        (LAPSE, Some((Consent, 4)), Some(365)),
    ] {
        let filed = Filed::of(5, 3, 4, consent);
        let mut expected = vec![(Account, 3), (Person, 4)];
        expected.extend(third);
        assert_eq!(names(&filed), expected, "{consent:?}");
        let policy = &filed.header.core.policy;
        assert_eq!((policy.lapse_days, policy.t_lapse), (lapse_days, third.map(|(_, t)| t)));
        let is_asked = policy.open == Opening::WithMyConsent;
        assert_eq!(is_asked, consent != ConsentChoice::NotAsked);
        assert!(filed.shares.iter().all(|file| file.shares.len() == expected.len()));
        // What is not under consent opens without her, and P would not open it.
        assert_eq!(filed.open(Account, &[0, 1, 2], None).is_ok(), !is_asked);
    }
    let filed = Filed::of(5, 3, 4, LAPSE);
    let object = &filed.header.core.compartment(Consent).unwrap().objects[..];
    assert_eq!((object.len(), object[0].size), (1, CONSENT_PART_FILE_LEN as u64));
    let form = filed.sealed.filing_form(
        &filed.world.origin,
        protocol::seal::Posting {
            b: 0,
            keep: 180,
            soon: false,
            quota: None,
            work: protocol::http::Work {
                nonce: protocol::http::WorkNonce([7; 16]),
                counter: 0,
            },
        },
    );
    assert!(
        form.objects
            .iter()
            .any(|blob| blob.digest == object[0].digest && blob.size == CONSENT_PART_FILE_LEN as u64)
    );
    assert!(filed.sealed.blobs().any(|(digest, _)| digest == object[0].digest));
}

/// Seals with keys drawn under `drawn`, and a policy that is then edited.
fn refusal(
    world: &World,
    dealt: &[MemberNumber],
    drawn: Opening,
    edit: impl FnOnce(&mut AccessPolicy),
) -> Option<SealError> {
    let (case, mut rng) = (case(), rng(2));
    let compartments = compartments_under(drawn, world, &case, dealt, &mut rng);
    let mut policy = AccessPolicy::new(LAPSE, &world.council, dealt.len());
    edit(&mut policy);
    let request = SealRequest {
        policy,
        ..world.request(dealt)
    };
    seal(&request, &case, compartments, &mut rng).err()
}

#[test]
fn a_key_drawn_under_another_choice_is_refused() {
    let world = World::new(5, 3, 4);
    let xs = world.xs();
    assert_eq!(refusal(&world, &xs, Opening::WithMyConsent, |_| {}), None);
    let account = Some(SealError::Compartment(Account));
    assert_eq!(
        refusal(&world, &xs, Opening::OnRequest, |_| {}),
        account,
        "P is missing in the key"
    );
    assert_eq!(
        refusal(&world, &xs, Opening::WithMyConsent, |policy| *policy = neutral_policy()),
        account,
        "P is in the key and nobody asks her"
    );
    // Only one of the two.
    let (case, mut rng) = (case(), rng(3));
    let mut mixed = compartments_under(Opening::WithMyConsent, &world, &case, &xs, &mut rng);
    mixed[1] = compartments_under(Opening::OnRequest, &world, &case, &xs, &mut rng).remove(1);
    let request = SealRequest {
        policy: AccessPolicy::new(ConsentChoice::Strict, &world.council, 5),
        ..world.request(&xs)
    };
    assert_eq!(
        seal(&request, &case, mixed, &mut rng).err(),
        Some(SealError::Compartment(Person))
    );
}

#[test]
fn t_lapse_has_bounds() {
    let refused = Some(SealError::Compartment(Consent));
    let with = |world: &World, dealt: &[u16], t: u8| {
        let dealt: Vec<MemberNumber> = dealt.iter().map(|number| x(*number)).collect();
        refusal(world, &dealt, Opening::WithMyConsent, |policy| policy.t_lapse = Some(t))
    };
    let (world, equal) = (World::new(7, 3, 4), World::new(5, 3, 3));
    let all = [1, 2, 3, 4, 5, 6, 7];
    for t in 4..=7 {
        assert_eq!(with(&world, &all, t), None, "{t}");
    }
    assert_eq!(with(&world, &all, 3), refused, "below t_identity");
    assert_eq!(with(&world, &all, 8), refused, "above n'");
    assert_eq!(with(&world, &all[1..], 7), refused, "above n' where a seat is left out");
    assert_eq!(
        with(&equal, &all[..5], 3),
        refused,
        "not above t_account, which is t_identity"
    );
    assert_eq!(with(&equal, &all[..5], 4), None);
}

#[test]
fn clients_choose_all_seats_but_one_and_more_than_open_the_account() {
    for (n, account, identity, dealt, t) in [
        (5, 3, 4, 5, 4),
        (7, 3, 4, 7, 6),
        (7, 3, 4, 5, 4),
        (5, 3, 3, 4, 4),
        (5, 3, 3, 5, 4),
        (3, 2, 2, 3, 3),
    ] {
        let council = World::new(n, account, identity).council;
        assert_eq!(
            council.lapse_threshold(dealt),
            t,
            "{account} and {identity} of {n}, {dealt} dealt to"
        );
        assert!(council.is_lapse_threshold(t, dealt));
    }
}

#[test]
fn lapse_days_are_three() {
    let world = World::new(5, 3, 4);
    for (days, is_offered) in [
        (180, true),
        (365, true),
        (730, true),
        (0, false),
        (179, false),
        (731, false),
    ] {
        let refused = refusal(&world, &world.xs(), Opening::WithMyConsent, |policy| {
            policy.lapse_days = Some(days)
        });
        assert_eq!(refused.is_none(), is_offered, "{days}: {refused:?}");
    }
}

#[test]
fn callers_do_not_draw_compartment_3() {
    let (world, case, mut rng) = (World::new(5, 3, 4), case(), rng(4));
    let xs = world.xs();
    let mut all = compartments_under(Opening::WithMyConsent, &world, &case, &xs, &mut rng);
    let mut third = CompartmentKey::draw(Consent, 4, Opening::WithMyConsent, &case, &xs, &mut rng);
    third.set_document(b"not P", &mut rng).unwrap();
    all.push(third);
    let request = SealRequest {
        policy: AccessPolicy::new(LAPSE, &world.council, 5),
        ..world.request(&xs)
    };
    assert_eq!(
        seal(&request, &case, all, &mut rng).err(),
        Some(SealError::Compartment(Consent))
    );
}

#[test]
fn the_largest_header_under_lapse_fits() {
    let world = World::new(23, 21, 22);
    let xs = world.xs();
    let filed = Filed::new(world, &xs, LAPSE, 5);
    assert_eq!((filed.sealed.header.len(), filed.threshold(Consent)), (26_235, 22));
}

#[test]
fn a_part_is_for_one_request_or_for_a_lapse() {
    let (part, key, mut rng) = (Secret::new([0x77; 32]), Identity::from_seed([0x21; 32]), rng(6));
    let sealed = SealedPart::seal(&part, &REQUEST, &key.recipient(), &mut rng);
    assert_eq!(sealed.file().len(), 1_787);
    let bytes = age::open(&key, sealed.file()).unwrap();
    assert_eq!(bytes.len(), 128);
    assert_eq!(&bytes[..26], b"resguardo/v1/consent-file\0");
    assert_eq!((&bytes[26..58], &bytes[58..90]), (&REQUEST.0[..], &[0x77; 32][..]));
    assert!(bytes[90..].iter().all(|byte| *byte == 0));

    let opens = |sealed: &SealedPart, request| sealed.open(&key, request).map(|part| *part.expose());
    assert_eq!(opens(&sealed, &REQUEST), Some([0x77; 32]));
    assert_eq!(opens(&sealed, &Digest([0x52; 32])), None, "for another request");
    assert!(
        sealed.open(&Identity::from_seed([0x22; 32]), &REQUEST).is_none(),
        "another key"
    );
    assert!(
        read_lapse_document(&bytes).is_none(),
        "as the document of compartment 3"
    );

    let document = lapse_document(&part);
    let read = |bytes: &[u8]| read_lapse_document(bytes).map(|part| *part.expose());
    assert_eq!(read(&document), Some([0x77; 32]));
    let mut rng = filing_support::rng(7);
    let as_part = SealedPart::from_file(age::seal(&[&key.recipient()], &document, &mut rng)).unwrap();
    assert_eq!(opens(&as_part, &REQUEST), None);
    for (at, byte) in [(0, b'R'), (26, 1), (90, 1), (127, 1)] {
        let mut changed = document.to_vec();
        changed[at] = byte;
        assert_eq!(read(&changed), None, "byte {at}");
    }
    assert_eq!(read(&document[..127]), None);
    assert_eq!(read(&[&document[..], &[0]].concat()), None);
    assert!(SealedPart::from_file(sealed.file()[1..].to_vec()).is_none());
}
