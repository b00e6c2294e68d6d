//! Writing and reading the eight words (§4 «Reading», §19 «Names»).

use proptest::prelude::*;
use protocol::ids::Origin;
use protocol::phrase::{Language, Phrase, PhraseError, WORD_COUNT, fingerprint_words};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use unicode_normalization::UnicodeNormalization;

const ENGLISH: &str = "absurd math era live bid rhythm alien culture";
const SPANISH: &str = "abrir marco encargo lluvia atar porción agudo cojín";

/// The phrase behind a text, told by its English words.
fn check(text: &str, expected: Result<&str, &PhraseError>) {
    let read = Phrase::read(text);
    let words = read.as_ref().map(|found| {
        assert_eq!(found.len(), 1, "{text}");
        found[0].words(Language::English)
    });
    assert_eq!(
        words.as_ref().map(|words| words.as_str()),
        expected.as_ref().copied(),
        "{text}"
    );
}

#[test]
fn either_list_reads_as_the_same_phrase() {
    check(ENGLISH, Ok(ENGLISH));
    check(SPANISH, Ok(ENGLISH));
}

#[test]
fn case_accents_separators_and_endings_do_not_matter() {
    for text in [
        "ABSURD MATH ERA LIVE BID RHYTHM ALIEN CULTURE",
        "  absurd\tmath\nera\u{a0}live\u{2003}bid rhythm   alien culture\r\n",
        "absurd-math-era-live-bid-rhythm-alien-culture",
        "absurd, math, era, live, bid, rhythm, alien, culture.",
        "absurd\u{2010}math\u{2013}era\u{2014}live, bid\u{200b} \u{feff}rhythm al\u{ad}ien culture",
        "absu math era live bid rhyt alie cult",
        "absurdo mathematics era lively bid rhythms aliens cultural",
        "Abrir Marco Encargo Lluvia Atar Porcion Agudo Cojin",
        "ABRIR MARCO ENCARGO LLUVIA ATAR PORCIÓN AGUDO COJÍN",
        "abri marc enca lluv atar porc agud coji",
        "ａｂｒｉｒ marco encargo lluvia atar porción agudo cojín",
    ] {
        check(text, Ok(ENGLISH));
    }
    check(&SPANISH.nfd().collect::<String>(), Ok(ENGLISH));
    check(&SPANISH.nfkc().collect::<String>(), Ok(ENGLISH));
}

#[test]
fn however_people_number_quote_and_part_them() {
    let spanish: Vec<&str> = SPANISH.split(' ').collect();
    let ways: [fn(usize, &str) -> String; 18] = [
        |n, word| format!("{n}. {word} "),
        |n, word| format!("{n}) {word}\n"),
        |n, word| format!("{n}.-{word} "),
        |n, word| format!("{n}º {word} "),
        |n, word| format!("{n}ª{word} "),
        |n, word| format!("({n}) «{word}», "),
        |n, word| format!("#{n}:{word} "),
        |n, word| format!("[{n}] {word}\r\n"),
        |_, word| format!("- {word}\n"),
        |_, word| format!("• {word}\r\n"),
        |_, word| format!("\"{word}\" "),
        |_, word| format!("“{word}” – "),
        |_, word| format!("{word};"),
        |_, word| format!("{word} / "),
        |_, word| format!("{word}|"),
        |_, word| format!("_{word}_"),
        |_, word| format!("{word}.\t"),
        |_, word| format!("*{word}*\u{2028}"),
    ];
    for (way, written) in ways.iter().enumerate() {
        let text: String = spanish
            .iter()
            .enumerate()
            .map(|(n, word)| written(n + 1, word))
            .collect();
        let read = Phrase::read(&text).unwrap_or_else(|error| panic!("way {way}: {text}: {error}"));
        assert_eq!(read[0].words(Language::English).as_str(), ENGLISH, "{text}");
    }
    for circled in ["① ② ③ ④", "ⓐ ⓑ", "1 2 3 4 5 6 7 8", "… — «»"] {
        check(&format!("{circled} {ENGLISH}"), Ok(ENGLISH));
        assert_eq!(Phrase::read(circled).unwrap_err(), PhraseError::Count(0));
    }
}

#[test]
fn words_are_shown_composed() {
    let found = Phrase::read(SPANISH).unwrap();
    let shown = found[0].words(Language::Spanish);
    assert_eq!(shown.as_str(), SPANISH);
    assert!(unicode_normalization::is_nfc(&shown));
}

#[test]
fn the_count_must_be_eight() {
    check("", Err(&PhraseError::Count(0)));
    check(" ,- ", Err(&PhraseError::Count(0)));
    check("absurd math era live bid rhythm alien", Err(&PhraseError::Count(7)));
    check(&format!("{ENGLISH} absurd"), Err(&PhraseError::Count(9)));
}

#[test]
fn known_words_that_do_not_belong_together() {
    check(
        "math absurd era live bid rhythm alien culture",
        Err(&PhraseError::Checksum),
    );
    check(
        "marco abrir encargo lluvia atar porción agudo cojín",
        Err(&PhraseError::Checksum),
    );
}

