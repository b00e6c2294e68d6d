//! A proxy on the way takes little at once: the page sends smaller pieces, and goes on where it was.

use anyhow::{Context as _, Result, ensure};
use browser::{Person, Size, Stage};
use deployment::narrow;
use protocol::http::ChunkSize;
use serde_json::{Value, json};

use crate::declarant;

const FILM_BYTES: u32 = 5_000_000;

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_proxy_that_takes_little_at_once_gets_smaller_chunks() -> Result<()> {
    Stage::play(|stage| {
        let film = stage.folder().join("lo-que-grabé.mp4");
        let bytes: Vec<u8> = (0..FILM_BYTES)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        std::fs::write(&film, bytes)?;
        let service = stage.service.borrow().base_url.replace("http://", "").parse()?;
        // The form that comes last is one body of about 200 kB: what takes less of one is below what files at all.
        for (n, (limit, cuts)) in [(1 << 20, false), (1 << 20, true), (400_000, false)]
            .into_iter()
            .enumerate()
        {
            let (address, passed) = narrow(service, limit, cuts)?;
            let she = Person::arrive(stage, &format!("narrow-{n}"), "es-MX,es", Size::PHONE)?;
            she.open_url(&format!("{address}/es/nuevo"))?;
            she.wait_for("#who-state.done")?;
            she.click("#who-next")?;
            she.click("#before-next")?;
            she.write("#account", "Lo grabé.")?;
            she.click("#account-next")?;
            she.choose("#files", &[&film, &film])?;
            she.until("her films", || {
                Ok((she.texts("#file-list li")?.len() == 2).then_some(()))
            })?;
            she.click("#evidence-next")?;
            she.click("#identity-next")?;
            declarant::seal(&she, &mut |_| Ok(())).with_context(|| format!("below {limit} bytes, cutting: {cuts}"))?;
            let (chunks, refused) = (passed.chunks(), passed.refused());
            ensure!(
                refused > 0 && chunks.iter().all(|chunk| *chunk <= limit),
                "{refused}: {chunks:?}"
            );
            if !cuts {
                ensure!(refused <= 4, "it is remembered for the second film: {refused} refusals");
                let sent: usize = chunks.iter().sum();
                ensure!(
                    sent < 2 * FILM_BYTES as usize * 11 / 10,
                    "what had passed is not sent again: {sent}"
                );
            }
        }
        Ok(())
    })
}

/// The page's rule is the command line's: both are told the same thousand events.
#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn the_page_and_the_command_line_choose_the_same_sizes() -> Result<()> {
    Stage::play(|stage| {
        let mut state = 7_u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut size = ChunkSize::default();
        let (mut events, mut sizes): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        for n in 0..1000 {
            // Begun anew now and then: a limit once learned stays.
            if n % 50 == 0 {
                size = ChunkSize::default();
                events.push(json!(["new", 0]));
                sizes.push(json!([size.bytes(), true]));
                continue;
            }
            let (name, value, went) = match draw(40) {
                0 => ("broke", 0, {
                    size.broke();
                    true
                }),
                1 => {
                    let sent = size.bytes() - draw(size.bytes() / 3);
                    ("refused", sent, size.refused(sent))
                }
                _ => {
                    let most = if draw(8) == 0 { 9_000 } else { 1_600 };
                    let ms = draw(most);
                    ("taken", ms, {
                        size.taken(ms);
                        true
                    })
                }
            };
            events.push(json!([name, value]));
            sizes.push(json!([size.bytes(), went]));
        }
        let she = Person::arrive(stage, "sizes", "es-MX,es", Size::PHONE)?;
        she.open("/es/nuevo")?;
        let script = "const [events, done] = arguments;
            import(new URL('chunks.js', document.querySelector('script[src*=\"nuevo.js\"]').src)).then(({ ChunkSize }) => {
              let size = new ChunkSize();
              done(events.map(([name, value]) => {
                if (name === 'new') size = new ChunkSize();
                const went = name === 'new' ? true : (size[name](value) ?? true);
                return [size.bytes, went];
              }));
            });";
        let chosen = she.run_later(script, &[json!(events)])?;
        ensure!(
            chosen == json!(sizes),
            "the page chooses {chosen}\nthe command line {}",
            json!(sizes)
        );
        Ok(())
    })
}
