//! Writes that a failover must not lose: whether a replica has them.

use std::time::Duration;

use redis::Value;
use tokio::time::Instant;

use super::address::{Node, Topology};
use super::connection::Redis;
use super::failure::{Failure, FailureKind};
use super::pool::Lane;
use super::script::Script;

/// How long replicas may take to confirm a write.
const PATIENCE_MILLISECONDS: u64 = 2_000;
/// How long what is known of a server's replicas holds.
const KNOWN: Duration = Duration::from_secs(5);
/// The same of a master without replicas that sentinels may have left behind.
const KNOWN_ALONE: Duration = Duration::from_secs(1);
/// How long a server that has just lost its replicas may be the one that is being replaced.
const DOUBT: Duration = Duration::from_secs(10);
/// How long sentinels may take to name another master when no replica confirmed a write.
const SUCCESSION: Duration = Duration::from_secs(3);
/// How often they are asked.
const ASKED_EVERY: Duration = Duration::from_millis(500);
/// After no replica confirmed, how long none is asked again.
const SILENCE: Duration = Duration::from_secs(2);

/// How a server stands to its replicas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It has none: what it has written is all there is.
    Alone,
    /// It has some, which confirm.
    Followed,
    /// It had some, or sentinels name another: what is written now may be lost.
    Doubtful,
}

/// What was seen of a server's replicas.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    at: Instant,
    standing: Standing,
    had_some: bool,
    lost_at: Option<Instant>,
    silent_at: Option<Instant>,
}

impl Redis {
    /// Runs a script and has a replica confirm what it wrote; whether one did, or there is none.
    pub(super) async fn replicate(
        &self,
        tag: &str,
        script: &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
    ) -> Result<(Value, bool), Failure> {
        let standing = self.standing(tag).await?;
        // One at a time, so that a replica that hangs is found out once and not by all in turn.
        let turn = match standing {
            Standing::Followed => Some(self.durable_turn().await),
            _ => None,
        };
        if standing != Standing::Followed || self.is_silent(tag).await {
            drop(turn);
            let answers = self
                .run_then(tag, script, keys, arguments, None, Lane::Plain)
                .await?;
            let answer = answers.into_iter().next().unwrap_or(Value::Nil);
            return Ok((answer, standing == Standing::Alone));
        }
        // In one go with the script: over another connection, to another server, it would say
        // nothing about this write.
        let mut wait = redis::cmd("WAIT");
        wait.arg(1).arg(PATIENCE_MILLISECONDS);
        let answers = self
            .run_then(tag, script, keys, arguments, Some(wait), Lane::Durable)
            .await?;
        let mut answers = answers.into_iter();
        let answer = answers.next().unwrap_or(Value::Nil);
        let confirmed: u64 = self.read(answers.next().unwrap_or(Value::Nil))?;
        if confirmed == 0 {
            let node = self.node_for(tag).await;
            self.fell_silent(node.as_ref()).await;
            if self.is_replaced(node.as_ref()).await {
                drop(turn);
                // What the former master wrote goes with it.
                return Box::pin(self.replicate(tag, script, keys, arguments)).await;
            }
            // Those who wait for their turn do not ask in vain one after another.
            self.fell_silent(node.as_ref()).await;
        }
        Ok((answer, confirmed > 0))
    }

    /// Whether sentinels name another master than the one we write to, now or within a while.
    async fn is_replaced(&self, node: Option<&Node>) -> bool {
        let Some(node) = node else {
            return false;
        };
        if !matches!(self.address().topology, Topology::Sentinel { .. }) {
            return false;
        }
        let began = Instant::now();
        loop {
            let named = self.named_master().await;
            if named.is_some_and(|named| named != *node) {
                return true;
            }
            if began.elapsed() >= SUCCESSION {
                return false;
            }
            tokio::time::sleep(ASKED_EVERY).await;
        }
    }

    async fn standing(&self, tag: &str) -> Result<Standing, Failure> {
        let node = self.node_for(tag).await;
        let seen = self.seen(node.as_ref()).await;
        let sentinels = matches!(self.address().topology, Topology::Sentinel { .. });
        if let Some(seen) = seen {
            let known = match seen.standing {
                Standing::Alone if sentinels => KNOWN_ALONE,
                Standing::Doubtful => Duration::ZERO,
                _ => KNOWN,
            };
            if seen.at.elapsed() < known {
                return Ok(seen.standing);
            }
        }
        let online = self.online_replicas(tag).await?;
        // It may have been found only by asking.
        let Some(node) = self.node_for(tag).await else {
            return Ok(Standing::Alone);
        };
        let seen = self.seen(Some(&node)).await;
        let had_some = online > 0 || seen.is_some_and(|seen| seen.had_some);
        let lost_at = match online {
            0 if had_some => seen.and_then(|seen| seen.lost_at).or(Some(Instant::now())),
            _ => None,
        };
        let standing = if online > 0 {
            Standing::Followed
        } else if lost_at.is_some_and(|at| at.elapsed() < DOUBT)
            || (sentinels && self.named_master().await != Some(node.clone()))
        {
            Standing::Doubtful
        } else {
            Standing::Alone
        };
        let seen = Seen {
            at: Instant::now(),
            standing,
            had_some,
            lost_at,
            silent_at: seen.and_then(|seen| seen.silent_at),
        };
        self.see(node, seen).await;
        Ok(standing)
    }

    /// How many replicas follow; 0 where that may not be asked.
    async fn online_replicas(&self, tag: &str) -> Result<usize, Failure> {
        let mut info = redis::cmd("INFO");
        info.arg("replication");
        match self.ask::<String>(tag, info).await {
            // One that is still being copied to confirms nothing.
            Ok(text) => Ok(text
                .lines()
                .filter(|line| line.starts_with("slave") && line.contains("state=online"))
                .count()),
            Err(Failure {
                kind: FailureKind::NotPermitted(_),
                ..
            }) => Ok(0),
            Err(failure) => Err(failure),
        }
    }

    /// Whether a failover may lose what is written now, as far as that is known without asking.
    pub async fn is_in_doubt(&self, tag: &str) -> bool {
        let node = self.node_for(tag).await;
        let seen = self.seen(node.as_ref()).await;
        let doubtful = seen.is_some_and(|seen| seen.standing == Standing::Doubtful);
        doubtful || self.is_silent(tag).await
    }

    async fn is_silent(&self, tag: &str) -> bool {
        let node = self.node_for(tag).await;
        let seen = self.seen(node.as_ref()).await;
        let silent_at = seen.and_then(|seen| seen.silent_at);
        silent_at.is_some_and(|at| at.elapsed() < SILENCE)
    }

    async fn fell_silent(&self, node: Option<&Node>) {
        if let (Some(node), Some(mut seen)) = (node, self.seen(node).await) {
            seen.silent_at = Some(Instant::now());
            self.see(node.clone(), seen).await;
        }
    }

    async fn seen(&self, node: Option<&Node>) -> Option<Seen> {
        self.replicas_seen().lock().await.get(node?).copied()
    }

    async fn see(&self, node: Node, seen: Seen) {
        self.replicas_seen().lock().await.insert(node, seen);
    }
}
