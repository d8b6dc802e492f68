//! A bare route that keeps every body it gets: one SQLite insert each, those that wait together in
//! one transaction, synced as the program's store syncs.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

type Insert = (Bytes, oneshot::Sender<()>);

/// The most inserts of one transaction.
const GROUP: usize = 500;

/// Serves the route; prints its port.
pub async fn serve(store: &Path) -> anyhow::Result<()> {
    let connection = Connection::open(store)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 8000)?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    )?;
    let (queue, inserts) = channel();
    std::thread::spawn(move || write(&connection, &inserts).expect("the store takes it"));
    let app = Router::new().route("/events", post(move |body| keep(queue.clone(), body)));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?.port());
    Ok(axum::serve(listener, app).await?)
}

async fn keep(queue: Sender<Insert>, body: Bytes) -> &'static str {
    let (kept, answer) = oneshot::channel();
    queue.send((body, kept)).expect("the writer is there");
    answer.await.expect("the writer answers");
    "success"
}

/// One transaction for what waits, then the answers.
fn write(connection: &Connection, inserts: &Receiver<Insert>) -> rusqlite::Result<()> {
    while let Ok(first) = inserts.recv() {
        let mut group = vec![first];
        group.extend(inserts.try_iter().take(GROUP - 1));
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for (body, _) in &group {
            connection
                .prepare_cached("INSERT INTO bodies (body) VALUES (?1)")?
                .execute([&body[..]])?;
        }
        connection.execute_batch("COMMIT")?;
        for (_, kept) in group {
            let _ = kept.send(());
        }
    }
    Ok(())
}
