//! What she writes of whoever hurt her, and the one form that it has (§12).

use crate::Pool;
use identifiers::{Identifier, Kind, TEXT_MAX};

/// A byte for the kind, the state or service and a new line, where there is one, and the text. Whatever is accepted is ASCII
/// and its own normal form, also where nothing is chosen beside it.
pub fn identifier(data: &[u8]) -> bool {
    let Some((kind, text)) = data.split_first() else {
        return false;
    };
    let (Some(kind), Ok(text)) = (Kind::from_number(*kind), str::from_utf8(text)) else {
        return false;
    };
    let (of, text) = match text.split_once('\n') {
        Some((of, text)) => (Some(of), text),
        None => (None, text),
    };
    let Ok(read) = Identifier::read(kind, of, text) else {
        return false;
    };
    assert_eq!(read.kind(), kind);
    assert!(read.normal().is_ascii() && (1..=TEXT_MAX).contains(&read.normal().len()));
    assert_eq!(read.oprf_input().len(), 1 + read.normal().len());
    for chosen in [of, None] {
        assert!(Identifier::read(kind, chosen, read.normal()).as_ref() == Ok(&read));
    }
    true
}

/// Every text under every kind, and under a state and a service.
pub fn texts(pool: &Pool) -> Vec<Vec<u8>> {
    let kinds = Kind::ALL.map(|kind| vec![kind as u8]);
    let chosen = [b"\x03MX-PUE\n".to_vec(), b"\x05instagram\n".to_vec()];
    let heads: Vec<Vec<u8>> = kinds.into_iter().chain(chosen).collect();
    pool.derived(|item| {
        let short = (item.len() <= 120).then_some(&heads).into_iter().flatten();
        short.map(|head| [head, item].concat()).collect::<Vec<_>>()
    })
}
