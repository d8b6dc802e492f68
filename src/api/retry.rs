//! What is repeated, how often, and after what wait.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::call::Effect;
use super::error::ApiError;
use crate::wechat::errcode;

/// How often a call is tried and how long the waits between are. Each wait is twice the one
/// before, and up to twice itself by chance, so that many clients do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first included; 0 counts as 1.
    pub attempts: u32,
    /// The first wait, before chance.
    pub base_delay: Duration,
    /// No wait is longer, before chance.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(2),
        }
    }
}

impl RetryPolicy {
    fn repeats(&self) -> usize {
        self.attempts.saturating_sub(1) as usize
    }

    fn builder(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_factor(2.0)
            .with_min_delay(self.base_delay)
            .with_max_delay(self.max_delay)
            .with_max_times(self.repeats())
    }

    /// The waits before each repeat, with chance in them.
    pub(super) fn delays(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        self.builder().with_jitter().build()
    }

    /// The longest that a call of one `timeout` per try can take.
    pub(super) fn time_limit(&self, timeout: Duration) -> Duration {
        let tries = u32::try_from(self.repeats())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let waits: Duration = self.builder().build().sum();
        timeout.saturating_mul(tries).saturating_add(waits * 2)
    }
}

/// Whether a call that ended with `error` is sent again.
///
/// What never reached WeChat always is. A refusal in passing is, unless the call spends what it
/// sends, and a minting call repeats on -1 alone. A lost answer is only where the call does no harm.
pub(super) fn is_repeated(error: &ApiError) -> bool {
    let effect = error.call().effect();
    match error {
        ApiError::Unreachable { .. } => true,
        ApiError::Refused { refusal, .. } => match effect {
            Effect::Harmless | Effect::Idempotent => errcode::is_transient(refusal.errcode),
            Effect::Mints => refusal.errcode == -1,
            Effect::Spends => false,
        },
        ApiError::AnswerLost { .. } => effect == Effect::Harmless,
        ApiError::Status { status, .. } => effect == Effect::Harmless && *status >= 500,
        ApiError::NoClient { .. }
        | ApiError::NotJson { .. }
        | ApiError::Field { .. }
        | ApiError::OtherAccount { .. }
        | ApiError::Endless { .. }
        | ApiError::TooLarge { .. } => false,
    }
}
