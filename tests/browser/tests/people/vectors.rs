//! docs/vectors/ hold in a browser: the module makes every file again, byte for byte.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use browser::{File, Person, Size, Stage, serve};
use serde_json::json;

/// Makes one file; what the module refuses is thrown.
const MAKE: &str = "const [name, done] = arguments;
    import('/vectors.js')
        .then(module => module.default({module_or_path: '/vectors_bg.wasm'}).then(() => module.vectors(name)))
        .then(text => done({text: text ?? null}), error => done({error: String(error)}));";

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn every_vector_is_the_same_in_a_browser() -> Result<()> {
    let folder = PathBuf::from(std::env::var_os("RESGUARDO_VECTORS").context("RESGUARDO_VECTORS is not set")?);
    let file = |name: &str, media_type| -> Result<File> {
        let bytes = std::fs::read(folder.join(name))?;
        let path = format!("/{name}");
        Ok(File {
            path,
            media_type,
            bytes,
        })
    };
    let address = serve(vec![
        File::page("<!doctype html><html lang=en><title>vectors</title><p>vectors"),
        file("vectors.js", "text/javascript")?,
        file("vectors_bg.wasm", "application/wasm")?,
    ])?;
    Stage::play(|stage| {
        let person = Person::arrive(stage, "vectors", "es-MX,es", Size::PHONE)?;
        person.open_url(&address)?;
        let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors");
        let mut count = 0;
        for entry in std::fs::read_dir(kept)? {
            let path = entry?.path();
            let name = path.file_name().context("a name")?.to_string_lossy().into_owned();
            // A page passes over these (§6.5).
            if name == "ml-dsa.json" {
                continue;
            }
            let made = person.run_later(MAKE, &[json!(name)])?;
            ensure!(made["error"].is_null(), "{name}: {}", made["error"]);
            let text = made["text"]
                .as_str()
                .with_context(|| format!("the module does not know {name}"))?;
            ensure!(
                text == std::fs::read_to_string(&path)?,
                "{name} is another in the browser"
            );
            count += 1;
        }
        eprintln!("{count} files of docs/vectors/ are the same in the browser");
        ensure!(count >= 17, "only {count} files were compared");
        Ok(())
    })
}
