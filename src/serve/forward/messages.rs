//! Messages: from memory, several at once, three tries.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::wechat::id::ComponentAppid;

use super::super::server::{Stop, stopped};
use super::super::shared::Shared;
use super::super::{ForwardResult, Notice};
use super::{FAREWELL, Parcel, dropped};

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
                under_way.spawn(deliver(UnderWay::new(&shared, platform), parcel));
            }
            Some(_) = under_way.join_next() => {}
        }
    }
    parcels.close();
    let rest = async {
        loop {
            // One is taken out only when it goes at once: this may be cut short while it waits.
            if under_way.len() >= AT_ONCE {
                under_way.join_next().await;
            }
            let Ok((platform, parcel)) = parcels.try_recv() else {
                break;
            };
            under_way.spawn(deliver(UnderWay::new(&shared, platform), parcel));
        }
        while under_way.join_next().await.is_some() {}
    };
    let _ = timeout(FAREWELL, rest).await;
    // What did not arrive is told of before the server ends.
    under_way.shutdown().await;
    while let Ok((platform, _)) = parcels.try_recv() {
        dropped(&shared, platform);
    }
}

/// A message on its way: told of, if the server ends before it arrives, or before its task began.
struct UnderWay(Option<(Shared, ComponentAppid)>);

impl UnderWay {
    fn new(shared: &Shared, platform: ComponentAppid) -> Self {
        Self(Some((shared.clone(), platform)))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some((shared, platform)) = self.0.take() {
            dropped(&shared, platform);
        }
    }
}

async fn deliver(mut under_way: UnderWay, parcel: Parcel) {
    let Some((shared, platform)) = under_way.0.clone() else {
        return;
    };
    let Some(forwarder) = shared.forwarder() else {
        return;
    };
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
