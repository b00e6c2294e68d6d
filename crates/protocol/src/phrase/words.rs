//! The word lists, and finding a written word in them (§4 «Reading»).

use super::Language;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Words in a list; an index has 11 bits.
pub(super) const WORDS: usize = 2048;

/// Letters that tell a word from every other of its list.
const LETTERS: usize = 4;
/// Letters of a written word that count when a near one is looked for; no word of a list is so long.
const LETTERS_MAX: usize = 16;
/// Suggestions for one unknown word.
const SUGGESTIONS_MAX: usize = 3;
/// Greatest edit distance of a suggestion.
const DISTANCE_MAX: usize = 3;

/// The word of an index in NFC; `index` is below [`WORDS`].
pub(super) fn word(language: Language, index: usize) -> &'static str {
    &shown(language)[index]
}

/// The index of the list's word that begins with the same four letters, or is the same shorter word.
pub(super) fn find(language: Language, written: &str) -> Option<usize> {
    let folded = fold(written);
    let by_letters = &list(language).by_letters;
    let place = by_letters.binary_search_by(|(letters, _)| letters.as_str().cmp(first_letters(&folded)));
    place.ok().map(|at| by_letters[at].1)
}

/// Up to three words of the list that are near to what was written, and the least distance. Nearest first;
/// between equals the one that begins alike for longer, because slips are rarer there.
pub(super) fn near(language: Language, written: &str) -> (usize, Vec<String>) {
    let written: Zeroizing<Vec<char>> = Zeroizing::new(fold(written).chars().take(LETTERS_MAX).collect());
    let list = list(language);
    let mut found: Vec<(usize, usize, usize)> = (0..WORDS)
        .map(|index| {
            let letters = &list.letters[index];
            let unlike = LETTERS_MAX - written.iter().zip(letters).take_while(|(a, b)| a == b).count();
            (distance(&written, letters), unlike, index)
        })
        .filter(|(far, ..)| *far <= DISTANCE_MAX && *far < written.len())
        .collect();
    found.sort_unstable();
    let least = found.first().map_or(DISTANCE_MAX + 1, |(far, ..)| *far);
    let nearest = found.into_iter().take(SUGGESTIONS_MAX);
    let words = nearest.map(|(.., index)| word(language, index).to_owned()).collect();
    (least, words)
}

/// Whether a word of the list, in NFC, is one that no drawn phrase may hold (§4): violence, sex, captivity, death, and what
/// would say what the phrase is for.
pub(super) fn is_excluded(language: Language, word: &str) -> bool {
    let excluded = match language {
        Language::English => include_str!("excluded-en.txt"),
        Language::Spanish => include_str!("excluded-es.txt"),
    };
    excluded.lines().any(|line| line == word)
}

/// Whether a written part has a letter: «1.», «2º», «–» and «"» have none.
pub(super) fn is_word(part: &str) -> bool {
    part.chars().any(is_letter)
}

/// A letter of a word. The raised letters of ordinals («1º», «2ª») and letters in circles only count.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'ª' | 'º' | '\u{24b6}'..='\u{24e9}')
}

/// Lower case, NFKD, and of that the letters: no combining marks, full stops or invisible characters.
fn fold(written: &str) -> Zeroizing<String> {
    let mut folded = Zeroizing::new(String::with_capacity(4 * written.len()));
    folded.extend(
        written
            .chars()
            .filter(|c| is_letter(*c))
            .flat_map(char::to_lowercase)
            .nfkd()
            .filter(|c| c.is_alphabetic()),
    );
    folded
}

fn first_letters(folded: &str) -> &str {
    folded
        .char_indices()
        .nth(LETTERS)
        .map_or(folded, |(end, _)| &folded[..end])
}

/// A list as it is shown, in NFC, made once. Apart from [`List`], for whoever only shows words must not carry the tables
/// that reading them takes.
fn shown(language: Language) -> &'static [String] {
    static ENGLISH: LazyLock<Vec<String>> = LazyLock::new(|| compose_all(bip39::Language::English.word_list()));
    static SPANISH: LazyLock<Vec<String>> = LazyLock::new(|| compose_all(bip39::Language::Spanish.word_list()));
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

