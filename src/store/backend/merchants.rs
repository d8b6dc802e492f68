//! Whose tokens lie among a backend's keys.

use std::collections::BTreeSet;

use crate::store::layouts::{Layout, MarkKind, recognise};
use crate::sys::redis::Failure;
use crate::wechat::id::{Appid, ComponentAppid};

use super::lookup::is_wrong_type;
use super::{Backend, BackendError};

/// How many keys the server looks at in one go.
const SCAN_COUNT: u32 = 1000;

impl Backend {
    /// The merchants whose tokens lie there, as far as the names of keys tell. Where they do not
    /// name the platform, merchants of other platforms are among them.
    ///
    /// # Errors
    /// When the Redis cannot be asked.
    pub async fn merchants(
        &self,
        platform: &ComponentAppid,
    ) -> Result<BTreeSet<Appid>, BackendError> {
        let mut found = BTreeSet::new();
        let mut bags = BTreeSet::new();
        let mut cursor = "0".to_owned();
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(&cursor).arg("COUNT").arg(SCAN_COUNT);
            let (next, keys): (String, Vec<Vec<u8>>) = self.redis.ask("", scan).await?;
            for key in keys
                .into_iter()
                .filter_map(|key| String::from_utf8(key).ok())
            {
                let Some(mark) = recognise(&key) else {
                    continue;
                };
                let is_other = mark.platform.is_some_and(|theirs| theirs != *platform);
                if mark.layout != self.layout || mark.prefix != self.prefix || is_other {
                    continue;
                }
                match mark.kind {
                    // An ordinary account of wechatpy has such a key too; only a platform's
                    // merchants have refresh tokens.
                    MarkKind::AuthorizerToken(_) if self.layout == Layout::Wechatpy => {}
                    MarkKind::AuthorizerToken(appid) | MarkKind::RefreshToken(appid) => {
                        found.insert(appid);
                    }
                    MarkKind::Bags(false) => {
                        bags.insert(key);
                    }
                    _ => {}
                }
            }
            if next == "0" {
                break;
            }
            cursor = next;
        }
        for hash in bags {
            let mut fields = redis::cmd("HKEYS");
            fields.arg(&hash);
            let fields: Result<Vec<String>, Failure> = self.redis.ask(&hash, fields).await;
            match fields {
                Ok(fields) => found.extend(fields.iter().filter_map(|field| field.parse().ok())),
                Err(failure) if is_wrong_type(&failure) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(found)
    }
}
