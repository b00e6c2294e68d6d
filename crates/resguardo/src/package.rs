//! A sealed testimony as files: the filing form and the blobs it names, all of it ciphertext, to hand over by any
//! way (§14.3), and to send.

use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Exit, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::line::{ServiceLine, Trouble};
use crate::promise;
use crate::remote::Remote;
use client::work::{Part, post_filing};
use protocol::Digest;
use protocol::http::{FilingForm, Quota};
use protocol::problem::Problem;
use protocol::slot::Entry;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The form's file name.
const FORM: &str = "filing.json";
/// Largest form in bytes.
const FORM_MAX: u64 = 64 * 1024;
/// Blobs up to this size ride in the filing itself while it stays below its limit.
const INLINE_MAX: u64 = 256 * 1024;
/// Largest filing request in bytes, with room for the form and the boundaries (the service's limit is 1 MiB).
const REQUEST_MAX: u64 = 960 * 1024;

/// What to do about a package that is not as it was sealed.
fn again() -> &'static str {
    t!("nothing was filed; copy the package again from where it was sealed, or seal it again")
}

/// Blobs that ride in the filing.
type Inline = Vec<(Digest, Vec<u8>)>;
/// Blobs that are uploaded before, with their sizes.
type Uploads = Vec<(Digest, u64)>;

/// A package in a folder.
pub struct Package {
    folder: PathBuf,
    form: Option<FilingForm>,
}

/// A filing that the service has promised to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromisedFiling {
    /// Its slot 0 entry, 65 bytes.
    pub entry: [u8; 65],
    /// The promise as the service signed it.
    pub note: Vec<u8>,
    /// By when it is in a checkpoint, POSIX seconds.
    pub deadline: u64,
}

/// Why a package has no promise, and whether it may be filed all the same: its form was on its way already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// What went wrong.
    pub failure: CliError,
    /// The service may have taken it.
    pub is_maybe_filed: bool,
}

impl From<CliError> for Unsent {
    fn from(failure: CliError) -> Self {
        Self {
            failure,
            is_maybe_filed: false,
        }
    }
}

impl From<Unsent> for CliError {
    fn from(unsent: Unsent) -> Self {
        unsent.failure
    }
}

