//! The example of how another program embeds the law.

#[path = "../../examples/embed.rs"]
#[expect(dead_code, reason = "its main is for people")]
mod embed;

use std::path::Path;

use law::Tongue;

#[test]
fn the_example_loads_a_folder_and_says_an_answer() {
    let laws = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../laws/mx");
    let library = embed::load(&laws).unwrap();
    let case = r#"{"date":"2019-05-10","facts":{"act_intentional":true,"purpose_slavery":true}}"#;
    let said = embed::say(&library, case, Tongue::Es).unwrap();
    assert!(
        said.iter()
            .any(|line| line.starts_with("Artículo 10 de la Ley General")),
        "{said:?}"
    );
    assert!(said.last().unwrap().starts_with("¿Es cierto que "), "{said:?}");
    assert!(embed::say(&library, "[", Tongue::En).is_err());
    assert!(embed::load(&laws.join("none")).is_err());
}
