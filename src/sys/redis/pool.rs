//! The connections to the nodes of a Redis, made when they are needed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Lock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::sys::sync::lock;

use super::address::{Address, Node};
use super::attempt::Next;
use super::dial::connect;
use super::failure::FailureKind;

/// How long a failure to connect is shared with those who waited for the same attempt.
const SHARED_FAILURE: Duration = Duration::from_millis(100);

/// Which connection of a node: writes that wait for replicas hold up what comes behind them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    Plain,
    Durable,
}

#[derive(Clone)]
pub(super) struct Connected {
    pub(super) connection: MultiplexedConnection,
    /// Tells a connection from the one after it.
    number: u64,
}

#[derive(Default)]
struct Slot {
    connected: Option<Connected>,
    failed: Option<(Instant, FailureKind)>,
}

type Shared = Arc<Mutex<Slot>>;

#[derive(Default)]
pub(super) struct Pool {
    slots: Lock<HashMap<(Node, Lane), Shared>>,
    made: AtomicU64,
}

impl Pool {
    /// The connection, made now if there is none; while one node is dialled others are used.
    pub(super) async fn get(
        &self,
        address: &Address,
        node: &Node,
        lane: Lane,
    ) -> Result<Connected, Next> {
        let slot = self.slot(node, lane);
        let mut slot = slot.lock().await;
        if let Some(connected) = &slot.connected {
            return Ok(connected.clone());
        }
        if let Some((at, kind)) = &slot.failed
            && at.elapsed() < SHARED_FAILURE
        {
            return Err(Next::Reconnect(kind.clone()));
        }
        // Boxed: it is long, rare, and every act on a Redis would carry it.
        match Box::pin(connect(address, node)).await {
            Ok(connection) => {
                let number = self.made.fetch_add(1, Ordering::Relaxed);
                let connected = Connected { connection, number };
                slot.connected = Some(connected.clone());
                slot.failed = None;
                Ok(connected)
            }
            Err(next) => {
                if let Next::Reconnect(kind) = &next {
                    slot.failed = Some((Instant::now(), kind.clone()));
                }
                Err(next)
            }
        }
    }

    /// Lets go of a connection that is of no use any more, unless it was replaced already.
    pub(super) async fn discard(&self, node: &Node, lane: Lane, connected: &Connected) {
        let slot = self.slot(node, lane);
        let mut slot = slot.lock().await;
        let same = |found: &Connected| found.number == connected.number;
        if slot.connected.as_ref().is_some_and(same) {
            slot.connected = None;
        }
    }

    fn slot(&self, node: &Node, lane: Lane) -> Shared {
        let mut slots = lock(&self.slots);
        Arc::clone(slots.entry((node.clone(), lane)).or_default())
    }
}