impl Package {
    /// Begins a package in a folder that must be empty or missing.
    ///
    /// # Errors
    /// Exit 2 when it holds something; storage.
    pub fn begin(folder: &Path) -> Outcome<Self> {
        if folder.exists() && !disk::is_empty(folder)? {
            return Err(CliError::usage(t!("{} is not empty", folder.display()))
                .why(t!("a package needs a folder of its own"))
                .remedy(t!("choose another folder")));
        }
        disk::private_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            form: None,
        })
    }

    /// A file in the package that gets its name later, with [`Self::keep`].
    ///
    /// # Errors
    /// Storage.
    pub fn scratch(&self) -> Outcome<tempfile::NamedTempFile> {
        tempfile::Builder::new()
            .prefix(".sealing-")
            .tempfile_in(&self.folder)
            .map_err(|error| CliError::file(t!("write into"), &self.folder, &error))
    }

    /// Keeps a scratch file as a blob.
    ///
    /// # Errors
    /// Storage.
    pub fn keep(&mut self, file: tempfile::NamedTempFile, digest: &Digest) -> Outcome<()> {
        let path = self.path(digest);
        file.as_file()
            .sync_all()
            .map_err(|error| CliError::file("write", &path, &error))?;
        file.persist(&path)
            .map(drop)
            .map_err(|error| CliError::file("write", &path, &error.error))
    }

    /// Adds a blob.
    ///
    /// # Errors
    /// Storage.
    pub fn add(&mut self, digest: &Digest, bytes: &[u8]) -> Outcome<()> {
        disk::write(&self.path(digest), bytes, Access::Private)
    }

    /// Writes the form last: a package with a form is complete.
    ///
    /// # Errors
    /// Storage.
    pub fn finish(&mut self, form: FilingForm) -> Outcome<()> {
        let text = serde_json::to_vec_pretty(&form).map_err(|_| CliError::bug("a form that cannot be written"))?;
        disk::write(&self.folder.join(FORM), &text, Access::Private)?;
        self.form = Some(form);
        Ok(())
    }

    /// Reads a package that was written before.
    ///
    /// # Errors
    /// Exit 3 or 1 when the folder holds none.
    pub fn load(folder: &Path) -> Outcome<Self> {
        let bytes = disk::read(&folder.join(FORM), FORM_MAX)?;
        let form = protocol::json::read(&bytes, FORM_MAX as usize).map_err(|error| {
            CliError::new(CliCode::NotAPackage, t!("{} holds no package", folder.display()))
                .why(error)
                .remedy(t!(
                    "give the folder that `resguardo seal --package` wrote, copied whole"
                ))
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            form: Some(form),
        })
    }

    /// The form.
    ///
    /// # Errors
    /// Exit 1 when the package is not complete.
    pub fn form(&self) -> Outcome<&FilingForm> {
        self.form.as_ref().ok_or_else(|| {
            CliError::new(
                CliCode::PackageIncomplete,
                t!("{} is not complete", self.folder.display()),
            )
            .why(t!("its form, which is written last, is not there"))
            .remedy(t!("seal it again into an empty folder"))
        })
    }

    /// The slot 0 entry.
    ///
    /// # Errors
    /// As [`Self::form`].
    pub fn entry(&self) -> Outcome<Entry> {
        let refuse = || {
            CliError::new(CliCode::NotAPackage, t!("the package's entry is malformed"))
                .why(t!("its form was altered"))
                .remedy(again())
        };
        Entry::parse(&self.form()?.entry.0).ok_or_else(refuse)
    }

    /// Removes what was written, so that the folder is as empty as it was.
    ///
    /// # Errors
    /// Storage.
    pub fn discard(self) -> Outcome<()> {
        for name in disk::names(&self.folder)? {
            let path = self.folder.join(name);
            std::fs::remove_file(&path).map_err(|error| CliError::file("remove", &path, &error))?;
        }
        Ok(())
    }

    /// Sends everything, the form last, and verifies the promise. Sent again, it gets the same promise.
    ///
    /// # Errors
    /// [`Unsent`]: code `slot-taken` when the case has a filing already; network; exit 1 when the promise does not
    /// verify.
    pub fn send(&self, follow: &Follow, console: &Console) -> Result<PromisedFiling, Unsent> {
        let form = self.form()?;
        match self.upload_for(form, follow, console) {
            // A code that is good no more was perhaps used by this very form, which is then answered as before.
            Err(failure) if form.quota.is_some() && failure.is(Problem::Quota) => {}
            other => other?,
        }
        let note = self.post(form, follow.remote(), console)?;
        let deadline = promise::verify(&note, &form.entry.0, follow, console).map_err(|failure| Unsent {
            failure,
            is_maybe_filed: true,
        })?;
        Ok(PromisedFiling {
            entry: form.entry.0,
            note,
            deadline,
        })
    }

    /// Uploads what is too large to ride in the form.
    fn upload_for(&self, form: &FilingForm, follow: &Follow, console: &Console) -> Outcome<()> {
        let trust = follow.trust();
        if form.origin != *trust.origin() {
            return Err(
                CliError::new(CliCode::OtherLog, t!("the package was sealed for another log"))
                    .why(t!(
                        "it names {}, the root of trust names {}",
                        form.origin,
                        trust.origin()
                    ))
                    .remedy(t!(
                        "give the root.json of the log that it was sealed for; nothing was sent"
                    )),
            );
        }
        let (_, uploads) = self.split(form)?;
        self.upload(&uploads, form.quota.as_ref(), follow.remote(), console)
    }

    /// Posts the form with fresh work.
    fn post(&self, form: &FilingForm, remote: &Remote, console: &Console) -> Result<Vec<u8>, Unsent> {
        let (inline, _) = self.split(form)?;
        let parts: Vec<Part<'_>> = inline
            .iter()
            .map(|(digest, bytes)| Part { digest: *digest, bytes })
            .collect();
        let line = ServiceLine::new(remote.clone(), Trouble::default(), console).naming("work");
        let mut is_sent = false;
        let outcome = line.run(post_filing(line.wire(), form, &parts, &mut is_sent));
        outcome.map_err(|failure| Unsent {
            is_maybe_filed: is_sent && matches!(failure.exit(), Exit::Network | Exit::Bug),
            failure,
        })
    }

    /// Every blob that the form names, with its size.
    fn blobs(form: &FilingForm) -> BTreeMap<Digest, Option<u64>> {
        let mut all = BTreeMap::new();
        all.insert(form.header.digest, Some(form.header.size));
        all.extend(form.shares.iter().map(|share| (share.digest, Some(share.size))));
        all.extend(form.objects.iter().map(|object| (object.digest, Some(object.size))));
        all.extend(form.match_request.iter().map(|file| (file.digest, Some(file.size))));
        all.extend(form.greetings.iter().map(|greeting| (greeting.digest, None)));
        all
    }

    /// What rides in the form, smallest first while it fits, and what is uploaded before.
    fn split(&self, form: &FilingForm) -> Outcome<(Inline, Uploads)> {
        let mut sized = Vec::new();
        for (digest, said) in Self::blobs(form) {
            let path = self.path(&digest);
            let size = std::fs::metadata(&path)
                .map_err(|error| CliError::file("read", &path, &error))?
                .len();
            if said.is_some_and(|said| said != size) {
                return Err(altered(&path, t!("its size is not the one that the form says")));
            }
            sized.push((size, digest));
        }
        sized.sort_unstable();
        let (mut inline, mut uploads, mut room) = (Vec::new(), Vec::new(), REQUEST_MAX);
        for (size, digest) in sized {
            if size <= INLINE_MAX && size + 512 <= room {
                room -= size + 512;
                let bytes = disk::read(&self.path(&digest), INLINE_MAX)?;
                if Digest::of(&bytes) != digest {
                    return Err(altered(&self.path(&digest), t!("its SHA-256 is not its name")));
                }
                inline.push((digest, bytes));
            } else {
                uploads.push((digest, size));
            }
        }
        Ok((inline, uploads))
    }

    fn upload(
        &self,
        uploads: &[(Digest, u64)],
        code: Option<&Quota>,
        remote: &Remote,
        console: &Console,
    ) -> Outcome<()> {
        let mut progress = console.progress("upload", uploads.iter().map(|(_, size)| size).sum());
        let line = ServiceLine::over(remote.clone());
        for (digest, size) in uploads {
            let path = self.path(digest);
            let file = File::open(&path).map_err(|error| CliError::file("read", &path, &error))?;
            line.upload(file, *size, (digest, code), &mut |bytes| progress.advance(bytes))?;
        }
        Ok(())
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.to_hex())
    }
}

fn altered(path: &Path, why: &str) -> CliError {
    let what = t!("{} was altered or cut off", path.display());
    CliError::new(CliCode::PackageAltered, what).why(why).remedy(again())
}
