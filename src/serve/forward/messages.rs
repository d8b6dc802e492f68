//! Messages: from memory, several at once, three tries.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::wechat::id::ComponentAppid;

use super::super::server::{Stop, stopped};
use super::super::shared::Shared;
use super::super::{ForwardResult, Notice};
use super::{Parcel, dropped};

/// How many are on their way at once.
const AT_ONCE: usize = 16;
/// Tries after the first.
const REPEATS: usize = 2;

pub(super) async fn run(
    shared: Shared,
    mut parcels: mpsc::Receiver<(ComponentAppid, Parcel)>,
    mut stop: Stop,
) {
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some((platform, parcel)) = parcels.recv(), if under_way.len() < AT_ONCE => {
                under_way.spawn(deliver(shared.clone(), platform, parcel));
            }
            Some(_) = under_way.join_next() => {}
        }
    }
    parcels.close();
    let mut rest = Rest { shared, parcels };
    while let Ok((platform, parcel)) = rest.parcels.try_recv() {
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        under_way.spawn(deliver(rest.shared.clone(), platform, parcel));
    }
    while under_way.join_next().await.is_some() {}
}

/// What waits while the server ends: told of, if time runs out.
struct Rest {
    shared: Shared,
    parcels: mpsc::Receiver<(ComponentAppid, Parcel)>,
}

impl Drop for Rest {
    fn drop(&mut self) {
        while let Ok((platform, _)) = self.parcels.try_recv() {
            dropped(&self.shared, platform);
        }
    }
}

/// A message on its way: told of, if the server ends before it arrives.
struct UnderWay(Option<(Shared, ComponentAppid)>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some((shared, platform)) = self.0.take() {
            dropped(&shared, platform);
        }
    }
}

async fn deliver(shared: Shared, platform: ComponentAppid, parcel: Parcel) {
    let Some(forwarder) = shared.forwarder() else {
        return;
    };
    let mut under_way = UnderWay(Some((shared.clone(), platform.clone())));
    let mut delays = ExponentialBuilder::default()
        .with_min_delay(Duration::from_secs(1))
        .with_factor(3.0)
        .with_jitter()
        .with_max_times(REPEATS)
        .build();
    let mut tries = 1;
    let result = loop {
        match forwarder.send(&parcel, None).await {
            Ok(status) => break ForwardResult::Delivered { status },
            Err(why) => match delays.next() {
                Some(delay) => tokio::time::sleep(delay).await,
                None => break ForwardResult::Failed { why },
            },
        }
        tries += 1;
    };
    under_way.0 = None;
    shared.tell(&Notice::Forwarded {
        platform,
        event: None,
        result,
        tries,
    });
}
