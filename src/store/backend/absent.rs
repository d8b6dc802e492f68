//! The backend of a build without Redis: there is none.

use std::collections::BTreeSet;
use std::convert::Infallible;

use jiff::Timestamp;

use crate::store::layouts::{Layout, Slot};
use crate::wechat::id::{Appid, ComponentAppid};

use super::{BackendError, Given, Known, Lent, Minted, Offer, WriteBack};

/// A backend's Redis, which this build cannot reach: no value of this type exists.
#[derive(Clone, Debug)]
pub struct Backend {
    // Within, so that code elsewhere is not judged as unreachable.
    never: Infallible,
}

/// The right to mint in a backend's place; no value of this type exists.
#[derive(Clone, Debug)]
pub enum BackendLock {}

#[allow(
    clippy::missing_errors_doc,
    clippy::unused_async,
    missing_docs,
    reason = "nobody can call these"
)]
impl Backend {
    #[must_use]
    pub fn layout(&self) -> Layout {
        match self.never {}
    }

    #[must_use]
    pub fn address(&self) -> String {
        match self.never {}
    }

    #[must_use]
    pub fn lock_key(&self, _: &Slot) -> Option<String> {
        match self.never {}
    }

    pub async fn look_up(
        &self,
        _: &Slot,
        _: &ComponentAppid,
        _: Known<'_>,
        _: Timestamp,
    ) -> Result<Lent, BackendError> {
        match self.never {}
    }

    pub async fn give(
        &self,
        _: &Offer<'_>,
        _: &ComponentAppid,
        _: bool,
    ) -> Result<Given, BackendError> {
        match self.never {}
    }

    pub async fn merchants(&self, _: &ComponentAppid) -> Result<BTreeSet<Appid>, BackendError> {
        match self.never {}
    }

    pub async fn lock(
        &self,
        _: &Slot,
        _: &ComponentAppid,
        _: std::time::Duration,
    ) -> Result<Option<BackendLock>, BackendError> {
        match self.never {}
    }

    pub async fn write_back(
        &self,
        _: &BackendLock,
        _: &Slot,
        _: &ComponentAppid,
        _: Minted<'_>,
    ) -> Result<WriteBack, BackendError> {
        match self.never {}
    }

    pub async fn unlock(&self, _: BackendLock) -> Result<(), BackendError> {
        match self.never {}
    }
}
