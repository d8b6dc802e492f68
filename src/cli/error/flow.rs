//! What failures of a verb mean to an operator.

use crate::flow::{FlowError, LinkRefusal, Wanted};
use crate::store::TokenOwner;
use crate::wechat::errcode;
use crate::wechat::link::RedirectProblem;
use crate::wechat::redirect::RedirectError;

use super::CliError;
use crate::cli::exit::Kind;

impl From<FlowError> for CliError {
    fn from(error: FlowError) -> Self {
        let message = error.to_string();
        let new = |kind| Self::new(kind, message.clone());
        match error {
            FlowError::Store(error) => error.into(),
            FlowError::Api(error) => error.into(),
            FlowError::Command(error) => error.into(),
            FlowError::Redirect(error) => error.into(),
            FlowError::State(_) => new(Kind::Usage)
                .hint("the own state that travels with a link has 128 bytes at most"),
            FlowError::NoTicket => new(Kind::ActionRequired)
                .cause("WeChat pushes one every 10 minutes to the authorization event URL")
                .hint("give the newest one: `wxauth ticket set`, or `WXAUTH_COMPONENT_VERIFY_TICKET`")
                .hint("if none arrives, ask WeChat to push again: `wxauth ticket request`"),
            FlowError::TicketDead { received_at } => new(Kind::ActionRequired)
                .cause(format!("it was received at {received_at}, and none came since"))
                .hint("give a newer one: `wxauth ticket set`")
                .hint("if none arrives, ask WeChat to push again: `wxauth ticket request`"),
            FlowError::NoAppsecret => new(Kind::ActionRequired)
                .hint("store it: `wxauth profile set appsecret`, or set `WXAUTH_COMPONENT_APPSECRET`"),
            FlowError::NotMinting(wanted) => not_minting(&new(Kind::ActionRequired), &wanted),
            FlowError::LockTimeout { owner, holder, host, process_id, waited } => {
                let whose = match owner {
                    TokenOwner::Component => "the component token".to_owned(),
                    TokenOwner::Authorizer(appid) => format!("the token of {appid}"),
                };
                Self::new(
                    Kind::Store,
                    format!(
                        "process {process_id} on {host} (`{holder}`) has been refreshing {whose} for \
                         longer than {} s",
                        waited.as_secs()
                    ),
                )
                .hint("look what that process does; wait longer with `--lock-timeout 60s`")
            }
            FlowError::UnknownAuthorizer { .. } => new(Kind::Usage)
                .hint("`wxauth authorizers list` shows the merchants, `wxauth authorizers sync` pulls them"),
            FlowError::Ambiguous { candidates, .. } => {
                let names = candidates.iter().map(|(appid, name)| format!("{appid} {name}"));
                names.fold(new(Kind::Usage), Self::cause).hint("give the appid")
            }
            FlowError::Ended { .. } => new(Kind::ActionRequired)
                .code(errcode::NOT_AUTHORIZED)
                .cause("WeChat answers 61003: the merchant withdrew, and only the merchant can authorize again")
                .hint("send a new link: `wxauth link`"),
            FlowError::NoRefreshToken { appid } => new(Kind::ActionRequired)
                .cause("its authorization code was never exchanged, or WeChat's list has not been read")
                .hint(format!("look again: `wxauth authorizers sync`, then `wxauth authorizers show {appid}`"))
                .hint(
                    "else the merchant has to change a permission set on the page of a new link: an \
                     unchanged confirmation brings no code",
                ),
            FlowError::RefreshTokenDead { appid } => new(Kind::ActionRequired)
                .code(errcode::INVALID_REFRESH_TOKEN)
                .cause("WeChat answers 61023, and neither its info nor its list has another refresh token")
                .hint(format!("send a new link: `wxauth link --for {appid}`")),
            FlowError::ExchangeLost { candidates } => {
                let error = new(Kind::Unreachable)
                    .cause("whether WeChat took the code is not known, so it was not sent again")
                    .hint("pull the list: `wxauth authorizers sync`; a merchant shown as pending_exchange \
                           means that the code is unspent: run this command again");
                candidates.iter().fold(error, |error, appid| {
                    error.cause(format!("new or without a refresh token: {appid}"))
                })
            }
            FlowError::Link(refusals) => refusals.iter().fold(new(Kind::Usage), link_refusal),
            FlowError::Shrinking { missing, .. } => {
                let shown: Vec<_> = missing.iter().take(5).map(ToString::to_string).collect();
                new(Kind::ActionRequired)
                    .cause(format!("among them: {}", shown.join(", ")))
                    .cause("everything else was stored; nobody was marked as ended")
                    .hint("if that is right: `wxauth authorizers sync --allow-shrink`")
            }
            FlowError::ListUnstable { .. } => new(Kind::Unreachable)
                .cause("what was found is stored; nobody was marked as ended")
                .hint("run the command again"),
            FlowError::Abandoned => new(Kind::Interrupted),
            FlowError::ExchangeNotStored { appid, .. } => new(Kind::Store)
                .cause("the code is spent; WeChat keeps the refresh token")
                .hint(format!(
                    "once the store works: `wxauth authorizers sync`, then `wxauth authorizers show {appid}`"
                )),
            FlowError::Broken { .. } => new(Kind::Internal),
        }
    }
}

