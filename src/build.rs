//! The build: packs the tables of `src/data` for the program.

#![allow(
    clippy::disallowed_methods,
    reason = "a build has no environment and no files but its own"
)]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// The tables, each 5 to 10 times as long as it is packed.
const TABLES: [&str; 3] = ["api-permissions", "errors", "permission-sets"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/build.rs");
    let out = env::var("OUT_DIR")?;
    let packed = Path::new(&out).join("data");
    fs::create_dir_all(&packed)?;
    for name in TABLES {
        let table = format!("src/data/{name}.json");
        println!("cargo::rerun-if-changed={table}");
        let bytes = miniz_oxide::deflate::compress_to_vec(&fs::read(table)?, 9);
        fs::write(packed.join(name), bytes)?;
    }
    Ok(())
}
