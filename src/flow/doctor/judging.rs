//! What the facts say of address, credentials, tokens, merchants and links.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api::ApiError;
use crate::flow::{FlowError, MintPolicy, Outcome, Platform, SecretSource, TICKET_LATE};
use crate::store::backend::Backend;
use crate::store::layouts::Layout;
use crate::store::validity::TICKET_LIFE;
use crate::wechat::errcode;
use crate::wechat::link::check_redirect;
use crate::wechat::wire::PushTicketState;

use super::facts::{Facts, TokenFact};
use super::{Diagnosis, Examination, Finding, Line, TICKET_ALARM, network};

/// The refusals of an appsecret.
const BAD_SECRET: &[i64] = &[40125, 41004];
/// The refusals of a ticket.
const BAD_TICKET: &[i64] = &[61005, 61006];

pub(super) fn lines(
    platform: &Platform,
    facts: &Facts,
    examination: &Examination,
) -> Vec<Diagnosis> {
    let judge = Judge {
        platform,
        facts,
        blame: network::culprit(&facts.probe, examination.proxy.is_some()),
    };
    let redirect = redirect_line(examination);
    let launch = launch_line(examination, redirect.outcome);
    let component_token = judge.component_token();
    let found = [
        judge.caller_address(&component_token),
        judge.appsecret(),
        judge.ticket(),
        judge.ticket_pushes(examination.active),
        judge.account_list(&component_token),
        judge.refresh_tokens(),
        component_token,
        redirect,
        launch,
    ];
    found.into()
}

struct Judge<'a> {
    platform: &'a Platform,
    facts: &'a Facts,
    /// The line of the network that failed.
    blame: Option<Line>,
}

