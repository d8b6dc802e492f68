//! A connection to a Redis that finds the server again after every break.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use redis::{Cmd, FromRedisValue, Pipeline, RedisError, Value};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use super::address::{Address, Node, Topology};
use super::attempt::{Next, judge, judge_sent};
use super::failure::{Failure, FailureKind, Unreached};
use super::greeting::explain;
use super::pool::{Lane, Pool};
use super::replication::Seen;
use super::script::Script;
use crate::sys::deadline::TimeLimit;

/// How long a server that was reached before, or that others know, is waited for at most: a failover
/// takes that long.
const FAILOVER: Duration = Duration::from_secs(15);
/// An answer that is waited for longer than this will not come over its connection.
const SILENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(100);
/// How many redirections of one command are followed.
const REDIRECTIONS: usize = 16;

/// A Redis. Clones share its connections, over which commands of many tasks go at once.
///
/// Commands are sent again after a break, so they must be such that twice is as once. `tag` is the
/// part of the key in braces, by which a cluster knows whose they are; elsewhere it does nothing.
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
    limit: TimeLimit,
}

struct Inner {
    address: Address,
    pool: Pool,
    /// The master that sentinels named, and the nodes that a cluster sent us to, by tag.
    routes: Mutex<HashMap<String, Node>>,
    /// Which of the nodes is asked first.
    first: AtomicUsize,
    was_reached: AtomicBool,
    /// Held by the one write that waits for replicas.
    durable: Mutex<()>,
    replicas: Mutex<HashMap<Node, Seen>>,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Redis({})", self.inner.address)
    }
}

