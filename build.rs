//! Packs the tables of `src/data` for the program, and lets its own addresses be packed where the
//! machine's C library can read them so.

#![allow(
    clippy::disallowed_methods,
    reason = "a build has no environment and no files but its own"
)]

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The tables, each 5 to 10 times as long as it is packed.
const TABLES: [&str; 3] = ["api-permissions", "errors", "permission-sets"];

/// The first glibc that reads packed relative relocations.
const PACKS_SINCE: (u32, u32) = (2, 36);

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let packed = Path::new(&out).join("data");
    fs::create_dir_all(&packed)?;
    for name in TABLES {
        let table = format!("src/data/{name}.json");
        println!("cargo::rerun-if-changed={table}");
        let bytes = miniz_oxide::deflate::compress_to_vec(&fs::read(table)?, 9);
        fs::write(packed.join(name), bytes)?;
    }
    if can_pack_relocations() {
        // A quarter of a megabyte less to carry, and less to do before `main`.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}

/// Whether the program is built for this very kind of machine, and its glibc is new enough: that of
/// the machine where the program will run is no older, as for anything linked here.
fn can_pack_relocations() -> bool {
    let is_native = env::var("HOST").ok() == env::var("TARGET").ok();
    let is_glibc = env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu")
        && env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux");
    is_native && is_glibc && glibc().is_some_and(|version| version >= PACKS_SINCE)
}

fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = String::from_utf8(said.ok()?.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    let minor = minor.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
