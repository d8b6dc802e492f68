//! The `wxauth` program.

fn main() -> std::process::ExitCode {
    wxauth::cli::main()
}