fn compose_all(words: &[&str; WORDS]) -> Vec<String> {
    words.iter().map(|word| compose(word)).collect()
}

/// NFC of a word of the lists: letters joined with the marks that Spanish has.
fn compose(word: &str) -> String {
    let mut composed = String::with_capacity(word.len());
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let joined = letters.peek().and_then(|mark| join(letter, *mark));
        if joined.is_some() {
            letters.next();
        }
        composed.push(joined.unwrap_or(letter));
    }
    composed
}

fn join(letter: char, mark: char) -> Option<char> {
    Some(match (letter, mark) {
        ('a', '\u{301}') => 'á',
        ('e', '\u{301}') => 'é',
        ('i', '\u{301}') => 'í',
        ('o', '\u{301}') => 'ó',
        ('u', '\u{301}') => 'ú',
        ('u', '\u{308}') => 'ü',
        ('n', '\u{303}') => 'ñ',
        _ => return None,
    })
}

/// One list, made once: as letters, and by the letters that find a word.
struct List {
    letters: Vec<Vec<char>>,
    /// Sorted.
    by_letters: Vec<(String, usize)>,
}

impl List {
    fn new(words: &[&str; WORDS]) -> Self {
        let folded: Vec<String> = words.iter().map(|word| fold(word).to_string()).collect();
        let letters = folded.iter().enumerate();
        let mut by_letters: Vec<_> = letters.map(|(i, word)| (first_letters(word).to_owned(), i)).collect();
        by_letters.sort_unstable();
        Self {
            letters: folded.iter().map(|word| word.chars().collect()).collect(),
            by_letters,
        }
    }
}

fn list(language: Language) -> &'static List {
    static ENGLISH: LazyLock<List> = LazyLock::new(|| List::new(bip39::Language::English.word_list()));
    static SPANISH: LazyLock<List> = LazyLock::new(|| List::new(bip39::Language::Spanish.word_list()));
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

/// Edits that make one word of the other: letters put in, left out, exchanged, or two neighbours swapped.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let exchanged = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = exchanged.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Language; 2] = [Language::English, Language::Spanish];

    #[test]
    fn four_folded_letters_tell_all_words_of_a_list_apart() {
        for language in BOTH {
            let by_letters = &list(language).by_letters;
            assert!(by_letters.windows(2).all(|two| two[0].0 < two[1].0), "{language:?}");
            for index in 0..WORDS {
                assert_eq!(
                    find(language, word(language, index)),
                    Some(index),
                    "{language:?} {index}"
                );
            }
        }
    }

    #[test]
    fn words_are_shown_in_nfc_and_fit_the_bound_on_letters() {
        for language in BOTH {
            assert!(
                list(language)
                    .letters
                    .iter()
                    .all(|letters| letters.len() <= LETTERS_MAX)
            );
        }
        for (language, words) in BOTH
            .into_iter()
            .zip([bip39::Language::English, bip39::Language::Spanish])
        {
            let normal = words.word_list().iter().map(|word| word.nfc().collect::<String>());
            assert!(normal.eq(shown(language).iter().cloned()), "{language:?}");
        }
        assert!(shown(Language::Spanish).iter().any(|word| !word.is_ascii()));
        assert_eq!(compose("n\u{303}u\u{308}a\u{301}"), "ñüá");
    }

    #[test]
    fn distance_counts_edits() {
        let check = |a: &str, b: &str, expected| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            assert_eq!((distance(&a, &b), distance(&b, &a)), (expected, expected));
        };
        check("", "", 0);
        check("", "abc", 3);
        check("rythm", "rhythm", 1);
        check("rhyhtm", "rhythm", 1);
        check("math", "bath", 1);
        check("absurd", "abrir", 3);
    }
}
