//! Facts found by what people say: words of the law, labels, clauses and words of daily speech, in both languages, whatever
//! their accents, capitals and endings.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Fact;
use crate::speech::Speech;

/// Words that say nothing of a fact, without accents.
const EMPTY: &[&str] = &[
    "a", "al", "and", "ante", "are", "as", "at", "be", "by", "como", "con", "cuando", "de", "del", "did", "do", "el",
    "ella", "en", "era", "es", "esa", "ese", "eso", "esta", "este", "estaba", "fue", "ha", "had", "has", "hay", "he",
    "her", "him", "his", "i", "in", "is", "it", "la", "las", "le", "les", "lo", "los", "me", "mi", "mis", "my", "no",
    "nos", "not", "of", "on", "or", "para", "pero", "por", "porque", "que", "se", "she", "si", "su", "sus", "te",
    "that", "the", "they", "them", "to", "toda", "todas", "todo", "todos", "un", "una", "unos", "us", "was", "we",
    "were", "with", "would", "y", "ya", "yo", "you",
];

/// Letters that forms of one word have in common at least.
const FORM_MIN: usize = 3;

/// Least part of what was asked that a fact must say, by weight.
const ENOUGH: f64 = 0.4;

/// The words by which each fact may be found, gathered once when law files are loaded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// For each fact its phrases.
    phrases: Vec<Vec<Vec<String>>>,
    /// For each word the facts that say it.
    facts: BTreeMap<String, BTreeSet<usize>>,
}

impl Index {
    pub(crate) fn new(facts: &[Fact], speech: &BTreeMap<usize, Speech>) -> Self {
        let mut index = Self::default();
        for (fact, known) in facts.iter().enumerate() {
            let mut texts = vec![known.es.as_str(), known.cite.as_str(), known.id.as_str()];
            if let Some(speech) = speech.get(&fact) {
                texts.extend([speech.clause.es.as_str(), speech.clause.en.as_str()]);
                texts.extend(speech.words.es.iter().chain(&speech.words.en).map(String::as_str));
            }
            let phrases: Vec<_> = texts.into_iter().map(|text| telling(&words(text))).collect();
            for word in phrases.iter().flatten() {
                index.facts.entry(word.clone()).or_default().insert(fact);
            }
            index.phrases.push(phrases);
        }
        index
    }

    /// Facts by their numbers, those first that fit best. Empty when nothing fits or nothing is asked.
    pub(crate) fn find(&self, text: &str) -> Vec<usize> {
        let asked = asked(text);
        let saying: Vec<_> = asked.iter().map(|word| self.saying(word)).collect();
        // A word that few facts say tells more than one that many say.
        let weight = |facts: &BTreeSet<usize>| (1.0 + as_f64(self.phrases.len()) / (1.0 + as_f64(facts.len()))).ln();
        let weights: Vec<f64> = saying.iter().map(weight).collect();
        let whole: f64 = weights.iter().sum();
        let facts: BTreeSet<usize> = saying.iter().flatten().copied().collect();
        let mut found: Vec<(f64, usize)> = Vec::new();
        for fact in facts {
            let in_all = saying.iter().zip(&weights).filter(|(facts, _)| facts.contains(&fact));
            let together = in_all.map(|(_, weight)| weight).sum::<f64>() / whole;
            if together < ENOUGH {
                continue;
            }
            let score = |phrase: &Vec<String>| {
                let met = asked
                    .iter()
                    .zip(&weights)
                    .filter(|(word, _)| phrase.iter().any(|other| alike(word, other)));
                met.map(|(_, weight)| weight).sum::<f64>() / whole + 0.4 * covered(phrase, &asked)
            };
            let best = self.phrases[fact].iter().map(score).fold(0.0, f64::max);
            found.push((best + 0.3 * together, fact));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.into_iter().map(|(_, fact)| fact).collect()
    }

    /// Facts that say the word, in any of its forms.
    fn saying(&self, word: &str) -> BTreeSet<usize> {
        // Forms of one word begin alike.
        let begin: String = word.chars().take(FORM_MIN).collect();
        let near = self
            .facts
            .range(begin.clone()..)
            .take_while(|(other, _)| other.starts_with(&begin));
        let forms = near.filter(|(other, _)| alike(word, other));
        forms.flat_map(|(_, facts)| facts).copied().collect()
    }
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// What part of a phrase was asked for.
fn covered(phrase: &[String], asked: &[String]) -> f64 {
    let met = phrase
        .iter()
        .filter(|word| asked.iter().any(|other| alike(other, word)));
    as_f64(met.count()) / as_f64(phrase.len().max(1))
}

/// The words of a question that tell something; all of them where none does.
fn asked(text: &str) -> Vec<String> {
    let all = words(text);
    let telling = telling(&all);
    if telling.is_empty() { all } else { telling }
}

fn telling(words: &[String]) -> Vec<String> {
    let unique: BTreeSet<&String> = words.iter().filter(|word| !EMPTY.contains(&word.as_str())).collect();
    unique.into_iter().cloned().collect()
}

/// Words without accents and capitals.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().flat_map(char::to_lowercase).filter_map(bare).collect();
    plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A letter without its accent; nothing for an accent that stands for itself.
fn bare(letter: char) -> Option<char> {
    Some(match letter {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        '\u{300}'..='\u{36f}' => return None,
        other => other,
    })
}

/// Whether two words are forms of one, or the first is the beginning of the second: «dejaban» and «dejar», «vict» and
/// «víctima». Numbers are alike when they are equal.
fn alike(asked: &str, said: &str) -> bool {
    if asked == said {
        return true;
    }
    if asked.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let (a, b) = (asked.chars().count(), said.chars().count());
    let common = asked.chars().zip(said.chars()).take_while(|(a, b)| a == b).count();
    if common == a && a >= FORM_MIN {
        return true;
    }
    common >= FORM_MIN && (common * 5 >= a.max(b) * 3 || common + 1 >= a.min(b) && common * 5 >= a.max(b) * 2)
}
