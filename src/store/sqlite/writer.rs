//! The one writer: it takes what waits, does it in one transaction, and answers after the commit.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::store::StoreError;
use crate::store::engine::Durability;
use crate::sys::crash;

use super::file::{OpenFiles, StoreFile};
use super::{Fault, Session};

/// The most rows that one transaction changes.
const BATCH_ROWS: usize = 500;
/// The longest that one transaction goes on taking requests.
const BATCH_TIME: Duration = Duration::from_millis(50);
/// How long is waited for other processes before a look at what came meanwhile and at what has
/// waited long enough.
const BUSY_TURN: Duration = Duration::from_millis(50);

/// Pages in the write-ahead log before they are copied into the file: each copy costs two syncs, and
/// a bulk change touches the same pages again and again.
const CHECKPOINT_PAGES: u32 = 8000;
/// The most bytes that the write-ahead log keeps on the disk once all of it was copied. It grows
/// beyond that while another process goes on reading an older state.
const LOG_BYTES: i64 = 64 << 20;
/// The writer's cache; negative means kibibytes to SQLite.
const CACHE_KIBIBYTES: i32 = -8_000;

/// What a request asks of its transaction.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Weight {
    rows: usize,
    durable: bool,
    ends_refresh: bool,
    /// Whether it changes anything by one statement only, the last: SQLite undoes that by itself.
    is_one_change: bool,
}

impl Weight {
    /// Changes about `rows` rows that a power cut may take back: leases, the roster.
    pub(in crate::store) const fn cached(rows: usize) -> Self {
        Self {
            rows,
            durable: false,
            ends_refresh: false,
            is_one_change: false,
        }
    }

    /// Changes about `rows` rows that must survive a power cut once answered: tokens, tickets.
    pub(in crate::store) const fn durable(rows: usize) -> Self {
        Self {
            rows,
            durable: true,
            ends_refresh: false,
            is_one_change: false,
        }
    }

    /// Changes about `rows` rows that last as an operation asks for.
    pub(in crate::store) const fn of(durability: Durability, rows: usize) -> Self {
        match durability {
            Durability::Cached => Self::cached(rows),
            Durability::Durable => Self::durable(rows),
        }
    }

    /// Commits a refresh: one durable row by one statement, with crash points around it.
    pub(in crate::store) const fn refresh() -> Self {
        Self {
            rows: 1,
            durable: true,
            ends_refresh: true,
            is_one_change: true,
        }
    }
}

/// Tells the caller how the transaction ended; an act that failed tells its own error instead.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Does the work; says whether it holds, or else why not.
type Act = Box<dyn FnOnce(Result<&Session, StoreError>) -> (Result<(), StoreError>, Answer) + Send>;

/// One atomic act on its way to the writer.
pub(super) struct Request {
    weight: Weight,
    /// When it gives up waiting for other processes.
    deadline: Instant,
    act: Act,
}

impl Request {
    pub(super) fn new<T: Send + 'static>(
        path: &Path,
        weight: Weight,
        deadline: Instant,
        act: impl FnOnce(&Session) -> Result<T, Fault> + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (sender, receiver) = oneshot::channel();
        let path = path.to_owned();
        let act: Act = Box::new(move |session| {
            let result = session.and_then(|session| {
                let done = if weight.is_one_change {
                    // Without a savepoint nothing would undo what a panic left half done.
                    act(session)
                } else {
                    let done = catch_unwind(AssertUnwindSafe(|| act(session)));
                    done.unwrap_or(Err(Fault::Panicked))
                };
                done.map_err(|fault| fault.at(&path))
            });
            let holds = result.as_ref().map(|_| ()).map_err(Clone::clone);
            let answer: Answer = Box::new(move |ended| {
                // A caller that went away does not undo what it asked for.
                let _ = sender.send(result.and_then(|value| ended.map(|()| value)));
            });
            (holds, answer)
        });
        let request = Self {
            weight,
            deadline,
            act,
        };
        (request, receiver)
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    fn refuse(self, error: &StoreError) {
        let (_, answer) = (self.act)(Err(error.clone()));
        answer(Ok(()));
    }
}

