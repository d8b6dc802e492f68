//! `api`: any call of WeChat's, with the right token.

use std::path::PathBuf;

use clap::Args;

use crate::api::{Call, RawRequest};
use crate::cli::args::Output;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Format};
use crate::flow::grants::GrantState;
use crate::flow::{
    CallError, Caller, Platform, TokenFit, guarded, token_fit, wants_component_appid,
};
use crate::lang::text;
use crate::wechat::api_permission::near;

mod answer;
mod body;
mod fields;
mod multipart;
mod pages;
mod shown;
mod target;

use body::Body;
use target::Target;

/// How many near misses of an unknown path are suggested.
const SUGGESTIONS: usize = 3;

/// Call any API of WeChat, with the right token
///
/// Token, its name in the query and the method are those that WeChat documents for the path;
/// `--as` names the merchant whose token it takes. A path that is not known is said to be so, and
/// called with POST if there is a body, else with GET. Addresses may be pasted: a token in them is
/// left out. The answer is WeChat's own, but that credentials in it are masked without `--reveal`.
///
/// A stale token is replaced and the call made once more; else only a GET is ever repeated. Paths
/// that mint tokens, spend codes or clear quotas are refused: they have commands of their own.
#[derive(Debug, Args)]
#[command(
    after_help = "Brackets nest: -f text[content]=hi, -F ids[]=1 -F ids[]=2\n\nExamples:\n  wxauth --sandbox api /cgi-bin/menu/get --as 江南书院\n  wxauth --sandbox api /cgi-bin/user/get --as 江南书院 --paginate -o ndjson\n  wxauth --sandbox api /wxa/commit --as 城市图书馆 -F template_id=3 -f user_version=1.0\n  wxauth --sandbox api '/cgi-bin/media/upload?type=image' --as 江南书院 --form media=@logo.png\n  wxauth --sandbox api '/cgi-bin/media/get?media_id=M' --as 江南书院 --save picture.jpg\n  wxauth --sandbox api /cgi-bin/component/api_get_authorizer_list --paginate\n  wxauth --sandbox api /wxa/commit --as 城市图书馆 -d @commit.json --dry-run"
)]
pub struct ApiArgs {
    /// The path, with a query if need be, or a whole address
    #[arg(value_name = "PATH")]
    path: String,
    /// The method, where it is another than the documented one
    #[arg(short = 'X', long, value_name = "METHOD")]
    method: Option<String>,
    /// With the token of this merchant
    #[arg(long = "as", value_name = "WHO")]
    who: Option<String>,
    /// Send this body; `@FILE` is a file, `@-` stdin
    #[arg(short = 'd', long, value_name = "DATA", conflicts_with_all = ["field", "typed_field", "input", "form"])]
    data: Option<String>,
    /// Send a file as the body; `-` is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["field", "typed_field", "form"])]
    input: Option<PathBuf>,
    /// Send a text field, in the body or in the query of a GET
    #[arg(short = 'f', long, value_name = "NAME=VALUE")]
    field: Vec<String>,
    /// Send a field that may be a number, true, false, null or `@FILE`
    #[arg(short = 'F', long, value_name = "NAME=VALUE")]
    typed_field: Vec<String>,
    /// Upload a file as multipart form data; `;type=image/png` says what it is
    #[arg(long, value_name = "NAME=@FILE")]
    form: Vec<String>,
    /// Send a header
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Read every page of a list, and answer with its rows alone
    #[arg(long, conflicts_with_all = ["save", "form", "input"])]
    paginate: bool,
    /// Write the answer to a file; in a folder, under the name that WeChat proposes
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Show what would be sent, and send nothing
    #[arg(long, conflicts_with = "save")]
    dry_run: bool,
    /// Print the call as a curl command, its token masked without --reveal
    #[arg(long, conflicts_with_all = ["dry_run", "save", "paginate"])]
    curl: bool,
}

/// A call that is ready, and what is known of it.
struct Prepared<'a> {
    platform: &'a Platform,
    target: Target,
    caller: Caller,
    request: RawRequest,
    /// What the body was made of, where pages change it.
    body: Body,
}

pub(super) async fn run(context: &Context, args: ApiArgs) -> Result<Exit, CliError> {
    // A command for a shell has one form.
    let formats: &[Output] = match args.curl {
        true => &[Output::Table],
        false => &[Output::Table, Output::Json, Output::Ndjson],
    };
    let (_, console) = context.output(formats)?;
    if !console.options().columns.is_empty() {
        return Err(CliError::usage(text!(
            "the answer is WeChat's own JSON and has no columns",
            "返回的是微信原始 JSON，没有列可选"
        ))
        .hint(text!("leave `--columns` out", "请去掉 `--columns`")));
    }
    if let Some(save) = &args.save {
        answer::check_place(save)?;
    }
    let prepared = prepare(context, &args).await?;
    if !args.curl {
        forewarn(context, &prepared).await?;
    }
    if args.dry_run {
        return shown::dry_run(&console, &prepared);
    }
    if args.curl {
        return shown::curl(&console, &prepared).await;
    }
    if args.paginate {
        return pages::run(&console, prepared).await;
    }
    let known = prepared.target.known;
    let made = prepared
        .platform
        .call(&prepared.request, known, &prepared.caller);
    match made.await {
        Ok(answer) => answer::show(&console, answer, args.save.as_deref()),
        Err(error) => Err(failed(&console, &prepared, error, true)?),
    }
}

