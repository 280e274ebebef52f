use std::fs;
use std::path::Path;

use super::{Inner, is_absent};
use crate::{Error, Key, Meta, Page, Result};

/// Lists objects below a folder in the order of their keys.
pub(super) fn list(inner: &Inner, folder: &str, after: Option<&Key>, limit: usize) -> Result<Page> {
    let mut found = Found {
        inner,
        after: after.map_or("", Key::as_str),
        // One more tells whether there is a next page.
        want: limit + 1,
        objects: Vec::new(),
    };
    let prefix = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    found.walk(&prefix)?;
    let mut objects = found.objects;
    let more = objects.len() > limit;
    objects.truncate(limit);
    let next = objects.last().filter(|_| more).map(|meta| meta.key.clone());
    Ok(Page { objects, next })
}

struct Found<'a> {
    inner: &'a Inner,
    after: &'a str,
    want: usize,
    objects: Vec<Meta>,
}

impl Found<'_> {
    /// Walks the folder under a prefix, which is empty or ends in a slash.
    fn walk(&mut self, prefix: &str) -> Result<()> {
        for name in names(&self.inner.root.join(prefix))? {
            if self.objects.len() >= self.want {
                return Ok(());
            }
            let path = format!("{prefix}{name}");
            if path.ends_with('/') {
                // Keys below sort after the prefix itself; all of them are
                // past the mark, or some, or none.
                if path.as_str() > self.after || self.after.starts_with(&path) {
                    self.walk(&path)?;
                }
            } else if path.as_str() > self.after {
                self.take(&path);
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &str) {
        // What is no key was put there by somebody else, and what is gone
        // was deleted while we walked.
        let Ok(key) = Key::parse(path) else {
            return;
        };
        let Ok(file) = fs::metadata(self.inner.path(&key)) else {
            return;
        };
        let meta = self.inner.meta_of(&key, &file);
        self.objects.push(Meta {
            content_type: None,
            ..meta
        });
    }
}

/// Names in a folder, those of folders with a slash, in the order of the keys
/// they stand for: with the slash, `a/` sorts after `a-b` and `a.b`, as keys
/// below it do.
fn names(folder: &Path) -> Result<Vec<String>> {
    let unavailable = |e: std::io::Error| Error::Unavailable(e.to_string());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if is_absent(&e) => return Ok(Vec::new()),
        Err(e) => return Err(unavailable(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unavailable)?;
        let Ok(mut name) = entry.file_name().into_string() else {
            continue;
        };
        let kind = entry.file_type().map_err(unavailable)?;
        if name.starts_with('.') || !(kind.is_dir() || kind.is_file()) {
            continue;
        }
        if kind.is_dir() {
            name.push('/');
        }
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_sort_where_their_keys_do() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a-b", "a.b", "a0"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::create_dir(folder.path().join(".tmp")).unwrap();
        let expected = ["a-b", "a.b", "a/", "a0"];
        assert_eq!(names(folder.path()).unwrap(), expected);
    }
}
