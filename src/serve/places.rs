//! Who may hold a connection. Pages and senders that never finish cannot take all of them: a share is
//! left for pushes alone.
//!
//! | state of a connection | how many at once |
//! |---|---|
//! | its request is not whole yet, or it is between two requests | five eighths; 64 of one address once they are a second old |
//! | a page is being answered | one eighth; what comes beyond is answered 503 at once |
//! | a push is being answered | all others |
//!
//! One that is over the limit of the first line is closed, the oldest first: a push comes in one
//! piece, so that it is whole long before its turn.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::sys::sync::lock;

use super::network::{Network, Networks};

/// Connections at once, where the process may open so many files; more wait in the system's queue.
const CONNECTIONS: usize = 1536;
/// Files that are left for the store, the backend and WeChat.
const OTHER_FILES: usize = 256;
/// Unfinished requests of one address.
const OF_ONE_ADDRESS: usize = 64;
/// How long an unfinished request has before that counts: under load a sender may be slow to go on.
const GRACE: Duration = Duration::from_secs(1);

/// The places of a listener.
pub(super) struct Places {
    connections: Arc<Semaphore>,
    pages: Arc<Semaphore>,
    most_unfinished: usize,
    unfinished: Mutex<Unfinished>,
}

#[derive(Default)]
struct Unfinished {
    next: u64,
    /// In the order in which they began to be unfinished.
    requests: BTreeMap<u64, Request>,
    counts: HashMap<Network, usize>,
}

struct Request {
    networks: Networks,
    since: Instant,
    close: Arc<Notify>,
}

impl Places {
    /// Places for a process that may open so many files.
    pub(super) fn new(open_files: usize) -> Self {
        let connections = open_files.saturating_sub(OTHER_FILES).max(open_files / 2);
        let connections = connections.clamp(8, CONNECTIONS);
        Self {
            connections: Arc::new(Semaphore::new(connections)),
            pages: Arc::new(Semaphore::new(connections / 8)),
            most_unfinished: connections * 5 / 8,
            unfinished: Mutex::default(),
        }
    }

    /// Waits for a place for one more connection.
    pub(super) async fn connection(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).acquire_owned().await.ok()
    }

    /// A place for answering a page, if there is one.
    pub(super) fn page(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.pages).try_acquire_owned().ok()
    }

    fn unfinished(&self) -> MutexGuard<'_, Unfinished> {
        lock(&self.unfinished)
    }
}

impl Unfinished {
    fn add(&mut self, request: Request) -> u64 {
        let number = self.next;
        self.next += 1;
        for (network, _) in request.networks.shares() {
            *self.counts.entry(network).or_default() += 1;
        }
        self.requests.insert(number, request);
        number
    }

    fn remove(&mut self, number: u64) -> Option<Request> {
        let request = self.requests.remove(&number)?;
        for (network, _) in request.networks.shares() {
            if let Some(count) = self.counts.get_mut(&network) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(&network);
                }
            }
        }
        Some(request)
    }

    /// The one to close, now that there is one more of `networks`: the oldest of the network that
    /// has the most, when there are too many in all; else the oldest of these networks, when they
    /// have too many.
    fn surplus(
        &self,
        most: usize,
        networks: &Networks,
        limited: bool,
        now: Instant,
    ) -> Option<u64> {
        if self.requests.len() > most {
            let widest = self
                .counts
                .iter()
                .filter(|(network, _)| network.is_widest());
            let (largest, _) = widest.max_by_key(|(_, count)| **count)?;
            return self.oldest(*largest, now);
        }
        networks
            .shares()
            .filter(|_| limited)
            .find_map(|(network, shares)| {
                let most = OF_ONE_ADDRESS * shares as usize;
                let count = self.counts.get(&network).copied().unwrap_or_default();
                let before = now.checked_sub(GRACE).filter(|_| count > most)?;
                self.oldest(network, before)
            })
    }

    /// The oldest of a network, if it began by `moment`.
    fn oldest(&self, network: Network, moment: Instant) -> Option<u64> {
        let mut requests = self.requests.iter();
        let (number, request) = requests.find(|(_, request)| request.networks.contain(network))?;
        (request.since <= moment).then_some(*number)
    }
}

/// A connection, as far as its places go.
pub(super) struct Seat {
    places: Arc<Places>,
    networks: Networks,
    /// Whether its address has no more than its share of unfinished requests. A proxy has those of
    /// all visitors.
    limited: bool,
    number: Mutex<Option<u64>>,
    close: Arc<Notify>,
}

impl Seat {
    /// A connection whose first request is not there yet.
    pub(super) fn new(places: &Arc<Places>, peer: IpAddr, limited: bool) -> Self {
        let seat = Self {
            places: Arc::clone(places),
            networks: Networks::of(peer),
            limited,
            number: Mutex::default(),
            close: Arc::default(),
        };
        seat.unfinished(Instant::now());
        seat
    }

