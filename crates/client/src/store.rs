//! What a client keeps between two runs.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::failure::Outcome;

/// Named bytes. A name is `file` or `folder/…/file`, in letters, digits, `.`, `-` and `/`.
///
/// Whatever is secret is sealed to the member's own key before it comes here.
pub trait Store {
    /// What has this name; `None` when nothing has.
    ///
    /// # Errors
    /// [`crate::Local::Store`] when it cannot be read.
    fn read(&self, name: &str) -> Outcome<Option<Vec<u8>>>;

    /// Keeps bytes under a name, all of them or none; they are durable when it returns.
    ///
    /// # Errors
    /// [`crate::Local::Store`].
    fn write(&self, name: &str, bytes: &[u8]) -> Outcome<()>;

    /// Adds bytes to what has this name; they are durable when it returns. A crash may leave a part of them.
    ///
    /// # Errors
    /// [`crate::Local::Store`].
    fn append(&self, name: &str, bytes: &[u8]) -> Outcome<()>;

    /// The names in a folder, without the folder's.
    ///
    /// # Errors
    /// [`crate::Local::Store`].
    fn names(&self, folder: &str) -> Outcome<Vec<String>>;

    /// Forgets what has this name, or all that is in the folder of this name.
    ///
    /// # Errors
    /// [`crate::Local::Store`].
    fn remove(&self, name: &str) -> Outcome<()>;
}

/// Keeps everything as long as it lives: a page's.
#[derive(Default)]
pub struct MemoryStore(RefCell<BTreeMap<String, Vec<u8>>>);

impl Store for MemoryStore {
    fn read(&self, name: &str) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.borrow().get(name).cloned())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
        self.0.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn append(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
        self.0.borrow_mut().entry(name.to_owned()).or_default().extend(bytes);
        Ok(())
    }

    fn names(&self, folder: &str) -> Outcome<Vec<String>> {
        let all = self.0.borrow();
        let inside = all
            .keys()
            .filter_map(|name| name.strip_prefix(folder)?.strip_prefix('/'));
        let mut names: Vec<String> = inside
            .filter_map(|rest| rest.split('/').next().map(str::to_owned))
            .collect();
        names.dedup();
        Ok(names)
    }

    fn remove(&self, name: &str) -> Outcome<()> {
        let is_within = |known: &str| {
            known
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.0.borrow_mut().retain(|known, _| !is_within(known));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_listed_and_forgotten_with_all_that_is_in_it() {
        let store = MemoryStore::default();
        for name in ["a/1/x", "a/1/y", "a/2", "ab"] {
            store.write(name, b"kept").expect("kept");
        }
        assert_eq!(store.names("a").expect("names"), ["1", "2"]);
        store.remove("a").expect("removed");
        assert_eq!(store.read("a/1/x").expect("read"), None);
        assert_eq!(store.read("ab").expect("read").as_deref(), Some(&b"kept"[..]));
    }
}