/// Position and suggestions of each unknown word.
fn unknown(text: &str) -> Vec<(usize, Vec<String>)> {
    match Phrase::read(text) {
        Err(PhraseError::Unknown(words)) => words.into_iter().map(|w| (w.position, w.suggestions)).collect(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn unknown_words_get_suggestions_from_the_list_that_fits() {
    let found = unknown("absurd math era live bid rythm alien culture");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].1[0].as_str()), (6, "rhythm"));

    let found = unknown("abrir marco emcargo lluvia atar porción ahudo cojín");
    let first: Vec<_> = found
        .iter()
        .map(|(position, near)| (*position, near[0].as_str()))
        .collect();
    assert_eq!(first, [(3, "encargo"), (7, "agudo")]);

    // Accents count for nothing in a slip either, and suggestions come composed.
    let found = unknown("abrir marco encargo lluvia atar poción agudo kojín");
    assert_eq!(
        (found[0].0, found[0].1[0].as_str()),
        (6, "porción"),
        "its first letters decide between equals"
    );
    assert_eq!((found[1].0, found[1].1[0].as_str()), (8, "cojín"));
}

#[test]
fn suggestions_are_at_most_three_and_never_far() {
    for (_, near) in unknown("zzzzzzzzzzzz qqqqqqqqq era live bid rhythm alien culture") {
        assert_eq!(near, Vec::<String>::new());
    }
    for (_, near) in unknown("absurd mxth era lxve bxd rhythm alien culture") {
        assert!((1..=3).contains(&near.len()), "{near:?}");
    }
    // A word without end is judged by its beginning, in bounded time.
    let long = "x".repeat(1 << 20);
    assert_eq!(
        unknown(&format!("{long} math era live bid rhythm alien culture"))[0].0,
        1
    );
}

#[test]
fn errors_and_debug_hold_no_word_of_hers() {
    let error = Phrase::read("absurd math era live bid xsecretox alien culture").unwrap_err();
    assert_eq!(error.to_string(), "word 6 is not in the list");
    assert!(!format!("{error:?}").contains("xsecretox"));
    let phrase = &Phrase::read(ENGLISH).unwrap()[0];
    assert_eq!(format!("{phrase:?}"), "Phrase(…)");
}

#[test]
fn drawn_phrases_differ() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let words: std::collections::HashSet<String> = (0..100)
        .map(|_| Phrase::draw(&mut rng).words(Language::English).to_string())
        .collect();
    assert_eq!(words.len(), 100);
}

/// The words that no drawn phrase shows: each is of its list, and leaving them out costs less than half a bit.
#[test]
fn the_excluded_words_are_of_the_lists_and_cost_less_than_half_a_bit() {
    let mut excluded = std::collections::HashSet::new();
    for (language, text) in [
        (Language::English, include_str!("../src/phrase/excluded-en.txt")),
        (Language::Spanish, include_str!("../src/phrase/excluded-es.txt")),
    ] {
        let list: Vec<String> = (0..2048u128).map(|index| list_word(language, index)).collect();
        for word in text.lines() {
            let index = list.iter().position(|shown| shown == word);
            assert!(
                excluded.insert(index.unwrap_or_else(|| panic!("{word} is not in the list"))),
                "{word}"
            );
        }
    }
    let left = 1.0 - f64::from(u32::try_from(excluded.len()).unwrap()) / 2048.0;
    let lost = -8.0 * left.log2();
    assert!(
        (0.48..0.5).contains(&lost),
        "{} places cost {lost} bits",
        excluded.len()
    );
}

/// The word of an index, as a fingerprint shows it.
fn list_word(language: Language, index: u128) -> String {
    let bits = (index << 77).to_be_bytes();
    let words = fingerprint_words(bits.last_chunk().unwrap(), language);
    words.split(' ').next().unwrap().to_owned()
}

#[test]
fn drawing_passes_over_excluded_words_and_reading_does_not() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let excluded = |language| match language {
        Language::English => include_str!("../src/phrase/excluded-en.txt"),
        Language::Spanish => include_str!("../src/phrase/excluded-es.txt"),
    };
    // Without the rule about 29 in 100 would hold one.
    for _ in 0..400 {
        let phrase = Phrase::draw(&mut rng);
        for language in Language::ALL {
            let words = phrase.words(language);
            assert!(
                words
                    .split(' ')
                    .all(|word| excluded(language).lines().all(|line| line != word))
            );
        }
    }
    let violent = (0..64u8)
        .filter_map(|low| Phrase::from_entropy([0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, low, 0x10]))
        .map(|phrase| phrase.words(Language::Spanish).to_string());
    for words in violent {
        assert_eq!(Phrase::read(&words).unwrap().len(), 1);
    }
    let bits: [u8; 11] = (6u128 << 77).to_be_bytes().last_chunk().copied().unwrap();
    assert!(fingerprint_words(&bits, Language::Spanish).starts_with("aborto "));
    assert!(protocol::phrase::holds_excluded_word(&bits));
    assert!(!protocol::phrase::holds_excluded_word(&[0; 11]));
}

