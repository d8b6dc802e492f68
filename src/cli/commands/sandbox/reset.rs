//! `sandbox reset`: the sandbox's world anew, and what the client kept of it with it.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;
use crate::store::encryption::Keyring;
use crate::store::{Store, StoreLocation};

use super::{Control, Reach};

/// Start the sandbox's world anew
///
/// Its accounts, authorizations and clock begin again, and what `--sandbox` commands kept of it is
/// dropped.
#[derive(Debug, Args)]
pub struct ResetArgs {
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

pub(super) async fn run(context: &Context, args: ResetArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, &args.reach);
    let url = control.session().await?.url().clone();
    let question = text!(
        "start the world of the sandbox at {url} anew?",
        "重置 {url} 处的沙箱？"
    );
    if !input::confirm(context, question).await? {
        console.document(&json!({ "reset": false }), |_| Ok(()))?;
        return Ok(Exit::Done);
    }
    let _: Value = control.post("reset", &json!({})).await?;
    let folder = context.folder()?.sandbox();
    let client = folder.join("client.db");
    if client.exists() && !control.session().await?.is_elsewhere() {
        // What `--sandbox` commands kept is of the former world.
        let location = StoreLocation::Sqlite(client);
        let store = Store::open(&location, context.store_options(Keyring::none())).await?;
        let appid = control.session().await?.platform()?.component_appid;
        let key = crate::store::PlatformKey {
            realm: "sandbox".to_owned(),
            component_appid: appid,
        };
        store.forget_platform(&key).await?;
    }
    console.document(&json!({ "reset": true }), |_| Ok(()))?;
    console.note(text!("the sandbox's world is new", "沙箱已重置"));
    Ok(Exit::Done)
}
