//! A visit to the site that a log names (§14.2): fetched as a browser does, compared by [`client::site`].

use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::line::ServiceLine;
use crate::remote::{Browser, Network};
use casework::site::{Sites, StatedSite};
use client::site::{self, SiteFault, SiteVerdict, Unexplained};
use protocol::Digest;
use protocol::statement::SiteList;
use std::collections::BTreeMap;
use std::path::Path;

/// Earlier statements in which bytes are looked for that were served in place of others.
const EARLIER_MAX: usize = 8;

/// What a visit has shown.
pub(crate) struct SiteLook {
    /// The statement that counts.
    pub stated: StatedSite,
    /// What is to be said.
    pub verdict: SiteVerdict,
    /// Files that were compared.
    pub files: usize,
    /// Pages that change with the log, of which headers and what they load were looked at.
    pub live: usize,
    /// Of the scripts, styles, images and modules that are stated: how many, and how many of them this program's own build has.
    pub built: (usize, usize),
}

/// Visits the site at an address, of a log that was read there or elsewhere. `before`: what waited since the visit before; `keep`: where the bytes go that were
/// served in place of what was stated.
///
/// # Errors
/// Exit 3 where the log has no `site`, 1 where its list is withheld; network, storage.
pub(crate) fn look(
    follow: &Follow,
    address: &str,
    before: Option<Unexplained>,
    keep: Option<&Path>,
    console: &Console,
) -> Outcome<SiteLook> {
    let registry = follow.log().registry();
    let sites = Sites::of(registry);
    let Some(stated) = sites.newest().cloned() else {
        return Err(CliError::new(
            CliCode::NoSite,
            t!("the log has no statement of what the service serves"),
        )
        .why(t!(
            "a service states it with the step after its first council, and anew whenever it changes"
        ))
        .remedy(t!(
            "if it has run longer than that, ask its operator for a program that states it"
        )));
    };
    let line = ServiceLine::over(follow.remote().clone());
    let list_of = |stated: &StatedSite| line.run(site::list(line.wire(), &stated.site));
    let list = list_of(&stated)?;
    let mut since = Vec::new();
    if let Some(before) = &before {
        let newer = sites.stated().iter().filter(|site| site.index > before.index);
        since = newer.map(list_of).collect::<Outcome<_>>()?;
    }
    let network = Network::of_process();
    let browser = Browser::new(address, &network)?;
    let mut progress = console.progress("files", list.files.len() as u64);
    let mut visited = site::visit(&list, |call| {
        progress.advance(1);
        browser.fetch(call)
    })?;
    drop(progress);
    if !visited.changed.is_empty() {
        let earlier = sites.stated().iter().rev().skip(1).take(EARLIER_MAX);
        // Those that are withheld name nothing.
        let earlier: Vec<(u64, SiteList)> = earlier
            .filter_map(|site| Some((site.index, list_of(site).ok()?)))
            .collect();
        let again = Browser::new(address, &network)?;
        for fault in &mut visited.faults {
            locate(fault, &visited.changed, &earlier, &again);
        }
    }
    if let Some(folder) = keep.filter(|_| !visited.changed.is_empty()) {
        disk::folder(folder)?;
        for bytes in visited.changed.values() {
            disk::write(
                &folder.join(format!("site.{}", Digest::of(bytes))),
                bytes,
                Access::Public,
            )?;
        }
    }
    let loaded = list.files.iter().filter(|file| file.path.starts_with("/a/"));
    let ours = loaded
        .clone()
        .filter(|file| service::of_this_build(&file.digest).is_some());
    let built = (loaded.count(), ours.count());
    let step_s = registry.pace().map_or(0, |pace| u64::from(pace.step_s));
    let verdict = site::settle(
        before,
        &since,
        stated.index,
        follow.remote().now(),
        step_s,
        visited.faults,
    );
    Ok(SiteLook {
        stated,
        verdict,
        files: visited.files,
        live: visited.live,
        built,
    })
}

/// Adds to a change where the first byte differs, by a copy of what was stated: this build's own, or what another browser gets;
/// and which earlier statement names what was served.
fn locate(fault: &mut SiteFault, changed: &BTreeMap<String, Vec<u8>>, earlier: &[(u64, SiteList)], again: &Browser) {
    let SiteFault::Changed {
        path,
        stated,
        served,
        at,
        before,
    } = fault
    else {
        return;
    };
    let names = |list: &SiteList| list.file(path).is_some_and(|file| file.digest == *served);
    *before = earlier.iter().find(|(_, list)| names(list)).map(|(index, _)| *index);
    let Some(bytes) = changed.get(path) else { return };
    if let Some(copy) = service::of_this_build(stated) {
        *at = Some(site::first_difference(bytes, copy));
        return;
    }
    let copies = protocol::served::LANGUAGES.iter().filter_map(|language| {
        let call = site::SiteCall { path, language };
        let copy = again.fetch(&call).ok()?.body;
        (Digest::of(&copy) == *stated).then_some(copy)
    });
    *at = copies.map(|copy| site::first_difference(bytes, &copy)).next();
}
