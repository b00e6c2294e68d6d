//! What a member says about its watch: a file of its own, beside the key.

use super::mail::MailSettings;
use super::notice::Periods;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Largest settings in bytes.
const SETTINGS_MAX: u64 = 64 * 1024;
/// Seconds between looks, notices and urgent notices where nobody says otherwise.
const PERIODS: Periods = Periods {
    look_s: 900,
    notice_s: 43_200,
    urgent_s: 3_600,
};
/// The shortest: below them the time of a notice would tell when something came. In a demo everything is fast.
const SHORTEST: Periods = Periods {
    look_s: 300,
    notice_s: 21_600,
    urgent_s: 1_800,
};

/// The settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    look_s: Option<u64>,
    notice_s: Option<u64>,
    urgent_s: Option<u64>,
    /// A mail with one fixed sentence.
    pub mail: Option<MailSettings>,
    /// Folder of the file, against which its paths are read.
    #[serde(skip)]
    folder: PathBuf,
}

impl Settings {
    /// Reads the file.
    ///
    /// # Errors
    /// Exit 3 when it is missing, exit 2 when it cannot be read.
    pub fn load(path: &Path) -> Outcome<Self> {
        let text = disk::text(path, SETTINGS_MAX)?;
        // The library shows the line that it does not understand, and that may hold anything.
        let mut settings: Self = toml::from_str(&text).map_err(|error| {
            CliError::new(CliCode::Config, t!("{} holds no settings of a watch", path.display()))
                .why(error.message())
                .remedy(t!(
                    "compare it with the example in the custodian's guide; nothing was started"
                ))
        })?;
        settings.folder = disk::absolute(path).parent().map(Path::to_owned).unwrap_or_default();
        Ok(settings)
    }

    /// A path of the file, as seen from its folder.
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.folder.join(relative)
    }

    /// The periods, which are not shorter than is safe unless the log is a demo's.
    ///
    /// # Errors
    /// Exit 2.
    pub fn periods(&self, is_demo: bool) -> Outcome<Periods> {
        let shortest = if is_demo {
            [1; 3]
        } else {
            [SHORTEST.look_s, SHORTEST.notice_s, SHORTEST.urgent_s]
        };
        let said = [
            ("look_s", self.look_s.unwrap_or(PERIODS.look_s)),
            ("notice_s", self.notice_s.unwrap_or(PERIODS.notice_s)),
            ("urgent_s", self.urgent_s.unwrap_or(PERIODS.urgent_s)),
        ];
        for ((name, said), least) in said.iter().zip(shortest) {
            if *said < least || *said > 7 * 86_400 {
                return Err(CliError::usage(t!("`{}` is {} seconds", name, said))
                    .why(t!(
                        "it is at least {}, so that the time of a notice does not tell when something came, and at most a week",
                        least
                    ))
                    .remedy(t!("correct it in the settings, or leave it out; nothing was started")));
            }
        }
        let [look_s, notice_s, urgent_s] = said.map(|(_, said)| said);
        Ok(Periods {
            look_s,
            notice_s,
            urgent_s,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn read(text: &str) -> Outcome<Settings> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("watch.toml");
        std::fs::write(&path, text).expect("written");
        Settings::load(&path)
    }

    #[test]
    fn periods_that_would_follow_arrivals_are_refused_but_in_a_demo() {
        let settings = read("look_s = 1\nnotice_s = 3\nurgent_s = 2\n").expect("settings");
        assert_eq!(settings.periods(true).expect("fast").notice_s, 3);
        for text in [
            "look_s = 299",
            "notice_s = 21599",
            "urgent_s = 1799",
            "notice_s = 604801",
        ] {
            let refused = read(text).expect("settings").periods(false).expect_err("refused");
            assert_eq!(refused.exit(), Exit::Usage);
            assert!(
                refused.what.contains(text.split(' ').next().expect("a name")),
                "{refused}"
            );
        }
        assert_eq!(read("").expect("settings").periods(false).expect("usual"), PERIODS);
    }

    #[test]
    fn what_is_unknown_is_refused_and_nothing_of_the_file_is_shown() {
        for text in [
            "pasword = \"violet-harbour\"",
            "[mail]\npassword = \"violet-harbour\"",
            "violet-harbour",
        ] {
            let refused = read(text).expect_err("refused");
            assert!(!format!("{refused:?}").contains("violet"), "{refused:?}");
        }
    }
}
