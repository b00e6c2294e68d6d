//! What a library says of its facts, offences and laws, and which facts it finds by what is said.

use std::collections::BTreeMap;

use crate::library::Library;
use crate::offence::Offence;
use crate::speech::Tongue;

/// Facts by their numbers, those first that fit best; by words of the law, labels, clauses and words of daily speech, in both
/// languages. Empty when nothing fits or nothing is asked.
pub fn search(library: &Library, text: &str) -> Vec<usize> {
    library.search.find(text)
}

impl Library {
    /// A fact as a clause; its label where the law files have no clause.
    pub fn clause(&self, fact: usize, tongue: Tongue) -> &str {
        let speech = self.speech.get(&fact);
        speech.map_or(self.facts[fact].es.as_str(), |speech| speech.clause.of(tongue))
    }

    /// The name of an offence; in Spanish its label.
    pub fn offence_name<'a>(&'a self, offence: &'a Offence, tongue: Tongue) -> &'a str {
        let english = self.names.get(&offence.id).map(|name| name.en.as_str());
        tongue.pick(None, english).unwrap_or(&offence.es)
    }

    /// What a law file notes under a name, in this language; in Spanish under the name with `_es`, where it differs.
    pub fn note<'a>(notes: &'a BTreeMap<String, String>, name: &str, tongue: Tongue) -> Option<&'a str> {
        let spanish = tongue.pick(notes.get(&format!("{name}_es")), None);
        spanish.or_else(|| notes.get(name)).map(String::as_str)
    }

    /// A law by the name that is read aloud, with its article; else its full name, or the id of a law that is not here.
    pub fn law_name<'a>(&'a self, id: &'a str, tongue: Tongue) -> &'a str {
        if let Some(name) = self.names.get(id) {
            return name.of(tongue);
        }
        self.instrument(id).map_or(id, |law| law.name.as_str())
    }
}
