//! Forgetting a platform.

use crate::store::{PlatformKey, StoreError};

use super::RedisStore;
use super::names::Names;

/// How many keys the server looks at before it answers, while all of a platform are sought.
const LOOK: usize = 1000;

impl RedisStore {
    /// Not one act: the server must not be kept from others for long. Indexes go last, so that
    /// wherever this ends early nothing is left that no list shows.
    pub(in crate::store) async fn forget_platform(
        &self,
        key: &PlatformKey,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let indexes = [
            names.roster(),
            names.due(),
            names.user_names(),
            names.nick_names(),
            names.external_ids(),
        ];
        let mut kept = indexes.to_vec();
        // Numbers that were given stay given.
        kept.extend([names.fence(), names.event_count()]);
        while self.unlink_all_but(&names, &kept).await? {}
        let mut unlink = redis::cmd("UNLINK");
        unlink.arg(&indexes);
        let _: u64 = self.redis().ask(names.tag(), unlink).await?;
        Ok(())
    }

    /// Drops the keys that are met on one way through the whole server; whether there were any.
    async fn unlink_all_but(&self, names: &Names, kept: &[String]) -> Result<bool, StoreError> {
        // In a cluster a command with a key finds the node, one without does not.
        let mut find = redis::cmd("EXISTS");
        find.arg(names.fence());
        let _: u64 = self.redis().ask(names.tag(), find).await?;
        let pattern = format!("{}*", literally(&names.key("")));
        let (mut cursor, mut were_any) = ("0".to_owned(), false);
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(&cursor).arg("MATCH").arg(&pattern);
            scan.arg("COUNT").arg(LOOK);
            let keys: Vec<String>;
            (cursor, keys) = self.redis().ask(names.tag(), scan).await?;
            let gone: Vec<String> = keys.into_iter().filter(|key| !kept.contains(key)).collect();
            if !gone.is_empty() {
                were_any = true;
                let mut unlink = redis::cmd("UNLINK");
                unlink.arg(&gone);
                let _: u64 = self.redis().ask(names.tag(), unlink).await?;
            }
            if cursor == "0" {
                return Ok(were_any);
            }
        }
    }
}

/// A text in a pattern of `MATCH`.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?[]^-\\".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
