//! What people write or read aloud: the phrase (§4), and names in statements and paths (§15.5, §19).

use crate::Pool;
use protocol::drop::BucketName;
use protocol::phrase::{Language, Phrase, PhraseError, WORD_COUNT};
use protocol::{CaseId, Day, Digest, Origin};
use testimony::{FILE_NAME_MAX, safe_file_name};

/// What is read is read alike from the words of both lists; what is not read is blamed on a word of the eight.
pub fn phrase(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    match Phrase::read(text) {
        Ok(candidates) => {
            assert!((1..=Language::ALL.len()).contains(&candidates.len()));
            for candidate in &candidates {
                for language in Language::ALL {
                    let words = candidate.words(language);
                    let again = Phrase::read(&words).expect("its own words are a phrase");
                    assert!(again.iter().any(|phrase| phrase.words(language) == words));
                }
            }
            true
        }
        Err(PhraseError::Count(count)) => {
            assert_ne!(count, WORD_COUNT);
            false
        }
        Err(PhraseError::Unknown(unknown)) => {
            assert!(!unknown.is_empty());
            let places = unknown.iter().all(|word| (1..=WORD_COUNT).contains(&word.position));
            assert!(places && unknown.iter().all(|word| word.suggestions.len() <= 3));
            false
        }
        Err(PhraseError::Checksum) => false,
    }
}

/// Each unknown word is compared with both lists, which takes time: only what is as long as a phrase.
pub fn phrases(pool: &Pool) -> Vec<Vec<u8>> {
    pool.derived(|item| (item.len() <= 120).then(|| item.to_vec()))
}

/// Each name has one spelling, both readers of bucket names agree, and any text becomes a safe file name.
pub fn names(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let mut taken = [String::new()].into();
    for _ in 0..2 {
        let name = safe_file_name(text, &mut taken);
        assert!((1..=FILE_NAME_MAX).contains(&name.len()) && !name.starts_with('.'));
        assert!(!name.contains(['/', '\\', ':']) && !name.contains(char::is_control));
    }
    assert_eq!(taken.len(), 3, "the second file has another name");

    let day = Day::parse(text);
    if let Some(day) = day {
        assert_eq!(day.to_string(), text);
        assert_eq!((Day::of(day.start()), Day::of(day.end() - 1)), (day, day));
    }
    let origin = Origin::new(text);
    if let Some(origin) = &origin {
        assert_eq!(origin.as_str(), text);
    }
    let hex = Digest::from_hex(text).map(|digest| digest.to_hex());
    let case = CaseId::from_hex(text).map(|case| case.to_hex());
    assert!(hex.iter().chain(&case).all(|written| written == text));
    let bucket = BucketName::parse(text).map(|bucket| bucket.to_string());
    assert!(bucket.iter().all(|written| written == text));
    bucket.is_some() || day.is_some() || origin.is_some() || hex.is_some() || case.is_some()
}