#[test]
fn a_drawn_passphrase_is_typed_without_accents() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    for language in Language::ALL {
        let words = protocol::phrase::draw_words(language, 600, &mut rng);
        assert_eq!(words.split(' ').count(), 600);
        assert!(words.chars().all(|c| c.is_ascii_lowercase() || c == ' '));
    }
}

/// A process with too little memory for Argon2id gets no root, and no abort either.
#[test]
#[cfg(target_os = "linux")]
fn a_device_without_memory_gets_none() {
    const INSIDE: &str = "PHRASE_READING_WITHOUT_MEMORY";
    if std::env::var_os(INSIDE).is_some() {
        let phrase = Phrase::from_entropy([0; 11]).unwrap();
        assert!(phrase.root(&Origin::new("demo.example/log").unwrap()).is_none());
        return;
    }
    let run = |limit_kib: u32| {
        std::process::Command::new("sh")
            .args([
                "-c",
                &format!(
                    "ulimit -v {limit_kib} && exec \"$0\" --exact phrase_reading::a_device_without_memory_gets_none"
                ),
            ])
            .arg(std::env::current_exe().unwrap())
            .args(["--test-threads", "1"])
            .env(INSIDE, "1")
            .output()
            .unwrap()
    };
    let short = run(60_000);
    assert!(short.status.success(), "{}", String::from_utf8_lossy(&short.stdout));
    let enough = run(1_000_000);
    assert!(
        !enough.status.success(),
        "with memory the inner assertion must fail, or this test proves nothing"
    );
}

#[test]
fn root_depends_on_phrase_and_origin() {
    let phrase = &Phrase::read(ENGLISH).unwrap()[0];
    let id = |origin: &str| phrase.root(&Origin::new(origin).unwrap()).unwrap().case(0).id;
    assert_ne!(id("demo.example/log"), id("demo.example/lo"));
    let other = Phrase::from_entropy([0; 11]).unwrap();
    let origin = Origin::new("demo.example/log").unwrap();
    assert_ne!(other.root(&origin).unwrap().case(0).id, id("demo.example/log"));
}

#[test]
fn a_fingerprint_is_eight_words_of_either_list() {
    for language in Language::ALL {
        let zero = fingerprint_words(&[0; 11], language);
        let first = zero.split(' ').next().unwrap();
        assert_eq!(zero, [first; WORD_COUNT].join(" "));
    }
    assert_eq!(fingerprint_words(&[0xff; 11], Language::English), ["zoo"; 8].join(" "));
}

/// E with its last four bits zero.
fn entropies() -> impl Strategy<Value = [u8; 11]> {
    any::<[u8; 11]>().prop_map(|mut e| {
        e[10] &= 0xf0;
        e
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_in_both_languages(e in entropies()) {
        let phrase = Phrase::from_entropy(e).unwrap();
        let expected = phrase.words(Language::English);
        for language in Language::ALL {
            let words = phrase.words(language);
            prop_assert_eq!(words.split(' ').count(), WORD_COUNT);
            let found = Phrase::read(&words).unwrap();
            prop_assert!(found.iter().any(|read| read.words(Language::English) == expected));
        }
    }

    #[test]
    fn one_changed_word_is_noticed_or_is_another_phrase(
        e in entropies(),
        at in 0..WORD_COUNT,
        other in any::<[u8; 11]>(),
        language in prop_oneof![Just(Language::English), Just(Language::Spanish)],
    ) {
        let phrase = Phrase::from_entropy(e).unwrap();
        let words = phrase.words(language);
        let mut changed: Vec<&str> = words.split(' ').collect();
        let others = fingerprint_words(&other, language);
        let word = others.split(' ').nth(at).unwrap();
        prop_assume!(changed[at] != word);
        changed[at] = word;
        let changed = changed.join(" ");
        match Phrase::read(&changed) {
            Err(error) => prop_assert_eq!(error, PhraseError::Checksum),
            // One in sixteen passes by chance; it must then be the phrase that its words say, not hers.
            Ok(found) => for read in found {
                prop_assert_ne!(read.words(language), words.clone());
                prop_assert!(Language::ALL.iter().any(|list| read.words(*list).as_str() == changed));
            }
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
        let _ = Phrase::read(&text);
    }
}

#[test]
fn the_checksum_lets_one_change_in_sixteen_pass() {
    let phrase = Phrase::from_entropy([0x5a; 11].map(|b| b & 0xf0)).unwrap();
    let words = phrase.words(Language::English);
    let mut passed = 0;
    for index in 0..2048u16 {
        // The first of eight words of these bits is the word of this index.
        let mut bits = [0; 11];
        bits[..2].copy_from_slice(&(index << 5).to_be_bytes());
        let list = fingerprint_words(&bits, Language::English);
        let rest = words.split_once(' ').unwrap().1;
        passed += usize::from(Phrase::read(&format!("{} {rest}", list.split(' ').next().unwrap())).is_ok());
    }
    assert!((96..=160).contains(&passed), "{passed} of 2,048, about 128 expected");
}
