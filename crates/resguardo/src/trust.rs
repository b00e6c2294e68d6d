//! `root.json` as a client keeps it: the root of trust (§3) and the address of the service.

use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use casework::RootOfTrust;
use protocol::ids::Version;
use protocol::{Digest, Origin};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Largest root file in bytes.
const ROOT_MAX: u64 = 256 * 1024;

/// The file: the fields of §3, and the address beside them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RootFile {
    v: Version,
    origin: Origin,
    log_key: String,
    policy: String,
    council: Digest,
    base_url: String,
}

/// Root of trust and where its service is. The address is a hint: nothing that comes from it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// §3.
    pub root: RootOfTrust,
    /// `https://…`
    pub base_url: String,
}

impl Trust {
    /// Reads the file and checks the root.
    ///
    /// # Errors
    /// Exit 3 when it is missing, 1 when it cannot be read.
    pub fn load(path: &Path) -> Outcome<Self> {
        let refuse = |why: String| {
            CliError::new(CliCode::NotARoot, t!("{} is not a root of trust", path.display()))
                .why(why)
                .remedy(t!(
                    "take the root.json that your institution gave you, and compare the fingerprint on paper"
                ))
        };
        let file: RootFile = disk::json(path, ROOT_MAX, refuse).map_err(|failure| match failure {
            missing if missing.is(CliCode::FileNotFound) => missing.within(
                t!("the root of trust is needed: it says which log and which council are meant"),
                t!("take the root.json that your institution gave you, and name it with --root FILE"),
            ),
            other => other,
        })?;
        let root = RootOfTrust {
            v: file.v,
            origin: file.origin,
            log_key: file.log_key,
            policy: file.policy,
            council: file.council,
        };
        root.policy().map_err(|error| refuse(error.to_string()))?;
        Ok(Self {
            root,
            base_url: file.base_url,
        })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Exit 6.
    pub fn save(&self, path: &Path) -> Outcome<()> {
        disk::write(path, &self.to_text()?, Access::Public)
    }

    /// The file's content.
    ///
    /// # Errors
    /// A bug.
    pub fn to_text(&self) -> Outcome<Vec<u8>> {
        let root = self.root.clone();
        let file = RootFile {
            v: root.v,
            origin: root.origin,
            log_key: root.log_key,
            policy: root.policy,
            council: root.council,
            base_url: self.base_url.clone(),
        };
        let text = serde_json::to_vec_pretty(&file);
        let mut text = text.map_err(|_| CliError::bug("a root that cannot be written"))?;
        text.push(b'\n');
        Ok(text)
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.root.origin
    }
}
