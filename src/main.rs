//! The `wxauth` program.

fn main() {}
