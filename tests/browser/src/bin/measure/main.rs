//! The page's work in Chromium beside the same work natively, in one run: what `cargo xtask bench browser` writes down.
#![expect(clippy::print_stdout, reason = "the table is the result")]

mod native;

use anyhow::{Context as _, Result, ensure};
use browser::{Person, Size, Stage};
use serde_json::{Value, json};

/// Times that each piece of arithmetic is done; the median counts.
const ROUNDS: u32 = 11;
/// Evidence: this many pieces of this many bytes, 48 MiB.
const PIECES: usize = 48;
const PIECE: usize = 1 << 20;

/// How many times slower than this machine a phone is: none, one of the middle, and a cheap one, as the developer tools of
/// Chromium and Lighthouse assume of a desktop.
const SLOWER: [u32; 3] = [1, 4, 6];
/// Seconds that work may take, and the most bits that the service asks for by default.
const WORK_S: f64 = 10.0;
const WORK_MAX: u32 = 20;

fn main() -> Result<()> {
    Stage::play(|stage| {
        let native = native::run(stage)?;
        let she = Person::arrive(stage, "measured", "es-MX,es", Size::PHONE)?;
        she.open("/es/")?;
        let landing = landing(&she)?;
        she.open("/es/nuevo")?;
        she.click("#before-next")?;
        she.wait_for("#who-state.done")?;
        let weight = measure(&she, "weight", 0)?;
        let page = measure(&she, "arithmetic", ROUNDS as usize)?;
        let number = |value: &Value| value.as_f64().context("a number");
        let mut hashes = Vec::new();
        for rate in SLOWER {
            she.slow_down(rate)?;
            hashes.push(number(&measure(&she, "hashcash", ROUNDS as usize)?)?);
        }
        she.slow_down(1)?;
        // A page of its own for the worker, so that only its memory is seen.
        she.open("/es/nuevo")?;
        she.click("#before-next")?;
        she.wait_for("#who-state.done")?;
        let watch = stage.watch_memory();
        let at = measure(&she, "filing", PIECES)?;
        let (from, to) = (number(&at["lock-now"])?, number(&at["lock-done"])?);
        let (before, most) = watch.between(from, to)?;
        let (_, whole) = watch.between(number(&at["key-now"])?, number(&at["receipt-done"])?)?;
        let mb = (PIECES * PIECE) as f64 / 1e6;
        println!("| what | aim | in Chromium | natively |\n|---|---|---|---|");
        println!(
            "| a document of 4 KiB sealed (n = 5, t = 3), Argon2id aside | < 15 ms | {:.1} ms | {:.1} ms |",
            number(&page["seal_ms"])?,
            native.seal_ms
        );
        println!(
            "| Argon2id, 64 MiB, t = 3, and the keys of a case | < 1 s | {:.0} ms | {:.0} ms |",
            number(&page["argon_ms"])?,
            native.argon_ms
        );
        println!(
            "| 48 MiB of evidence sealed | – | {:.0} MB/s | {:.0} MB/s |",
            number(&page["evidence_mb_s"])?,
            native.evidence_mb_s
        );
        println!(
            "| 48 MiB of evidence read, sealed and stored over loopback | 60 MB/s | {:.0} MB/s | {:.0} MB/s |",
            mb / ((to - from) / 1e3),
            native.stored_mb_s
        );
        println!(
            "| memory of the page's process while it does | < 64 MiB more | {:.0} MiB more than the {before:.0} after \
             Argon2id; {whole:.0} at most in the whole filing | – |",
            most - before
        );
        for (rate, hashes) in SLOWER.iter().zip(&hashes) {
            let natively = if *rate == 1 {
                format!("{:.0}", native.hashes_s)
            } else {
                "–".to_owned()
            };
            let slower = if *rate == 1 {
                String::new()
            } else {
                format!(", slowed {rate} times")
            };
            println!("| hashes a second in a search for work{slower} | – | {hashes:.0} | {natively} |");
            println!(
                "| most bits that are found within {WORK_S} s in 99 of 100 cases{slower} | {WORK_MAX} | {} | – |",
                bits_within(WORK_S * hashes)
            );
        }
        println!("\n| bytes on the wire (brotli) | aim | is |\n|---|---|---|");
        println!("| landing with all it loads | 30,000 | {landing} |");
        println!(
            "| `/nuevo` with all it loads before its worker | 60,000 | {} |",
            weight["page"]
        );
        println!("| its worker's scripts | – | {} |", weight["worker"]);
        println!("| module `declare` | 200,000 | {} |", weight["modules"]["declare"]);
        println!("| module `desk` | 600,000 | {} |", weight["modules"]["desk"]);
        Ok(())
    })
}

/// The most bits for which so many hashes suffice in 99 of 100 cases: the hashes that are needed lie exponentially about
/// their mean 2^bits, and one in a hundred needs more than ln 100 = 4.6 times as many.
fn bits_within(hashes: f64) -> u32 {
    (hashes / 100f64.ln()).log2() as u32
}

/// Bytes of the landing with its style, icon and scripts, as the browser counted them.
fn landing(she: &Person<'_>) -> Result<f64> {
    let script =
        "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        return all.reduce((sum, entry) => sum + entry.encodedBodySize, 0)";
    let bytes = she.run(script, &[])?.as_f64().context("a number")?;
    ensure!(bytes > 1_000.0, "the browser counted {bytes} bytes only");
    Ok(bytes)
}

/// Runs one part of page.js.
fn measure(she: &Person<'_>, what: &str, amount: usize) -> Result<Value> {
    let mut told = she.run_later(include_str!("page.js"), &[json!(what), json!(amount)])?;
    ensure!(told["error"].is_null(), "{what}: {}", told["error"]);
    Ok(told["answer"].take())
}