impl Judge<'_> {
    fn mints(&self) -> bool {
        matches!(self.platform.options().mint, MintPolicy::Wxauth)
    }

    /// Whose keys a token is borrowed by; none where a program prints it.
    fn layout(&self) -> Option<Layout> {
        let backend = self.platform.options().mint.backend();
        backend.map(Backend::layout)
    }

    /// The line to blame for a failed call, or its own refusal.
    fn failed(&self, line: Line, error: &ApiError) -> Diagnosis {
        match self.facts.to_blame(error).filter(|blamed| *blamed != line) {
            Some(blamed) => Diagnosis::because(line, blamed),
            None => Diagnosis::new(line, Outcome::Fail, Finding::Refused(error.clone())),
        }
    }

    fn caller_address(&self, component_token: &Diagnosis) -> Diagnosis {
        let line = Line::CallerAddress;
        let refusals = self.facts.errors().filter_map(ApiError::refusal);
        let seen: BTreeSet<_> = refusals
            .filter(|refusal| refusal.errcode == errcode::ADDRESS_NOT_LISTED)
            .map(|refusal| refusal.request_ip.clone().unwrap_or_default())
            .collect();
        if !seen.is_empty() {
            let target: Vec<_> = seen.iter().cloned().collect();
            let finding = Finding::AddressNotListed(target.clone());
            return Diagnosis::new(line, Outcome::Fail, finding).about(target.join(", "));
        }
        let passed =
            matches!(self.facts.list, Some(Ok(_))) || matches!(self.facts.pushes, Some(Ok(_)));
        match (passed, self.blame) {
            (true, _) => Diagnosis::new(line, Outcome::Pass, Finding::AddressTaken),
            (false, Some(blamed)) => Diagnosis::because(line, blamed),
            (false, None) => match &component_token.finding {
                Finding::NeedsActive => {
                    Diagnosis::new(line, Outcome::Unknown, Finding::NeedsActive)
                }
                // The token may be well, and its call was not.
                Finding::Because(other) => Diagnosis::because(line, *other),
                _ => Diagnosis::because(line, Line::ComponentToken),
            },
        }
    }

    fn appsecret(&self) -> Diagnosis {
        let told = |outcome, finding| Diagnosis::new(Line::Appsecret, outcome, finding);
        if let Some(error) = self.facts.refused(BAD_SECRET) {
            return told(Outcome::Fail, Finding::Refused(error.clone()));
        }
        match &self.facts.appsecret {
            Err(error) => told(Outcome::Fail, Finding::NotHad(Arc::clone(error))),
            Ok(None) if !self.mints() => told(Outcome::Pass, Finding::NotNeeded),
            Ok(None) => told(Outcome::Fail, Finding::Missing),
            Ok(Some(secret)) if secret.is_shaped(32..=32, |letter| letter.is_ascii_hexdigit()) => {
                told(Outcome::Pass, Finding::WellShaped)
            }
            Ok(Some(secret)) => told(Outcome::Fail, Finding::Misshapen(secret.length())),
        }
    }

    fn ticket(&self) -> Diagnosis {
        let line = Line::Ticket;
        let told = |outcome, finding| Diagnosis::new(line, outcome, finding);
        if !self.mints() {
            return told(Outcome::Pass, Finding::Elsewhere);
        }
        let Some(status) = &self.facts.status else {
            return Diagnosis::because(line, self.facts.unread());
        };
        if let Some(error) = self.facts.refused(BAD_TICKET) {
            return told(Outcome::Fail, Finding::Refused(error.clone()));
        }
        let now = self.platform.clock().now();
        let ticket = status.ticket.as_ref();
        let age = ticket.and_then(|ticket| ticket.age(now));
        let source = &self.platform.options().credentials.ticket;
        if let Some(ticket) = ticket.filter(|_| age.is_none()) {
            let ahead = ticket.received_at.duration_since(now);
            return told(Outcome::Warn, Finding::TicketAhead(ahead));
        }
        match age {
            Some(age) if age <= TICKET_LATE => told(Outcome::Pass, Finding::TicketAge(age)),
            // Whatever was noted of it before, the program has the newest.
            _ if matches!(source, SecretSource::Command(_)) => {
                told(Outcome::Unknown, Finding::TicketByProgram)
            }
            Some(age) if age < TICKET_ALARM => told(Outcome::Warn, Finding::TicketAge(age)),
            Some(age) if age < TICKET_LIFE => told(Outcome::Fail, Finding::TicketAge(age)),
            Some(age) => told(Outcome::Fail, Finding::TicketDead(age)),
            None => told(Outcome::Fail, Finding::Missing),
        }
    }

    fn ticket_pushes(&self, active: bool) -> Diagnosis {
        let line = Line::TicketPushes;
        let told = |outcome, finding| Diagnosis::new(line, outcome, finding);
        match &self.facts.pushes {
            Some(Ok(PushTicketState::Running)) => told(Outcome::Pass, Finding::PushesRun),
            Some(Ok(PushTicketState::Restarted)) => told(Outcome::Warn, Finding::PushesRestarted),
            Some(Err(error)) => self.failed(line, error),
            None if !self.mints() => told(Outcome::Unknown, Finding::Elsewhere),
            None if !matches!(self.facts.appsecret, Ok(Some(_))) => {
                Diagnosis::because(line, Line::Appsecret)
            }
            None => match self.blame {
                Some(blamed) if active => Diagnosis::because(line, blamed),
                _ => told(Outcome::Unknown, Finding::NeedsActive),
            },
        }
    }

    fn component_token(&self) -> Diagnosis {
        let line = Line::ComponentToken;
        let told = |outcome, finding| Diagnosis::new(line, outcome, finding);
        let borrowed = match &self.facts.token {
            TokenFact::NobodyLends => return told(Outcome::Fail, Finding::NobodyLends),
            TokenFact::NoStore => return Diagnosis::because(line, self.facts.unread()),
            TokenFact::None => {
                return match self.blame {
                    Some(blamed) => Diagnosis::because(line, blamed),
                    None => told(Outcome::Unknown, Finding::NeedsActive),
                };
            }
            TokenFact::Failed(error) => return self.no_token(error),
            TokenFact::Borrowed => true,
            TokenFact::Lives { .. } => false,
        };
        let error = match &self.facts.list {
            None => return Diagnosis::because(line, self.blame.unwrap_or(Line::Connection)),
            Some(Ok(_)) => {
                return told(
                    Outcome::Pass,
                    match self.facts.token {
                        TokenFact::Lives { expires_at, minted } => {
                            Finding::TokenTaken(expires_at, minted)
                        }
                        _ => Finding::BorrowedTaken(self.layout()),
                    },
                );
            }
            Some(Err(error)) => error,
        };
        match self.facts.to_blame(error) {
            Some(Line::ComponentToken) if borrowed => told(
                Outcome::Fail,
                Finding::BorrowedRefused(error.clone(), self.layout()),
            ),
            Some(Line::ComponentToken) if error.errcode() == Some(40001) => {
                told(Outcome::Fail, Finding::NotNewest)
            }
            Some(Line::ComponentToken) => told(Outcome::Fail, Finding::DeadEarly(error.clone())),
            Some(blamed) => Diagnosis::because(line, blamed),
            None => Diagnosis::because(line, Line::AccountList),
        }
    }

    /// Why there is no token.
    fn no_token(&self, error: &Arc<FlowError>) -> Diagnosis {
        let line = Line::ComponentToken;
        let told = |outcome, finding| Diagnosis::new(line, outcome, finding);
        match &**error {
            FlowError::NoTicket | FlowError::TicketDead { .. } => {
                Diagnosis::because(line, Line::Ticket)
            }
            FlowError::NoAppsecret => Diagnosis::because(line, Line::Appsecret),
            FlowError::Command(_) if self.facts.appsecret.is_err() => {
                Diagnosis::because(line, Line::Appsecret)
            }
            FlowError::Api(error) => self.failed(line, error),
            FlowError::LockTimeout { holder, .. } => {
                told(Outcome::Fail, Finding::LeaseHeld(holder.clone()))
            }
            _ => told(Outcome::Fail, Finding::NotHad(Arc::clone(error))),
        }
    }

    fn account_list(&self, component_token: &Diagnosis) -> Diagnosis {
        let line = Line::AccountList;
        match &self.facts.list {
            Some(Ok(page)) => {
                Diagnosis::new(line, Outcome::Pass, Finding::Listed(page.total_count))
            }
            Some(Err(error)) => self.failed(line, error),
            None => match &component_token.finding {
                Finding::NeedsActive => {
                    Diagnosis::new(line, Outcome::Unknown, Finding::NeedsActive)
                }
                Finding::Because(other) => Diagnosis::because(line, *other),
                _ => Diagnosis::because(line, Line::ComponentToken),
            },
        }
    }

    fn refresh_tokens(&self) -> Diagnosis {
        let line = Line::RefreshTokens;
        let told = |outcome, finding| Diagnosis::new(line, outcome, finding);
        let Some(status) = &self.facts.status else {
            return Diagnosis::because(line, self.facts.unread());
        };
        let counts = &status.counts;
        let known = counts.active + counts.pending_exchange + counts.revoked;
        let listed = match &self.facts.list {
            Some(Ok(page)) => page.total_count,
            _ => 0,
        };
        if !self.mints() {
            told(Outcome::Pass, Finding::Elsewhere)
        } else if counts.without_refresh_token > 0 {
            let count = counts.without_refresh_token;
            told(Outcome::Fail, Finding::NoRefreshToken(count))
        } else if counts.pending_exchange > 0 {
            let count = counts.pending_exchange;
            told(Outcome::Warn, Finding::PendingExchange(count))
        } else if known == 0 && listed > 0 {
            told(Outcome::Warn, Finding::NeverSynced(listed))
        } else {
            told(Outcome::Pass, Finding::AllHaveRefreshTokens(counts.active))
        }
    }
}

