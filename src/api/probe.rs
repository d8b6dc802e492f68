//! Whether anything of WeChat answers at the base, with no token and to no effect.

use jiff::Timestamp;

use super::call::Call;
use super::error::ApiError;
use super::{Api, answer, cleaning, date};
use crate::wechat::wire::{Reply, mended};

/// What an answer to nothing in particular tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    /// What the `Date` header says, where there is one that is a date.
    pub date: Option<Timestamp>,
    /// Our own clock when the answer came.
    pub received_at: Timestamp,
}

impl Api {
    /// Asks for the addresses of pushes without a token, which WeChat refuses: that it does is all
    /// that is wanted.
    ///
    /// # Errors
    /// [`ApiError`], but never for a refusal.
    pub async fn probe(&self) -> Result<Probed, ApiError> {
        let call = Call::PushAddresses;
        self.repeated(call, "GET", call.path(), same, || self.probe_once(call))
            .await
    }

    async fn probe_once(&self, call: Call) -> Result<Probed, ApiError> {
        let failed = |error| answer::transport_error(call, self.base(), error);
        let sent = self.client(call)?.get(self.address(call.path())).send();
        let response = sent.await.map_err(failed)?;
        let received_at = self.clock().now();
        let date = date::date(response.headers());
        let status = response.status();
        let content_type = answer::content_type(&response);
        let body = answer::read(call, self.base(), response, answer::LIMIT).await?;
        match Reply::parse(&mended(&body)) {
            Ok(_) => Ok(Probed { date, received_at }),
            Err(_) if !status.is_success() => Err(ApiError::Status {
                call,
                status: status.as_u16(),
            }),
            Err(_) => Err(ApiError::NotJson {
                call,
                status: status.as_u16(),
                content_type,
                beginning: cleaning::beginning(&body),
            }),
        }
    }
}

fn same(error: &ApiError) -> &ApiError {
    error
}
