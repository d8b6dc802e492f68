//! The contract on SQLite: one writer with group commit, a few readers, and the statements.

mod authorizers;
mod claims;
mod columns;
mod engine;
mod event_work;
mod events;
mod fault;
mod file;
mod forget;
mod holders;
mod journal;
mod launches;
mod leases;
mod marks;
mod messages;
mod open;
mod platform;
mod prune;
mod records;
mod roster;
mod schema;
mod search;
mod session;
mod test_write;
mod tickets;
mod tokens;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;

use crate::sys::clock::Clock;
use crate::sys::deadline::TimeLimit;
use crate::sys::sync::lock;

use super::encryption::Keyring;
use super::{PlatformKey, StoreError, StoreInfo, StoreLocation, StoreOptions};

use fault::Fault;
use file::StoreFile;
pub(super) use file::log_length;
use holders::Presence;
use session::Session;
use writer::Weight;
use writer::{Request, Writer};

/// How many idle connections are kept for readers.
const IDLE_CONNECTIONS: usize = 4;

/// How long the log's content is waited for that other processes read: nothing can be written meanwhile.
const CHECKPOINT_WAIT: Duration = Duration::from_secs(2);

/// An open SQLite database, on disk or in memory. Clones share it.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
    /// How long its acts wait for other processes.
    limit: TimeLimit,
}

struct Inner {
    location: StoreLocation,
    /// The file; none in memory.
    file: Option<StoreFile>,
    /// What errors name.
    path: PathBuf,
    clock: Clock,
    keyring: Keyring,
    idle: Mutex<Vec<Session>>,
    // Declared before `presence`: the writer ends before its holder's lock is given up.
    writer: Mutex<Option<Writer>>,
    presence: Arc<Presence>,
}

