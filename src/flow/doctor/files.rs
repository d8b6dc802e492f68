//! Files and folders that hold secrets: who can get at them.

use std::path::{Path, PathBuf};

use crate::sys::files;

use crate::flow::Outcome;

use super::{Diagnosis, Finding, Line};

/// The bits by which others can write.
const WRITABLE: u32 = 0o022;
/// The bits that let others do anything.
const OTHERS: u32 = 0o077;
/// Of a folder that everybody uses, as `/tmp` is.
const STICKY: u32 = 0o1000;

/// What one of the lines of files is about.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Which line.
    pub line: Line,
    /// Files and folders; those that are not there are passed by.
    pub paths: Vec<PathBuf>,
    /// Whether they hold secrets, so that reading is as bad as writing.
    pub secret: bool,
}

/// Looks at the permissions of files, and mends them with `fix`: 0700 for folders, 0600 for files.
/// A folder that everybody uses (sticky bit) is left alone.
#[must_use]
pub fn examine(examined: &Examined, fix: bool) -> Diagnosis {
    let line = examined.line;
    let told = |outcome, finding| Diagnosis::new(line, outcome, finding);
    let trouble = |path: &Path, error: std::io::Error| {
        let target = path.display().to_string();
        let finding = Finding::FileTrouble(path.to_owned(), error.to_string());
        told(Outcome::Fail, finding).about(target)
    };
    let mut open = Vec::new();
    let mut there = None;
    for path in &examined.paths {
        match files::mode(path) {
            Ok(None) => {}
            Ok(Some(mode)) => {
                there = Some(path);
                if mode & OTHERS != 0 && mode & STICKY == 0 {
                    open.push((path.clone(), mode & 0o777));
                }
            }
            Err(error) => return trouble(path, error),
        }
    }
    let Some(there) = there else {
        return told(Outcome::Pass, Finding::NoFile);
    };
    if open.is_empty() {
        return told(Outcome::Pass, Finding::Private).about(there.display().to_string());
    }
    let target = open[0].0.display().to_string();
    if fix {
        for (path, _) in &open {
            if let Err(error) = files::make_private(path) {
                return trouble(path, error);
            }
        }
        return told(Outcome::Pass, Finding::Mended(open)).about(target);
    }
    let bad = examined.secret || open.iter().any(|(_, mode)| mode & WRITABLE != 0);
    let outcome = if bad { Outcome::Fail } else { Outcome::Warn };
    told(outcome, Finding::OpenToOthers(open)).about(target)
}