impl Redis {
    /// A Redis that is reached when it is first asked.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            inner: Arc::new(Inner {
                address,
                pool: Pool::default(),
                routes: Mutex::default(),
                first: AtomicUsize::new(0),
                was_reached: AtomicBool::new(false),
                durable: Mutex::default(),
                replicas: Mutex::default(),
            }),
            limit: TimeLimit::Each(FAILOVER),
        }
    }

    /// The same, where each exchange waits so long for a server that does not answer, but not longer
    /// than a failover takes: 15 s.
    #[must_use]
    pub fn waiting(self, limit: Duration) -> Self {
        Self {
            limit: TimeLimit::Each(limit.min(FAILOVER)),
            ..self
        }
    }

    /// The same, where all exchanges together wait until then.
    #[must_use]
    pub fn until(&self, deadline: std::time::Instant) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            limit: TimeLimit::Until(deadline),
        }
    }

    fn deadline(&self) -> Instant {
        self.limit.deadline().into()
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.inner.address
    }

    /// The failure of this Redis, with its address.
    pub fn failure(&self, kind: FailureKind) -> Failure {
        Failure {
            address: self.inner.address.to_string(),
            has_password: self.inner.address.password.is_some(),
            kind,
        }
    }

    /// Sends one command.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses it.
    pub async fn ask<T: FromRedisValue>(&self, tag: &str, command: Cmd) -> Result<T, Failure> {
        let mut pipeline = Pipeline::with_capacity(1);
        pipeline.add_command(command);
        let answers = self.pipe(tag, &pipeline).await?;
        let answer = answers.into_iter().next().unwrap_or(Value::Nil);
        self.read(answer)
    }

    /// Sends several commands in one go; their answers in the same order.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses one of them.
    pub async fn pipe(&self, tag: &str, pipeline: &Pipeline) -> Result<Vec<Value>, Failure> {
        if pipeline.is_empty() {
            return Ok(Vec::new());
        }
        self.carry(tag, pipeline, Lane::Plain)
            .await
            .map_err(|kind| self.failure(kind))
    }

    /// Runs a script. All `keys` are of one tag.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses it.
    pub async fn run<T: FromRedisValue>(
        &self,
        tag: &str,
        script: &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
    ) -> Result<T, Failure> {
        let answers = self
            .run_then(tag, script, keys, arguments, None, Lane::Plain)
            .await?;
        self.read(answers.into_iter().next().unwrap_or(Value::Nil))
    }

    /// Runs a script and waits until a replica, where there is one, has what it wrote; the answer,
    /// and whether one confirmed within 2 s. Without replicas nothing is waited for.
    ///
    /// It is carried out to its end even when the caller goes away.
    ///
    /// # Errors
    /// As [`Redis::run`].
    pub async fn run_replicated<T: FromRedisValue>(
        &self,
        tag: &str,
        script: &'static Script,
        keys: &[String],
        arguments: &[Vec<u8>],
    ) -> Result<(T, bool), Failure> {
        let (redis, tag) = (self.clone(), tag.to_owned());
        let (keys, arguments) = (keys.to_vec(), arguments.to_vec());
        let task = tokio::spawn(async move {
            let act = redis.replicate(&tag, script, &keys, &arguments);
            let TimeLimit::Until(deadline) = redis.limit else {
                return act.await;
            };
            let silent = || redis.failure(FailureKind::Unreachable(Unreached::Silent));
            let ended = timeout_at(deadline.into(), act).await;
            ended.unwrap_or_else(|_| Err(silent()))
        });
        let ended = task.await.map_err(|error| {
            let kind = FailureKind::Failed(error.to_string());
            self.failure(kind)
        });
        let (answer, confirmed) = ended??;
        Ok((self.read(answer)?, confirmed))
    }

    pub(super) async fn run_then(
        &self,
        tag: &str,
        script: &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
        then: Option<Cmd>,
        lane: Lane,
    ) -> Result<Vec<Value>, Failure> {
        let pipeline = |command: Cmd| {
            let mut pipeline = Pipeline::with_capacity(2);
            pipeline.add_command(command);
            if let Some(command) = &then {
                pipeline.add_command(command.clone());
            }
            pipeline
        };
        let by_hash = pipeline(script.by_hash(keys, arguments));
        let answers = match self.carry(tag, &by_hash, lane).await {
            Err(FailureKind::NoScript) => {
                let whole = pipeline(script.whole(keys, arguments));
                self.carry(tag, &whole, lane).await
            }
            answers => answers,
        };
        answers.map_err(|kind| self.failure(kind))
    }

    /// Reads an answer as what it should be.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read<T: FromRedisValue>(&self, answer: Value) -> Result<T, Failure> {
        T::from_redis_value(answer).map_err(|error| {
            self.failure(FailureKind::Failed(format!(
                "an answer of another shape: {error}"
            )))
        })
    }

    async fn carry(
        &self,
        tag: &str,
        pipeline: &Pipeline,
        lane: Lane,
    ) -> Result<Vec<Value>, FailureKind> {
        let deadline = self.deadline();
        let mut redirections = 0;
        let mut asking: Option<Node> = None;
        loop {
            let attempt = self
                .attempt(tag, pipeline, asking.take(), lane, deadline)
                .await;
            let next = match attempt {
                Ok(answers) => return Ok(answers),
                Err(next) => next,
            };
            let kind = match next {
                Next::GiveUp(kind) => return Err(kind),
                Next::Moved(node) | Next::Ask(node) if redirections == REDIRECTIONS => {
                    return Err(FailureKind::Failed(format!(
                        "it sends us round in circles, last to {node}"
                    )));
                }
                Next::Moved(node) => {
                    redirections += 1;
                    self.inner.routes.lock().await.insert(tag.to_owned(), node);
                    continue;
                }
                Next::Ask(node) => {
                    redirections += 1;
                    asking = Some(node);
                    continue;
                }
                Next::Reconnect(kind) => {
                    self.inner.routes.lock().await.remove(self.route_name(tag));
                    self.inner.first.fetch_add(1, Ordering::Relaxed);
                    // A single server that was never there is more likely misspelt than restarting.
                    let patient = self.inner.was_reached.load(Ordering::Relaxed)
                        || self.inner.address.nodes.len() > 1;
                    if !patient {
                        let explained = explain(&self.inner.address, kind.clone());
                        return Err(timeout_at(deadline, explained).await.unwrap_or(kind));
                    }
                    kind
                }
                Next::Wait(kind) => {
                    // What is not ready may be the master of before.
                    if matches!(self.inner.address.topology, Topology::Sentinel { .. }) {
                        self.inner.routes.lock().await.remove("");
                    }
                    kind
                }
            };
            if Instant::now() + PAUSE >= deadline {
                return Err(kind);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn attempt(
        &self,
        tag: &str,
        pipeline: &Pipeline,
        asking: Option<Node>,
        lane: Lane,
        deadline: Instant,
    ) -> Result<Vec<Value>, Next> {
        let silent = || Next::Reconnect(FailureKind::Unreachable(Unreached::Silent));
        let is_at_home = asking.is_none() && self.inner.address.topology == Topology::Cluster;
        let node = match &asking {
            Some(node) => node.clone(),
            None => timeout_at(deadline, self.find(tag))
                .await
                .map_err(|_| silent())??,
        };
        let connected = self.inner.pool.get(&self.inner.address, &node, lane);
        let connected = timeout_at(deadline, connected).await;
        let mut connected = connected.map_err(|_| silent())??;
        let with_leave = asking.map(|_| {
            let mut with_leave = Pipeline::with_capacity(pipeline.len() * 2);
            for command in pipeline.cmd_iter() {
                with_leave.cmd("ASKING").ignore();
                with_leave.add_command(command.clone());
            }
            with_leave
        });
        let pipeline = with_leave.as_ref().unwrap_or(pipeline);
        let began = Instant::now();
        let sent = pipeline.query_async(&mut connected.connection);
        let Ok(sent) = timeout_at(deadline, sent).await else {
            if began.elapsed() >= SILENCE {
                self.inner.pool.discard(&node, lane, &connected).await;
            }
            return Err(silent());
        };
        match sent {
            Ok(answers) => {
                self.inner.was_reached.store(true, Ordering::Relaxed);
                // The first node that is asked may have the key: whoever wants to know of its
                // replicas must know that.
                if is_at_home && self.node_for(tag).await.is_none() {
                    self.inner.routes.lock().await.insert(tag.to_owned(), node);
                }
                Ok(answers)
            }
            Err(error) => {
                let next = judge_sent(&error, pipeline);
                if matches!(next, Next::Reconnect(_)) {
                    self.inner.pool.discard(&node, lane, &connected).await;
                }
                Err(next)
            }
        }
    }

    fn route_name<'a>(&self, tag: &'a str) -> &'a str {
        match self.inner.address.topology {
            Topology::Cluster => tag,
            _ => "",
        }
    }

    pub(super) async fn node_for(&self, tag: &str) -> Option<Node> {
        match self.inner.address.topology {
            Topology::Single => self.inner.address.nodes.first().cloned(),
            _ => {
                let routes = self.inner.routes.lock().await;
                routes.get(self.route_name(tag)).cloned()
            }
        }
    }

    /// The node to send to: the one that is known, else one of the first, else the master that the
    /// sentinels name.
    async fn find(&self, tag: &str) -> Result<Node, Next> {
        if let Some(node) = self.node_for(tag).await {
            return Ok(node);
        }
        let nodes = &self.inner.address.nodes;
        let first = self.inner.first.load(Ordering::Relaxed) % nodes.len().max(1);
        match &self.inner.address.topology {
            Topology::Sentinel { master } => {
                let mut told = None;
                for node in nodes.iter().cycle().skip(first).take(nodes.len()) {
                    match self.ask_sentinel(node, master).await {
                        Ok(found) => {
                            let mut routes = self.inner.routes.lock().await;
                            routes.insert(String::new(), found.clone());
                            return Ok(found);
                        }
                        Err(next) => told = Some(next),
                    }
                }
                Err(told.unwrap_or(Next::GiveUp(FailureKind::NoMaster(master.clone()))))
            }
            Topology::Single | Topology::Cluster => {
                nodes
                    .get(first)
                    .cloned()
                    .ok_or(Next::GiveUp(FailureKind::Unreachable(
                        Unreached::UnknownHost,
                    )))
            }
        }
    }

    async fn ask_sentinel(&self, sentinel: &Node, master: &str) -> Result<Node, Next> {
        let (pool, address) = (&self.inner.pool, &self.inner.address);
        let mut connected = pool.get(address, sentinel, Lane::Plain).await?;
        let found: Result<Option<(String, u16)>, RedisError> = redis::cmd("SENTINEL")
            .arg("get-master-addr-by-name")
            .arg(master)
            .query_async(&mut connected.connection)
            .await;
        match found {
            Ok(Some((host, port))) => Ok(Node::Tcp(host, port)),
            Ok(None) => Err(Next::GiveUp(FailureKind::NoMaster(master.to_owned()))),
            Err(error) => {
                let next = judge(&error);
                pool.discard(sentinel, Lane::Plain, &connected).await;
                Err(next)
            }
        }
    }

    /// The master that the sentinels name now, to which the next command goes; none where none of
    /// them can be asked.
    pub(super) async fn named_master(&self) -> Option<Node> {
        self.inner.routes.lock().await.remove("");
        self.find("").await.ok()
    }

    pub(super) async fn durable_turn(&self) -> MutexGuard<'_, ()> {
        self.inner.durable.lock().await
    }

    pub(super) fn replicas_seen(&self) -> &Mutex<HashMap<Node, Seen>> {
        &self.inner.replicas
    }
}