fn redirect_line(examination: &Examination) -> Diagnosis {
    let told = |outcome, finding| Diagnosis::new(Line::RedirectUri, outcome, finding);
    let Some(address) = &examination.redirect_uri else {
        return told(Outcome::Warn, Finding::Missing);
    };
    let (outcome, finding) = match check_redirect(address, None) {
        Ok(_) => (Outcome::Pass, Finding::RedirectGood),
        Err(problem) => (Outcome::Fail, Finding::Redirect(problem)),
    };
    told(outcome, finding).about(address.clone())
}

fn launch_line(examination: &Examination, redirect: Outcome) -> Diagnosis {
    let line = Line::LaunchDomain;
    let told = |outcome, finding| Diagnosis::new(line, outcome, finding);
    let Some(domain) = &examination.launch_domain else {
        return told(Outcome::Warn, Finding::Missing);
    };
    let found = match &examination.redirect_uri {
        Some(address) if redirect == Outcome::Pass => {
            match check_redirect(address, Some(domain.as_str())) {
                Ok(_) => told(Outcome::Pass, Finding::SameHost(domain.clone())),
                Err(problem) => told(Outcome::Fail, Finding::Redirect(problem)),
            }
        }
        _ => Diagnosis::because(line, Line::RedirectUri),
    };
    found.about(domain.clone())
}
