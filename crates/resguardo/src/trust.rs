//! `root.json` as a client keeps it: the root of trust (§3) and the address of the service.

use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use casework::RootOfTrust;
use protocol::Origin;
use serde_json::Value;
use std::path::Path;

/// Largest root file in bytes.
const ROOT_MAX: u64 = 256 * 1024;
/// The field that stands beside those of §3.
const BASE_URL: &str = "base_url";

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
    /// Exit 3 when it is missing, 1 when it is none.
    pub fn load(path: &Path) -> Outcome<Self> {
        let bytes = disk::read(path, ROOT_MAX).map_err(|failure| match failure.exit {
            Exit::NotFound => failure
                .why("the root of trust is needed: it says which log and which council are meant")
                .remedy("take the root.json that your institution gave you, and name it with --root FILE"),
            _ => failure,
        })?;
        let refuse = |why: String| {
            Failure::new(
                Exit::Check,
                "not-a-root",
                format!("{} is not a root of trust", path.display()),
            )
            .why(why)
            .remedy("take the root.json that your institution gave you, and compare the fingerprint on paper")
        };
        protocol::json::check(&bytes, ROOT_MAX as usize).map_err(|error| refuse(error.to_string()))?;
        let mut value: Value = serde_json::from_slice(&bytes).map_err(|_| refuse("not JSON".to_owned()))?;
        let base_url = value.as_object_mut().and_then(|fields| fields.remove(BASE_URL));
        let Some(Value::String(base_url)) = base_url else {
            return Err(refuse("it holds no address of a service (`base_url`)".to_owned()));
        };
        let root = RootOfTrust::parse(value.to_string().as_bytes()).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { root, base_url })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Exit 6.
    pub fn save(&self, path: &Path) -> Outcome<()> {
        let unwritable = |_| Failure::bug("a root that cannot be written");
        let mut value = serde_json::to_value(&self.root).map_err(unwritable)?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert(BASE_URL.to_owned(), Value::String(self.base_url.clone()));
        }
        let mut text = serde_json::to_vec_pretty(&value).map_err(unwritable)?;
        text.push(b'\n');
        disk::write(path, &text, Access::Public)
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.root.origin
    }
}
