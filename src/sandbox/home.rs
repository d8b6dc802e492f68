//! Finding the sandbox of a config directory: who hosts it, where it listens, who uses it.
//!
//! Three files in the folder. `lock` is held by whoever hosts. `address.json` says where. And
//! `joined.lock` is held, shared, by everybody who uses a sandbox that another process hosts: a
//! host that is done takes it whole before it goes, so nobody loses a sandbox in use. A host that
//! was killed leaves its address behind; the free `lock` tells.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SandboxError;
use crate::sys::files::{self, FileLock};
use crate::sys::host;

/// How often, and how many times, a joiner looks for the address of a host that just began.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: usize = 500;

/// The folder of a config directory's sandbox.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
}

/// Who has the sandbox.
pub enum Found {
    /// Another process hosts it.
    Running(Joined),
    /// Nobody did: the caller does now.
    Free(Claim),
}

#[derive(Serialize, Deserialize)]
struct Address {
    url: String,
    nonce: String,
    pid: u32,
}

/// A sandbox that another process hosts. While this value lives, the host stays.
#[derive(Debug)]
pub struct Joined {
    /// The base of the sandbox.
    pub url: String,
    /// What `GET /__sandbox/status` answers if it is that sandbox.
    pub nonce: String,
    /// The host's process.
    pub pid: u32,
    _lock: FileLock,
}

/// The right to host the sandbox.
#[derive(Debug)]
pub struct Claim {
    folder: PathBuf,
    announced: bool,
    _lock: FileLock,
}

impl Home {
    /// The home in `folder`, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Joins the sandbox that runs, or claims the right to host it. Waits, some seconds at most,
    /// while another process is about to host or to leave; blocks the thread.
    ///
    /// # Errors
    /// When the folder cannot be used, or a host never says where it listens.
    pub fn join_or_claim(&self) -> Result<Found, SandboxError> {
        let failed = |source| SandboxError::File {
            path: self.folder.clone(),
            source,
        };
        files::ensure_private_folder(&self.folder).map_err(failed)?;
        for _ in 0..LOOKS {
            if let Some(joined) = self.join().map_err(failed)? {
                return Ok(Found::Running(joined));
            }
            let lock = FileLock::try_exclusive(&self.folder.join("lock")).map_err(failed)?;
            if let Some(lock) = lock {
                remove_address(&self.folder).map_err(failed)?;
                return Ok(Found::Free(Claim {
                    folder: self.folder.clone(),
                    announced: false,
                    _lock: lock,
                }));
            }
            std::thread::sleep(LOOK);
        }
        Err(SandboxError::Silent {
            folder: self.folder.clone(),
        })
    }

    /// Takes the shared lock first and reads the address under it: from then on the host waits.
    fn join(&self) -> io::Result<Option<Joined>> {
        let Some(shared) = FileLock::try_shared(&self.folder.join("joined.lock"))? else {
            // A host is leaving: its address is about to go.
            return Ok(None);
        };
        let text = files::read_text(&self.folder.join("address.json"), 64 << 10)?;
        let Some(address) = text.and_then(|text| serde_json::from_str::<Address>(&text).ok())
        else {
            return Ok(None);
        };
        // Whoever gets the lock of a host finds that there is none: the address is stale.
        if FileLock::try_exclusive(&self.folder.join("lock"))?.is_some() {
            return Ok(None);
        }
        Ok(Some(Joined {
            url: address.url,
            nonce: address.nonce,
            pid: address.pid,
            _lock: shared,
        }))
    }
}

impl Claim {
    /// Says where the sandbox listens.
    ///
    /// # Errors
    /// When the address cannot be written.
    pub fn announce(&mut self, url: &str, nonce: &str) -> Result<(), SandboxError> {
        let path = self.folder.join("address.json");
        let address = Address {
            url: url.to_owned(),
            nonce: nonce.to_owned(),
            pid: host::process_id(),
        };
        let written = serde_json::to_vec(&address)
            .map_err(io::Error::from)
            .and_then(|text| files::replace_private(&path, &text));
        self.announced = true;
        written.map_err(|source| SandboxError::File { path, source })
    }

    /// Waits until nobody uses the sandbox any more, then takes the address away: nobody joins
    /// from then on. Blocks the thread; a short-lived host calls it before it stops serving.
    ///
    /// # Errors
    /// When the files cannot be used.
    pub fn withdraw(&mut self) -> Result<(), SandboxError> {
        let path = self.folder.join("joined.lock");
        let left = FileLock::exclusive(&path).and_then(|_alone| remove_address(&self.folder));
        self.announced = false;
        left.map_err(|source| SandboxError::File { path, source })
    }
}

impl Drop for Claim {
    /// Takes the address away without waiting for anybody: a host that was told to stop stops.
    fn drop(&mut self) {
        if self.announced {
            let _ = remove_address(&self.folder);
        }
    }
}

fn remove_address(folder: &Path) -> io::Result<()> {
    files::remove(&folder.join("address.json"))
}
