//! zbarimg, a scanner that other people wrote, and pictures to show it.

use std::path::Path;
use std::process::Command;

use crate::support::skip;

/// What zbarimg reads in the picture at `path`; nothing when it is not installed.
pub fn scan(path: &Path) -> Option<String> {
    scan_with(path, &[])
}

/// Like [`scan`], but tries light on dark as well, as most phone cameras do.
pub fn scan_inverted(path: &Path) -> Option<String> {
    scan_with(path, &["-Stest-inverted"])
}

fn scan_with(path: &Path, settings: &[&str]) -> Option<String> {
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .args(settings)
        .arg(path)
        .output();
    match output {
        Ok(output) => {
            let text = String::from_utf8(output.stdout).unwrap();
            Some(text.strip_suffix('\n').unwrap_or(&text).to_owned())
        }
        Err(error) => {
            skip(&format!(
                "zbarimg cannot be run (package zbar-tools): {error}"
            ));
            None
        }
    }
}

/// Writes grey pixels as a picture that zbarimg reads.
pub fn save_pgm(path: &Path, rows: &[Vec<u8>]) {
    let mut file = format!("P5\n{} {}\n255\n", rows[0].len(), rows.len()).into_bytes();
    file.extend(rows.iter().flatten());
    std::fs::write(path, file).unwrap();
}
