//! A local emulator of WeChat (api, mp and open hosts on one port) and of the merchant's side.
//!
//! Written from the specification alone: it shares no wire structs, link building or permission
//! logic with the client, so that a field misspelt in one place fails a test in the other.
//!
//! One request flows so: [`serve`] reads it → a fault may be drawn → `wechat` (the documented
//! calls) or `control` (`/__sandbox/…`) changes `state` under one short lock → the journal notes
//! it → the answer is written. The authorization links lead to `pages`, which draw no faults. Changes go to SQLite behind the answer, in small batches.

mod card;
mod catalogue;
mod control;
pub mod home;
mod http;
mod merchant;
mod pages;
mod push;
mod server;
mod state;
mod wechat;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub use card::{Card, PlatformCard};
pub use pages::CONSOLE as MERCHANT_CONSOLE;
pub use push::address::{AddressError, events_url, messages_url};
pub use server::serve;

use crate::sys::clock::Clock;
use crate::sys::random;
use crate::sys::sync::lock;
use state::World;
use state::save::{Storage, Writer};

/// How a sandbox is set up.
#[derive(Clone, Debug, Default)]
pub struct SandboxOptions {
    /// The folder of the state (`state.db`); without one the state lives in memory.
    pub folder: Option<PathBuf>,
    /// What accounts and ids are made from. 0 means: what the state was made with, else the
    /// default. Another number than the state's starts the state anew.
    pub seed: u64,
    /// How many accounts exist; `None` means: as many as before, else 24.
    pub accounts: Option<u64>,
    /// Whether every account that can be authorized is authorized to the first platform.
    pub authorized_all: bool,
    /// How long WeChat takes before it looks at a call.
    pub latency: Duration,
    /// Where the first platform gets tickets and authorization events; `None` leaves it.
    pub events_url: Option<String>,
    /// Where it gets the messages of its accounts, with `$APPID$` in it; `None` leaves it.
    pub messages_url: Option<String>,
    /// Whether it runs for one command only: the first ticket then waits for its turn, where else
    /// it is pushed at the start.
    pub brief: bool,
}

/// Why a sandbox cannot be opened or found.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A file or folder of the sandbox cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The state cannot be read or written.
    #[error("cannot use the sandbox state {}: {source}", path.display())]
    State {
        /// The state's file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A record of the state is not what this version writes.
    #[error("the sandbox state {} is damaged at {key}: {source}", path.display())]
    Damaged {
        /// The state's file.
        path: PathBuf,
        /// The record.
        key: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Another process hosts the sandbox but never said where it listens.
    #[error("the sandbox under {} is held but does not say where it listens", folder.display())]
    Silent {
        /// The sandbox's folder.
        folder: PathBuf,
    },
}

/// A running or runnable sandbox; clones share it.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    world: Mutex<World>,
    visits: Mutex<pages::Visits>,
    clock: Clock,
    nonce: String,
    latency: Duration,
    clients: push::Clients,
    writer: Option<Writer>,
}

impl Sandbox {
    /// Opens the sandbox of `options.folder`, or a new one in memory.
    ///
    /// # Errors
    /// When the folder or the state in it cannot be used.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "options are made for one sandbox"
    )]
    pub fn open(options: SandboxOptions) -> Result<Self, SandboxError> {
        let storage = match &options.folder {
            Some(folder) => Some(Storage::open(folder)?),
            None => None,
        };
        let saved = match &storage {
            Some(storage) => Some(storage.load()?),
            None => None,
        };
        let world = World::open(&options, saved.as_ref())?;
        let clock = world.clock.clone();
        let sandbox = Self {
            inner: Arc::new_cyclic(|inner| Inner {
                world: Mutex::new(world),
                visits: Mutex::default(),
                clock,
                nonce: random::hex(16),
                latency: options.latency,
                clients: push::Clients::default(),
                writer: storage.map(|storage| Writer::start(storage, inner.clone())),
            }),
        };
        sandbox.inner.wake_writer();
        Ok(sandbox)
    }

    /// The sandbox's clock; moving it through the control interface is kept in the state.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.inner.clock.clone()
    }

    /// What a client must know to use the sandbox that listens at `url`.
    #[must_use]
    pub fn card(&self, url: &str) -> Card {
        Card::of(&self.inner.lock(), url, &self.inner.nonce)
    }

    /// Writes every change, the journal and the counters to the state; returns when that is done.
    pub fn flush(&self) {
        self.inner.flush();
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// Pages that are open; locked before the world where both are needed.
    fn visits(&self) -> MutexGuard<'_, pages::Visits> {
        lock(&self.visits)
    }

    /// Tells the writer that there may be changes; never waits.
    fn wake_writer(&self) {
        if let Some(writer) = &self.writer {
            writer.wake();
        }
    }

    fn flush(&self) {
        if let Some(writer) = &self.writer {
            writer.write(&self.world, true);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.flush();
    }
}
