//! A proxy on the way takes little at once: the page sends smaller pieces, and goes on where it was.

use anyhow::{Context as _, Result, ensure};
use browser::{Person, Size, Stage};
use deployment::narrow;

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
            she.click("#before-next")?;
            she.wait_for("#who-state.done")?;
            she.click("#who-next")?;
            she.write("#account", "Lo grabé.")?;
            she.click("#account-next")?;
            she.click("#questions-next")?;
            she.choose("#files", &[&film, &film])?;
            she.until("her films", || {
                Ok((she.texts("#file-list li")?.len() == 2).then_some(()))
            })?;
            she.click("#evidence-next")?;
            she.click("#person-next")?;
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