    /// The next request is not whole, from now on.
    pub(super) fn unfinished(&self, now: Instant) {
        // One that was refused before it was whole is followed by the next.
        self.whole();
        let mut unfinished = self.places.unfinished();
        let number = unfinished.add(Request {
            networks: self.networks,
            since: now,
            close: Arc::clone(&self.close),
        });
        let most = self.places.most_unfinished;
        let surplus = unfinished.surplus(most, &self.networks, self.limited, now);
        if let Some(surplus) = surplus.and_then(|surplus| unfinished.remove(surplus)) {
            surplus.close.notify_one();
        }
        drop(unfinished);
        *self.number() = Some(number);
    }

    /// The request is whole.
    pub(super) fn whole(&self) {
        if let Some(number) = self.number().take() {
            self.places.unfinished().remove(number);
        }
    }

    /// Waits until this connection has to make room for others.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }

    fn number(&self) -> MutexGuard<'_, Option<u64>> {
        lock(&self.number)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.whole();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: usize = 256;
    /// Five eighths of half of them.
    const MOST: usize = 80;

    /// Connections of these addresses, each with a request that began at this second.
    struct Hall {
        places: Arc<Places>,
        start: Instant,
        seats: Vec<Seat>,
    }

    impl Hall {
        fn new(files: usize) -> Self {
            Self {
                places: Arc::new(Places::new(files)),
                start: Instant::now(),
                seats: Vec::new(),
            }
        }

        fn add(&mut self, address: &str, limited: bool, second: u64) {
            let seat = Seat {
                places: Arc::clone(&self.places),
                networks: Networks::of(address.parse().expect("an address")),
                limited,
                number: Mutex::default(),
                close: Arc::default(),
            };
            seat.unfinished(self.start + Duration::from_secs(second));
            self.seats.push(seat);
        }

        /// Those that have to be closed, by their place in the order of arrival.
        fn closed(&self) -> Vec<usize> {
            let kept: Vec<u64> = self.places.unfinished().requests.keys().copied().collect();
            let closed = |seat: &Seat| !seat.number().is_some_and(|number| kept.contains(&number));
            let seats = self.seats.iter().enumerate();
            seats
                .filter(|(_, seat)| closed(seat))
                .map(|(place, _)| place)
                .collect()
        }
    }

    #[test]
    fn closes_the_oldest_of_an_address_with_too_many_that_are_old() {
        let mut hall = Hall::new(100_000);
        for _ in 0..70 {
            hall.add("192.0.2.1", true, 0);
        }
        assert_eq!(hall.closed(), [] as [usize; 0], "each has a second");
        hall.add("192.0.2.2", true, 2);
        assert_eq!(hall.closed(), [] as [usize; 0], "of another address");
        hall.add("192.0.2.1", true, 2);
        hall.add("192.0.2.1", true, 2);
        assert_eq!(hall.closed(), [0, 1]);
    }

    #[test]
    fn closes_none_of_a_proxy_while_there_is_room() {
        let mut hall = Hall::new(100_000);
        for second in 0..70 {
            hall.add("127.0.0.1", false, second);
        }
        assert_eq!(hall.closed(), [] as [usize; 0]);
    }

    #[test]
    fn counts_the_visitors_of_one_ipv6_site_together() {
        let mut hall = Hall::new(100_000);
        for network in 0..130 {
            hall.add(&format!("2001:db8:1:{network:x}::1"), true, network);
        }
        assert_eq!(hall.closed(), [0, 1]);
    }

    #[test]
    fn closes_the_oldest_of_whoever_has_the_most_where_there_is_no_room() {
        let mut hall = Hall::new(FILES);
        hall.add("192.0.2.1", true, 0);
        for _ in 0..MOST + 20 {
            hall.add("192.0.2.2", true, 0);
        }
        let closed: Vec<usize> = (1..=21).collect();
        assert_eq!(hall.closed(), closed);
    }

    #[test]
    fn frees_the_place_of_a_request_that_is_whole_or_refused() {
        let mut hall = Hall::new(FILES);
        for _ in 0..3 * MOST {
            hall.add("192.0.2.1", true, 0);
            let seat = hall.seats.last().expect("one");
            seat.unfinished(hall.start);
            seat.whole();
        }
        let unfinished = hall.places.unfinished();
        assert_eq!((unfinished.requests.len(), unfinished.counts.len()), (0, 0));
    }

    #[tokio::test]
    async fn leaves_connections_that_pages_cannot_take() {
        let places = Places::new(FILES);
        let pages: Vec<_> = std::iter::from_fn(|| places.page()).collect();
        assert_eq!(pages.len() + MOST, FILES / 2 * 3 / 4);
        assert_eq!(places.connections.available_permits(), FILES / 2);
    }
}
