//! Identifiers of wordings, in the form of ELI.

use std::collections::BTreeMap;

use law::Worded as _;

use crate::law_files::library;

/// The identifier of a wording says law, part and day, and no two offences or fractions share one.
#[test]
fn identifiers_are_of_one_form_and_tell_wordings_apart() {
    let library = library();
    let mut wordings = Vec::new();
    for one in &library.offences {
        wordings.extend(
            one.wordings()
                .map(|wording| (&one.id, &one.instrument, &wording.art, wording.since)),
        );
    }
    for one in &library.fractions {
        let law = &library.increase(&one.increase).unwrap().instrument;
        wordings.extend(
            one.wordings()
                .map(|wording| (&one.id, law, &wording.art, wording.since)),
        );
    }
    let mut seen = BTreeMap::new();
    for (id, law, art, since) in wordings {
        let iri = library
            .iri(law, art, Some(since))
            .unwrap_or_else(|| panic!("{id} has none"));
        let parts: Vec<&str> = iri.split('/').collect();
        assert!(
            iri.starts_with("/mx/") && parts[5].len() > 2 && parts[6].starts_with("art_"),
            "{iri}"
        );
        assert!(iri.ends_with(&format!("/{since}/spa")), "{iri}");
        assert!(
            iri.chars().all(|c| c.is_ascii_alphanumeric() || "/-_".contains(c)),
            "{iri}"
        );
        // What stands in one part of one law has one identifier, and nothing of another law or part has it.
        let part = (law, law::cites(art).into_iter().next());
        if let Some((_, other)) = seen.insert(iri.clone(), (id, part.clone())) {
            assert_eq!(other, part, "{iri}");
        }
    }
    assert!(seen.len() > 50, "{}", seen.len());
    let wanted = "/mx/fed/ley/2012-06-14/lgpsedmtp/art_42/fr_VII/2024-06-08/spa";
    assert_eq!(seen[wanted].0, "ag42_VII");
}
