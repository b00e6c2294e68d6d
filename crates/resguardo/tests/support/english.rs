//! Finds English in what is to be Spanish.

/// Words that English has and Spanish has not, of those that this program says most.
const ENGLISH: &[&str] = &[
    "a", "already", "and", "another", "are", "as", "at", "be", "before", "between", "by", "can", "cannot", "council",
    "does", "each", "entries", "entry", "every", "file", "filed", "folder", "for", "from", "give", "given", "has",
    "have", "holds", "if", "in", "into", "is", "it", "its", "key", "keys", "missing", "must", "needs", "not",
    "nothing", "of", "on", "one", "only", "or", "reader", "request", "seat", "seats", "she", "so", "step", "than",
    "that", "the", "then", "there", "they", "this", "to", "until", "was", "what", "where", "which", "who", "with",
    "words", "write", "written", "your",
];
/// Of those, words that Spanish has too.
const BOTH: &[&str] = &["a"];

/// Prose alone: without what stands between backticks or quotes, without options, paths, addresses, values and codes.
fn prose(line: &str) -> String {
    let outside = line.split(['`', '"', '\'']).step_by(2).collect::<Vec<_>>().join(" ");
    let is_word = |word: &&str| {
        let inner = word.trim_matches(|letter: char| letter.is_ascii_punctuation() || "«»¿¡…".contains(letter));
        !word.starts_with('-')
            && !inner.contains(['/', '_', '-', '=', '.', '@'])
            && !inner.chars().any(char::is_numeric)
    };
    outside.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
}

/// English words of a text, each with its line.
pub fn english_in(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.contains("resguardo ")) {
        for word in prose(line).split(|letter: char| !letter.is_alphabetic()) {
            // Capitals alone are names of values, as FILE.
            if ENGLISH.contains(&word.to_lowercase().as_str())
                && !BOTH.contains(&word)
                && word.chars().any(char::is_lowercase)
            {
                found.push((word.to_owned(), line.to_owned()));
            }
        }
    }
    found
}