impl Database {
    pub(super) async fn open(
        location: &StoreLocation,
        options: StoreOptions,
    ) -> Result<Self, StoreError> {
        let StoreOptions {
            holder,
            clock,
            keyring,
            timeout,
        } = options;
        let limit = TimeLimit::Each(timeout);
        let (path, opened, file) = match location {
            StoreLocation::Sqlite(path) => {
                let path = path.clone();
                blocking(&path.clone(), move || {
                    let (opened, file) = open::file(&path, limit.deadline())?;
                    Ok((path, opened, Some(file)))
                })
                .await?
            }
            StoreLocation::Memory | StoreLocation::Redis(_) => {
                (PathBuf::from(":memory:"), open::memory()?, None)
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                presence: Arc::new(Presence::new(file.clone(), holder)),
                location: location.clone(),
                file,
                path,
                clock,
                idle: Mutex::new(vec![Session::new(opened, keyring.clone())]),
                keyring,
                writer: Mutex::new(None),
            }),
            limit,
        })
    }

    /// The same database, whose acts wait for others until `deadline`.
    pub(super) fn until(&self, deadline: Instant) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            limit: TimeLimit::Until(deadline),
        }
    }

    pub(super) fn location(&self) -> &StoreLocation {
        &self.inner.location
    }

    /// What the store is.
    pub(super) async fn info(&self) -> Result<StoreInfo, StoreError> {
        let path = match self.location() {
            StoreLocation::Sqlite(path) => Some(path.clone()),
            StoreLocation::Memory | StoreLocation::Redis(_) => None,
        };
        self.read(move |connection| {
            let bytes: i64 = connection.query_row(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                [],
                |row| row.get(0),
            )?;
            let (schema_version, min_reader) =
                connection.query_row("SELECT version, min_reader FROM schema", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            Ok::<_, Fault>(StoreInfo {
                path,
                address: None,
                schema_version,
                min_reader: Some(min_reader),
                bytes: Some(bytes.unsigned_abs()),
            })
        })
        .await
    }

    /// Copies the write-ahead log into the file and empties it; whether all of it went.
    pub(super) async fn drop_log(&self) -> Result<bool, StoreError> {
        let until = Instant::now() + CHECKPOINT_WAIT;
        let act = |session: &Session| {
            let busy: i64 =
                session.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        };
        self.until(until).read(act).await
    }

    /// The time of the store's own notes, in Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.inner.clock.unix()
    }

    /// Who holds the leases taken through this store.
    pub(super) fn presence(&self) -> Arc<Presence> {
        Arc::clone(&self.inner.presence)
    }

    /// Runs a short read beside the writer; in memory, where there is one connection, through it.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.inner.location == StoreLocation::Memory {
            return self.write(Weight::cached(1), act).await;
        }
        let (inner, deadline) = (Arc::clone(&self.inner), self.limit.deadline());
        blocking(&self.inner.path, move || {
            let session = inner.session(deadline)?;
            let answer = act(&session).map_err(|fault| fault.at(&inner.path));
            inner.put_back(session);
            answer
        })
        .await
    }

    /// Runs a short read about a platform, which answers with nothing where nothing is stored of it.
    pub(super) async fn read_of<T: Default + Send + 'static>(
        &self,
        key: &PlatformKey,
        act: impl FnOnce(&Session, i64) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let key = key.clone();
        self.read(move |session| match platform::number(session, &key)? {
            Some(platform) => act(session, platform),
            None => Ok(T::default()),
        })
        .await
    }

    /// As [`Database::write`], about a platform of which something is stored.
    pub(super) async fn write_of<T: Default + Send + 'static>(
        &self,
        weight: Weight,
        key: &PlatformKey,
        act: impl FnOnce(&Session, i64) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let key = key.clone();
        self.write(weight, move |session| {
            match platform::number(session, &key)? {
                Some(platform) => act(session, platform),
                None => Ok(T::default()),
            }
        })
        .await
    }

    /// Queues an act for the writer and waits until it is committed. It is undone as a whole when
    /// it returns an error.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        weight: Weight,
        act: impl FnOnce(&Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::Closed {
            path: self.inner.path.clone(),
        };
        let (request, answer) = Request::new(&self.inner.path, weight, self.limit.deadline(), act);
        if !self.inner.submit(request)? {
            return Err(closed());
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

impl Inner {
    /// A connection to the file that is at the store's path, which waits for others until
    /// `deadline`.
    fn session(&self, deadline: Instant) -> Result<Session, StoreError> {
        let idle = lock(&self.idle).pop();
        match (idle, &self.file) {
            (Some(session), None) => Ok(session),
            (Some(session), Some(file)) => match file.check() {
                Ok(()) => {
                    session.wait_until(deadline);
                    Ok(session)
                }
                Err(error) => {
                    self.put_back(session);
                    Err(error)
                }
            },
            (None, Some(file)) => {
                let opened = open::again(file, deadline)?;
                Ok(Session::new(opened, self.keyring.clone()))
            }
            // In memory there is but one connection, and the writer has it.
            (None, None) => Err(StoreError::Closed {
                path: self.path.clone(),
            }),
        }
    }

    fn put_back(&self, session: Session) {
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(session);
        }
    }

    /// Hands a request to the writer, started now if this is the first one; whether it was taken.
    fn submit(&self, request: Request) -> Result<bool, StoreError> {
        let mut writer = lock(&self.writer);
        let running = match writer.take() {
            Some(running) => running,
            None => {
                self.presence.appear()?;
                Writer::start(
                    self.session(request.deadline())?,
                    &self.path,
                    self.file.clone(),
                )?
            }
        };
        Ok(writer.insert(running).submit(request))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Database")
            .field(&self.inner.path)
            .finish()
    }
}

/// Runs what may block on the disk away from the runtime's own threads; in a program that has but
/// one, such as a short command, right there: a second thread would take longer than the reading.
async fn blocking<T: Send + 'static>(
    path: &Path,
    act: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return act();
    }
    let (sender, answer) = oneshot::channel();
    // One kind of task for all acts: what tokio makes for each kind would be a part of the program that
    // one can see.
    let task: Box<dyn FnOnce() + Send> = Box::new(move || {
        // A caller that went away wants no answer.
        let _ = sender.send(act());
    });
    tokio::task::spawn_blocking(task);
    let closed = |_| Err(StoreError::Closed { path: path.into() });
    answer.await.unwrap_or_else(closed)
}