impl From<RedirectError> for CliError {
    fn from(error: RedirectError) -> Self {
        let message = error.to_string();
        match error {
            RedirectError::PreAuthCodeGiven => Self::usage(message)
                .cause("a pre-auth code (预授权码) makes a link; an authorization code (授权码) comes back from it")
                .hint("give the `auth_code` of the address that WeChat redirected the merchant to"),
            RedirectError::ServiceMarketCode => Self::usage(message)
                .hint("codes of the service market are for /wxa/servicemarket/service/login_auth"),
            _ => Self::usage(message)
                .hint("give the code (queryauthcode@@@…) or the whole address WeChat redirected to, on stdin"),
        }
    }
}

fn not_minting(error: &CliError, wanted: &Wanted) -> CliError {
    let error = error.clone();
    let own = "if nobody else holds this platform, let wxauth mint: `wxauth profile set mint wxauth` \
               or `WXAUTH_MINT=wxauth`";
    match wanted {
        Wanted::ComponentToken | Wanted::AuthorizerToken(_) => error
            .cause("`mint` is `never`, and no `token_command` gives us theirs")
            .hint("name a program that prints the token they hold: `wxauth profile set token_command 'PROGRAM ARGS'`")
            .hint(own),
        Wanted::Exchange => error
            .cause("exchanging a code mints a token and spends the code: the other holder has to do it")
            .hint("give the code to the backend that holds this platform")
            .hint(own),
        Wanted::Refresh => {
            error.cause("refreshing would end the tokens the other holder uses").hint(own)
        }
    }
}

fn link_refusal(error: CliError, refusal: &LinkRefusal) -> CliError {
    match refusal {
        LinkRefusal::NoRedirectUri => error
            .cause("no redirect URI is known")
            .hint("give `--redirect-uri URL`, or store it: `wxauth profile set redirect_uri URL`"),
        LinkRefusal::Redirect(problem) => {
            let error = error.cause(problem.to_string());
            match problem {
                RedirectProblem::HostDiffers { .. } => error.hint(
                    "WeChat wants the page with the link, the redirect URI and the launch domain \
                     (授权发起页域名) on one and the same host",
                ),
                _ => error.hint("write the redirect URI as https://HOST/PATH"),
            }
        }
        LinkRefusal::SetsFitNoKind { ids, auth_type } => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            error
                .cause(format!(
                    "sets {} fit no account that `--type {auth_type}` offers",
                    ids.join(", ")
                ))
                .hint("leave them out, or offer other kinds with `--type`")
        }
    }
}
