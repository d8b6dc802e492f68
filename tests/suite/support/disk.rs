//! A disk that is full or hangs for the programs that are started with it.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::skip;

/// A disk that can be filled and can hang while programs use it.
pub struct Disk {
    folder: TempDir,
    library: PathBuf,
}

impl Disk {
    /// One with room that answers; none on a machine without a C compiler.
    pub fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("disk.c");
        let library = folder.path().join("disk.so");
        std::fs::write(&source, include_str!("disk.c")).expect("a file");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]);
        let Ok(compiled) = compiler.arg(&library).arg(&source).output() else {
            skip("there is no C compiler");
            return None;
        };
        assert!(compiled.status.success(), "{compiled:?}");
        Some(Self { folder, library })
    }

    /// Lets a program that is started write to this disk.
    pub fn give_to(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library);
        command.env("TEST_DISK", self.folder.path());
    }

    /// Whether no file can grow.
    pub fn set_full(&self, full: bool) {
        self.set("full", full);
    }

    /// Whether it never says that something was written.
    pub fn set_hanging(&self, hangs: bool) {
        self.set("hangs", hangs);
    }

    fn set(&self, state: &str, on: bool) {
        let file = self.folder.path().join(state);
        match on {
            true => std::fs::write(file, "").expect("a file"),
            false => std::fs::remove_file(file).expect("it was there"),
        }
    }
}
