//! A connection to a Redis that finds the server again after every break.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, Pipeline, RedisError, Value};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::address::{Address, Node, Topology};
use super::attempt::{Next, judge};
use super::dial::connect;
use super::failure::{Failure, FailureKind};
use super::script::Script;

/// How long a server that was reached before, or that others know, is waited for: a failover takes
/// that long.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(100);
/// How long replicas may take to confirm a write.
const REPLICATION_MILLISECONDS: u64 = 2_000;
/// How long what is known of a server's replicas holds.
const REPLICAS_KNOWN: Duration = Duration::from_secs(5);
/// How many redirections of one command are followed.
const REDIRECTIONS: usize = 16;

/// A Redis. Clones share its connections, over which commands of many tasks go at once.
///
/// Commands are sent again after a break, so they must be such that twice is as once. `tag` is the
/// part of the key in braces, by which a cluster knows whose they are; elsewhere it does nothing.
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    connections: Mutex<HashMap<Node, Connected>>,
    /// The master that sentinels named, and the nodes that a cluster sent us to, by tag.
    routes: Mutex<HashMap<String, Node>>,
    /// Which of the nodes is asked first.
    first: AtomicUsize,
    was_reached: AtomicBool,
    /// How many connections were made.
    made: AtomicU64,
}

#[derive(Clone)]
struct Connected {
    connection: MultiplexedConnection,
    /// Tells a connection from the one after it.
    number: u64,
    replicas: Option<(Instant, u64)>,
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
                connections: Mutex::default(),
                routes: Mutex::default(),
                first: AtomicUsize::new(0),
                was_reached: AtomicBool::new(false),
                made: AtomicU64::new(0),
            }),
        }
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
        self.carry(tag, pipeline)
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
        let answers = self.run_then(tag, script, keys, arguments, None).await?;
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
        let task =
            tokio::spawn(async move { redis.replicate(&tag, script, &keys, &arguments).await });
        let ended = task.await.map_err(|error| {
            let kind = FailureKind::Failed(error.to_string());
            self.failure(kind)
        });
        let (answer, confirmed) = ended??;
        Ok((self.read(answer)?, confirmed))
    }

    async fn replicate(
        &self,
        tag: &str,
        script: &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
    ) -> Result<(Value, bool), Failure> {
        let replicas = self.replicas(tag, false).await?;
        // In one go with the script: over another connection, to another server, it would say
        // nothing about this write.
        let wait = (replicas > 0).then(|| {
            let mut wait = redis::cmd("WAIT");
            wait.arg(1).arg(REPLICATION_MILLISECONDS);
            wait
        });
        let answers = self.run_then(tag, script, keys, arguments, wait).await?;
        let mut answers = answers.into_iter();
        let answer = answers.next().unwrap_or(Value::Nil);
        if replicas == 0 {
            return Ok((answer, true));
        }
        let confirmed: u64 = self.read(answers.next().unwrap_or(Value::Nil))?;
        let alone = confirmed == 0 && self.replicas(tag, true).await? == 0;
        Ok((answer, confirmed > 0 || alone))
    }

    async fn run_then(
        &self,
        tag: &str,
        script: &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
        then: Option<Cmd>,
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
        let answers = match self.carry(tag, &by_hash).await {
            Err(FailureKind::NoScript) => {
                let whole = pipeline(script.whole(keys, arguments));
                self.carry(tag, &whole).await
            }
            answers => answers,
        };
        answers.map_err(|kind| self.failure(kind))
    }

    /// How many replicas the server has; 0 where it may not be asked.
    async fn replicas(&self, tag: &str, anew: bool) -> Result<u64, Failure> {
        let node = self.node_for(tag).await;
        if let (Some(node), false) = (&node, anew) {
            let connections = self.inner.connections.lock().await;
            if let Some((at, count)) = connections.get(node).and_then(|found| found.replicas)
                && at.elapsed() < REPLICAS_KNOWN
            {
                return Ok(count);
            }
        }
        let mut info = redis::cmd("INFO");
        info.arg("replication");
        let count = match self.ask::<String>(tag, info).await {
            Ok(text) => text
                .lines()
                .find_map(|line| line.strip_prefix("connected_slaves:"))
                .and_then(|count| count.trim().parse().ok())
                .unwrap_or(0),
            Err(Failure {
                kind: FailureKind::NotPermitted(_),
                ..
            }) => 0,
            Err(failure) => return Err(failure),
        };
        if let Some(node) = self.node_for(tag).await
            && let Some(known) = self.inner.connections.lock().await.get_mut(&node)
        {
            known.replicas = Some((Instant::now(), count));
        }
        Ok(count)
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

    async fn carry(&self, tag: &str, pipeline: &Pipeline) -> Result<Vec<Value>, FailureKind> {
        let deadline = Instant::now() + PATIENCE;
        let mut redirections = 0;
        let mut asking: Option<Node> = None;
        loop {
            let attempt = self.attempt(tag, pipeline, asking.take()).await;
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
                        return Err(kind);
                    }
                    kind
                }
                Next::Wait(kind) => kind,
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
    ) -> Result<Vec<Value>, Next> {
        let node = match &asking {
            Some(node) => node.clone(),
            None => self.find(tag).await?,
        };
        let mut connected = self.connected(&node).await?;
        let sent = match asking {
            None => pipeline.query_async(&mut connected.connection).await,
            Some(_) => {
                let mut with_leave = Pipeline::with_capacity(pipeline.len() * 2);
                for command in pipeline.cmd_iter() {
                    with_leave.cmd("ASKING").ignore();
                    with_leave.add_command(command.clone());
                }
                with_leave.query_async(&mut connected.connection).await
            }
        };
        match sent {
            Ok(answers) => {
                self.inner.was_reached.store(true, Ordering::Relaxed);
                Ok(answers)
            }
            Err(error) => {
                let next = judge(&error);
                if matches!(next, Next::Reconnect(_)) {
                    self.drop_connection(&node, connected.number).await;
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

    async fn node_for(&self, tag: &str) -> Option<Node> {
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
            Topology::Single | Topology::Cluster => nodes.get(first).cloned().ok_or_else(|| {
                Next::GiveUp(FailureKind::Unreachable("no host is named".to_owned()))
            }),
        }
    }

    async fn ask_sentinel(&self, sentinel: &Node, master: &str) -> Result<Node, Next> {
        let mut connected = self.connected(sentinel).await?;
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
                self.drop_connection(sentinel, connected.number).await;
                Err(next)
            }
        }
    }

    async fn connected(&self, node: &Node) -> Result<Connected, Next> {
        let mut connections = self.inner.connections.lock().await;
        if let Some(connected) = connections.get(node) {
            return Ok(connected.clone());
        }
        let connection = connect(&self.inner.address, node).await?;
        let number = self.inner.made.fetch_add(1, Ordering::Relaxed);
        let connected = Connected {
            connection,
            number,
            replicas: None,
        };
        connections.insert(node.clone(), connected.clone());
        Ok(connected)
    }

    async fn drop_connection(&self, node: &Node, number: u64) {
        let mut connections = self.inner.connections.lock().await;
        if connections
            .get(node)
            .is_some_and(|found| found.number == number)
        {
            connections.remove(node);
        }
    }
}
