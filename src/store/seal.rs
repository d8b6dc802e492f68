//! Sealing of secrets at rest.

use crate::wechat::secret::Secret;

use super::StoreError;

/// What a sealed secret begins with where it is kept as text.
const SEALED: &str = "sealed:";

/// The keys that secrets at rest are sealed with; none when they lie open.
#[derive(Clone, Debug, Default)]
pub struct Keyring {}

impl Keyring {
    /// No keys: what is written lies open, what was sealed cannot be read.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A secret as text to be kept.
    pub(in crate::store) fn to_text(&self, secret: &Secret) -> String {
        secret.expose().to_owned()
    }

    /// A secret from kept text.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when its key is not at hand.
    pub(in crate::store) fn from_text(&self, text: &str) -> Result<Secret, StoreError> {
        match text
            .strip_prefix(SEALED)
            .and_then(|rest| rest.split_once(':'))
        {
            Some((key_id, _)) => Err(StoreError::Sealed {
                key_id: key_id.to_owned(),
            }),
            None => Ok(Secret::new(text)),
        }
    }
}
