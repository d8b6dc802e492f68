use wxauth::store::Store;
use wxauth::store::tickets::{TicketRecord, TicketSource};

use super::support::{Place, at, key, other_key, secret};

const HOUR: i64 = 3600;

super::stories! {
    the_newest_ticket_comes_first,
    a_known_ticket_stays_as_old_as_it_is,
    an_old_ticket_is_recognised_after_it_is_gone,
}

async fn put(store: &Store, text: &str, received_at: i64, source: TicketSource) -> bool {
    let record = TicketRecord {
        ticket: secret(text),
        received_at: at(received_at),
        source,
    };
    store.put_ticket(&key(), record).await.unwrap()
}

async fn texts(store: &Store) -> Vec<String> {
    let tickets = store.tickets(&key()).await.unwrap();
    tickets
        .iter()
        .map(|record| record.ticket.expose().to_owned())
        .collect()
}

async fn the_newest_ticket_comes_first(place: Place) {
    let store = place.open().await;
    assert!(put(&store, "oldest", -1200, TicketSource::Set).await);
    assert!(put(&store, "middle", -600, TicketSource::Push).await);
    assert!(put(&store, "newest", 0, TicketSource::Push).await);
    assert_eq!(texts(&store).await, ["newest", "middle", "oldest"]);
    assert!(store.tickets(&other_key()).await.unwrap().is_empty());
}

async fn a_known_ticket_stays_as_old_as_it_is(place: Place) {
    let store = place.open().await;
    assert!(put(&store, "ticket", -HOUR, TicketSource::Push).await);
    assert!(!put(&store, "ticket", 0, TicketSource::Environment).await);
    let tickets = store.tickets(&key()).await.unwrap();
    assert_eq!(tickets[0].received_at, at(-HOUR));
    assert_eq!(tickets[0].source, TicketSource::Push);
}

async fn an_old_ticket_is_recognised_after_it_is_gone(place: Place) {
    let store = place.open().await;
    put(&store, "old", -13 * HOUR, TicketSource::Environment).await;
    put(&store, "new", 0, TicketSource::Push).await;
    assert_eq!(texts(&store).await, ["new"]);
    assert!(!put(&store, "old", 0, TicketSource::Environment).await);
    assert_eq!(texts(&store).await, ["new"]);
    let fingerprint = secret("old").fingerprint();
    let first_seen = store.ticket_first_seen(&key(), &fingerprint).await.unwrap();
    assert_eq!(first_seen, Some(at(-13 * HOUR)));
    let unknown = store.ticket_first_seen(&key(), "unknown").await.unwrap();
    assert_eq!(unknown, None);
}
