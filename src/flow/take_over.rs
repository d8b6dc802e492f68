//! Taking over what a backend keeps among its SDK's keys.

use crate::store::backend::Backend;
use crate::store::layouts::Slot;
use crate::store::transfer::Taken;

use super::lend::not_lent;
use super::{FlowError, Platform};

impl Platform {
    /// Reads what `backend` keeps of this platform, whoever mints by these settings.
    ///
    /// # Errors
    /// When its Redis or the store cannot be read, or the appsecret, which some keys are named by,
    /// cannot be asked for.
    pub async fn take_over(&self, backend: &Backend) -> Result<Taken, FlowError> {
        let appsecret = match backend.layout().hides_component_token() {
            true => self.options().credentials.appsecret.read().await?,
            false => None,
        };
        let now = self.clock().now();
        let taken = self
            .store()
            .take(backend, self.key(), appsecret.as_ref(), now);
        let taken = taken.await;
        taken.map_err(|error| not_lent(backend, Slot::ComponentToken, error))
    }
}
