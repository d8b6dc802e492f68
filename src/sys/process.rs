//! What this process may do, and what of it others may see.

use std::io;
use std::path::{Path, PathBuf};

/// Keeps the memory of this process, which holds secrets, to itself: it leaves no core dump, and on
/// Linux other processes of the same user can neither attach to it nor read its environment.
///
/// Root still can. Programs that are started from here begin without core dumps as well, and may
/// raise that limit again; the rest does not concern them.
pub fn keep_memory_private() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Core);
        limit.current = Some(0);
        // Lowering it is always allowed.
        let _ = setrlimit(Resource::Core, limit);
    }
    // A program that collects core dumps gets one whatever the limit.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Lets this process take no more than so many bytes of memory: what asks for more ends it.
pub fn limit_memory(bytes: u64) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Data);
        if limit.current.is_none_or(|current| current > bytes) {
            limit.current = Some(bytes);
            let _ = setrlimit(Resource::Data, limit);
        }
    }
    #[cfg(not(unix))]
    let _ = bytes;
}

/// The program of this process, to be started once more.
///
/// # Errors
/// Where the system does not tell.
pub fn own_program() -> io::Result<PathBuf> {
    // Even where the file was replaced or removed meanwhile.
    let link = Path::new("/proc/self/exe");
    match cfg!(target_os = "linux") && link.exists() {
        true => Ok(link.to_owned()),
        false => std::env::current_exe(),
    }
}