async fn prepare<'a>(context: &'a Context, args: &ApiArgs) -> Result<Prepared<'a>, CliError> {
    let given = body::read(args).await?;
    let settings = context.settings().await?;
    let target = Target::read(&args.path, &settings.api_base.value)?;
    if let Some(guarded) = guarded(&target.path) {
        return Err(CliError::guarded(&target.path, guarded));
    }
    if target.token_left_out {
        context.console().note(text!(
            "the token in the address is left out: wxauth sends its own",
            "已忽略地址中的令牌，将使用 wxauth 自己的令牌"
        ));
    }
    let method = target.method(args.method.as_deref(), given.is_some())?;
    let target = target.with_method(&method);
    if target.known.is_none() {
        unknown(context.console(), &target, method.as_str());
    }
    let platform = context.platform().await?;
    let caller = platform.caller(args.who.as_deref()).await?;
    match token_fit(target.known, &caller) {
        TokenFit::Fits => {}
        TokenFit::WantsAuthorizer => {
            let path = &target.path;
            return Err(CliError::usage(text!(
                "{path} takes a merchant's token",
                "{path} 需要使用授权方的令牌"
            ))
            .hint(text!(
                "name the merchant: `--as WHO`; `wxauth authorizers list` shows them",
                "请用 `--as WHO` 指定授权方；`wxauth authorizers list` 可查看"
            )));
        }
        TokenFit::WantsComponent => context.console().warn(text!(
            "the call takes the platform's token: leave `--as` out if WeChat refuses",
            "该接口应使用第三方平台的令牌：如被拒绝，请去掉 `--as`"
        )),
        TokenFit::WantsOwn => context.console().warn(text!(
            "the call takes the account's own token, which no platform has: WeChat will refuse",
            "该接口只接受账号自己的 access_token，第三方平台无法代为调用，微信将会拒绝"
        )),
    }
    let get = method == "GET";
    let mut body = given.unwrap_or(Body::Nothing);
    if wants_component_appid(&target.path) && !get {
        body.fill("component_appid", platform.component_appid().as_str());
    }
    let mut request = RawRequest {
        call: Call::Other {
            path: target.known.map_or("the call", |known| &*known.path),
            get,
        },
        method,
        path: target.path.clone(),
        query: target.query.clone(),
        headers: body::headers(&args.header)?,
        body: Vec::new(),
    };
    body.apply(&mut request)?;
    Ok(Prepared {
        platform,
        target,
        caller,
        request,
        body,
    })
}

/// Says that the table does not know a path, and what is near it.
fn unknown(console: &Console, target: &Target, method: &str) {
    let path = &target.path;
    console.note(text!(
        "{path} is not among the known calls: sent as {method}",
        "{path} 不在已知接口列表中，按 {method} 发送"
    ));
    let near = near(path, SUGGESTIONS);
    if !near.is_empty() {
        let near: Vec<_> = near.iter().map(|call| call.path.as_str()).collect();
        let near = near.join(", ");
        console.hint(text!("near it are: {near}", "相近的接口：{near}"));
    }
}

/// Says before the call that the merchant lacks a permission set for it.
async fn forewarn(context: &Context, prepared: &Prepared<'_>) -> Result<(), CliError> {
    let Some(known) = prepared.target.known else {
        return Ok(());
    };
    let configured = context.configured_sets().await?;
    let platform = prepared.platform;
    let state = platform.grant_for(known, &prepared.caller, &configured);
    let (Some(state), Some(appid)) = (state.await?, prepared.caller.appid()) else {
        return Ok(());
    };
    if !matches!(state, GrantState::Granted | GrantState::Unknown) {
        let console = context.console();
        console.warn(text!(
            "as far as known, {appid} did not grant a permission set that the call needs",
            "据本地记录，{appid} 尚未授予该接口所需的权限集"
        ));
        let path = &known.path;
        console.hint(text!(
            "what to do: `wxauth permissions why {path} --for {appid}`",
            "处理办法：`wxauth permissions why {path} --for {appid}`"
        ));
    }
    Ok(())
}

/// Why a call failed; what WeChat said with its refusal is its answer, and goes to stdout unless
/// rows stand there already.
fn failed(
    console: &Console,
    prepared: &Prepared<'_>,
    error: CallError,
    answers: bool,
) -> Result<CliError, CliError> {
    let (mut error, answer) = match error {
        CallError::Call(mut failure) => {
            let answer = failure.answer.take();
            let request = &prepared.request;
            let error = CliError::from(failure.error).of_path(request.call, &request.path);
            (error, answer)
        }
        error @ CallError::Flow(_) => (error.into(), None),
    };
    if let Some(answer) = answer.filter(|_| answers) {
        answer::document(console, answer)?;
    }
    let sets =
        |known: &&crate::wechat::api_permission::ApiPermission| !known.permission_sets.is_empty();
    if matches!(error.errcode(), Some(61007 | 61016 | 48001))
        && let (Some(known), Some(appid)) =
            (prepared.target.known.filter(sets), prepared.caller.appid())
    {
        let path = &known.path;
        error = error.hint(text!(
            "which set it needs and what to do: `wxauth permissions why {path} --for {appid}`",
            "所需权限集及处理办法：`wxauth permissions why {path} --for {appid}`"
        ));
    }
    Ok(error)
}

/// Whether people read the answer on a terminal; in a pipe it is JSON for whatever comes next.
fn for_people(console: &Console) -> bool {
    console.format() == Format::Table && console.is_terminal()
}
