//! A build without `cargo xtask wasm` has every page; those that need a module say what is missing and offer nothing.

use pages::nuevo::Nuevo;
use pages::volver::Volver;
use pages::{Assets, Audience, Frame, Language};

fn way(language: Language, assets: &Assets, root: Option<&str>) -> String {
    pages::html(&Nuevo {
        frame: Frame::new(language, "nuevo", Audience::Declarant, assets, false),
        root: root.map(ToOwned::to_owned),
        keepers: None,
        built: 0,
    })
}

#[test]
fn her_way_says_what_is_missing_and_takes_nothing() {
    let mut assets = Assets {
        folder: "/a/0/".to_owned(),
        has_declare: false,
        has_declare_plain: false,
        has_draft: false,
        has_desk: false,
        has_return: false,
    };
    for language in Language::ALL {
        let without = way(language, &assets, Some("{}"));
        assert!(without.contains("cargo xtask wasm"), "{without}");
        assert!(
            !without.contains("nuevo.js") && !without.contains("<textarea") && !without.contains("id=\"way\""),
            "{without}"
        );
        assets.has_declare = true;
        let with = way(language, &assets, Some("{}"));
        assert!(with.contains("nuevo.js") && !with.contains("cargo xtask wasm"));
        // Plain JavaScript is offered where it was made.
        assert!(!with.contains("data-plain"));
        assets.has_declare_plain = true;
        assert!(way(language, &assets, Some("{}")).contains("data-plain=\"/a/0/declare_plain.js\""));
        assets.has_declare_plain = false;
        // Nor is there anything to seal to before there is a council; that is nobody's build.
        let before = way(language, &assets, None);
        assert!(!before.contains("nuevo.js") && !before.contains("cargo xtask wasm"));
        assets.has_declare = false;
    }
}

#[test]
fn her_inbox_says_what_is_missing_and_takes_no_words() {
    let page = |language, has_return, root| {
        let assets = Assets {
            folder: "/a/0/".to_owned(),
            has_declare: true,
            has_declare_plain: true,
            has_draft: true,
            has_desk: true,
            has_return,
        };
        let frame = Frame::new(language, "volver", Audience::Declarant, &assets, false);
        pages::html(&Volver { frame, root, built: 0 })
    };
    for language in Language::ALL {
        let takes = |html: &str| html.contains("volver.js") || html.contains("<input");
        let without = page(language, false, "{}");
        assert!(without.contains("cargo xtask wasm") && !takes(&without), "{without}");
        let before = page(language, true, "");
        assert!(!before.contains("cargo xtask wasm") && !takes(&before), "{before}");
        let with = page(language, true, "{}");
        assert!(takes(&with) && !with.contains("cargo xtask wasm"));
    }
}