/// The writer's thread; it finishes what is queued and ends when this is dropped.
pub(super) struct Writer {
    queue: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        session: Session,
        path: &Path,
        file: Option<StoreFile>,
    ) -> Result<Self, StoreError> {
        let tuned = session
            .pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
            .and_then(|()| session.pragma_update(None, "journal_size_limit", LOG_BYTES))
            .and_then(|()| session.pragma_update(None, "cache_size", CACHE_KIBIBYTES))
            // Former pages, kept for savepoints, would else be written to a file in some other folder:
            // slowly, and there are tokens in them.
            .and_then(|()| session.pragma_update(None, "temp_store", "MEMORY"))
            // What is taken out or replaced, a code or a token, must not linger in the file.
            .and_then(|()| session.pragma_update(None, "secure_delete", true));
        tuned.map_err(|error| Fault::from(error).at(path))?;
        let (queue, requests) = channel();
        let batcher = Batcher {
            session,
            path: path.to_owned(),
            files: file.map(OpenFiles::of),
            full_sync: None,
        };
        let thread = std::thread::Builder::new()
            .name("wxauth-store".to_owned())
            .spawn(move || batcher.run(&requests))
            .map_err(|error| StoreError::Failed {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Queues a request; whether the writer is there to take it.
    pub(super) fn submit(&self, request: Request) -> bool {
        self.queue
            .as_ref()
            .is_some_and(|queue| queue.send(request).is_ok())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Refuses what has waited for other processes for as long as it may; the rest waits on.
fn refuse_overdue(waiting: &mut VecDeque<Request>, error: &StoreError) {
    let now = Instant::now();
    for _ in 0..waiting.len() {
        match waiting.pop_front() {
            Some(request) if request.deadline > now => waiting.push_back(request),
            Some(request) => request.refuse(error),
            None => break,
        }
    }
}

struct Batcher {
    session: Session,
    path: PathBuf,
    /// None in memory.
    files: Option<OpenFiles>,
    /// How `synchronous` stands, once it was set.
    full_sync: Option<bool>,
}

impl Batcher {
    fn run(mut self, requests: &Receiver<Request>) {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                match requests.recv() {
                    Ok(request) => waiting.push_back(request),
                    Err(_) => return,
                }
            }
            waiting.extend(requests.try_iter());
            self.batch(&mut waiting);
        }
    }

    /// One transaction over the first of what waits.
    fn batch(&mut self, waiting: &mut VecDeque<Request>) {
        let mut rows = 0;
        let mut count = 0;
        while let Some(request) = waiting.get(count) {
            rows += request.weight.rows;
            if count > 0 && rows > BATCH_ROWS {
                break;
            }
            count += 1;
        }
        let durable = waiting.iter().take(count).any(|r| r.weight.durable);
        match self.begin(durable) {
            Ok(()) => {}
            Err(error @ StoreError::Busy { .. }) => return refuse_overdue(waiting, &error),
            Err(error) => return waiting.drain(..count).for_each(|r| r.refuse(&error)),
        }
        let mut answers: Vec<Answer> = Vec::with_capacity(count);
        let mut ends_refresh = false;
        let started = Instant::now();
        for _ in 0..count {
            let Some(request) = waiting.pop_front() else {
                break;
            };
            ends_refresh |= request.weight.ends_refresh;
            match self.attempt(request) {
                Ok(answer) => answers.push(answer),
                Err((error, answer)) => {
                    // SQLite gave the whole transaction up: what was done before is undone too.
                    answers
                        .into_iter()
                        .for_each(|other| other(Err(error.clone())));
                    answer(Err(error));
                    let _ = self.session.execute_batch("ROLLBACK");
                    return;
                }
            }
            if started.elapsed() > BATCH_TIME {
                break;
            }
        }
        if ends_refresh {
            crash::point("store:commit:before");
        }
        let mut ended = self.execute("COMMIT");
        if ended.is_err() {
            let _ = self.session.execute_batch("ROLLBACK");
        } else if ends_refresh {
            crash::point("store:commit:after");
        }
        if let Some(files) = &mut self.files {
            ended = ended.and_then(|()| files.check_committed());
        }
        for answer in answers {
            answer(ended.clone());
        }
    }

    fn begin(&mut self, durable: bool) -> Result<(), StoreError> {
        if let Some(files) = &self.files {
            files.check()?;
        }
        // `synchronous` cannot change inside a transaction.
        if self.full_sync != Some(durable) {
            let level = if durable { "FULL" } else { "NORMAL" };
            self.session
                .pragma_update(None, "synchronous", level)
                .map_err(|error| Fault::from(error).at(&self.path))?;
            self.full_sync = Some(durable);
        }
        self.session.wait_until(Instant::now() + BUSY_TURN);
        self.execute("BEGIN IMMEDIATE")
    }

    /// Does one request so that its failure undoes nothing but itself; an error when the
    /// transaction around it is lost.
    fn attempt(&self, request: Request) -> Result<Answer, (StoreError, Answer)> {
        // For a savepoint SQLite copies every page that is changed after it.
        let saved = !request.weight.is_one_change;
        if saved && let Err(error) = self.execute("SAVEPOINT request") {
            let (_, answer) = (request.act)(Err(error.clone()));
            return Err((error, answer));
        }
        let (holds, answer) = (request.act)(Ok(&self.session));
        if self.session.is_autocommit() {
            let error = holds.err().unwrap_or_else(|| StoreError::Failed {
                path: self.path.clone(),
                reason: "SQLite rolled the transaction back".to_owned(),
            });
            return Err((error, answer));
        }
        if !saved {
            return Ok(answer);
        }
        let undone = match holds {
            Ok(()) => Ok(()),
            Err(_) => self.execute("ROLLBACK TO request"),
        };
        match undone.and_then(|()| self.execute("RELEASE request")) {
            Ok(()) => Ok(answer),
            Err(error) => Err((error, answer)),
        }
    }

    fn execute(&self, statement: &str) -> Result<(), StoreError> {
        self.session
            .prepare_cached(statement)
            .and_then(|mut prepared| prepared.execute([]))
            .map(|_| ())
            .map_err(|error| Fault::from(error).at(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use crate::store::sqlite::Database;
    use crate::store::{StoreLocation, StoreOptions};

    use super::*;

    fn add(session: &Session, realm: &str) -> Result<(), Fault> {
        let add = "INSERT INTO platforms (realm, component_appid) VALUES (?1, '')";
        session.execute(add, [realm])?;
        Ok(())
    }

    #[tokio::test]
    async fn act_that_panics_is_undone_alone() {
        let options = StoreOptions::of_a_test();
        let database = Database::open(&StoreLocation::Memory, options);
        let database = database.await.unwrap();
        // The writer is kept busy, so that what follows is one batch.
        let busy = database.write(Weight::cached(1), |_| {
            std::thread::sleep(Duration::from_millis(200));
            Ok(())
        });
        let first = database.write(Weight::cached(1), |session| add(session, "first"));
        let panics = database.write(Weight::cached(1), |session| -> Result<(), Fault> {
            add(session, "panics")?;
            panic!("a test of panics");
        });
        let last = database.write(Weight::cached(1), |session| add(session, "last"));
        let (_, first, panicked, last) = tokio::join!(busy, first, panics, last);
        assert!(matches!(panicked, Err(StoreError::Failed { .. })));
        assert_eq!((first, last), (Ok(()), Ok(())));
        let realms = database.read(|session| {
            let mut statement = session.prepare("SELECT realm FROM platforms ORDER BY id")?;
            let realms = statement.query_map([], |row| row.get(0))?;
            Ok(realms.collect::<Result<Vec<String>, _>>()?)
        });
        assert_eq!(realms.await.unwrap(), ["first", "last"]);
    }
}
