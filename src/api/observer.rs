//! Telling somebody of every request: for metrics.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::ApiError;

/// One request and what came of it; repeats are reported one by one.
#[derive(Clone, Copy, Debug)]
pub struct CallReport {
    /// The path of the call.
    pub path: &'static str,
    /// What WeChat answered: 0, or its errcode; `None` when no answer of WeChat's came.
    pub errcode: Option<i64>,
    /// From the beginning of the request to the end of the answer.
    pub elapsed: Duration,
}

/// Takes reports; called from any task and must not block. The default takes none.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<dyn Fn(CallReport) + Send + Sync>>);

impl Observer {
    /// Reports go to `take`.
    pub fn new(take: impl Fn(CallReport) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(take)))
    }

    pub(super) fn tell(&self, path: &'static str, error: Option<&ApiError>, elapsed: Duration) {
        let Some(take) = &self.0 else { return };
        let errcode = error.map_or(Some(0), ApiError::errcode);
        take(CallReport {
            path,
            errcode,
            elapsed,
        });
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() {
            "Observer"
        } else {
            "no observer"
        })
    }
}
