//! The merchant's text in Chinese.

use crate::cli::commands::permissions::set::labels;
use crate::lang::{Lang, clean};
use crate::wechat::account::AccountKind;

use super::paths::{ADMINISTRATORS, END_PATHS, Path, UPDATE_PATHS};
use super::{Letter, Occasion, fitting};

pub(super) fn text(letter: &Letter) -> String {
    let account = letter.nick_name.as_ref().map_or_else(
        || "您的账号".to_owned(),
        |name| format!("「{}」", clean(name)),
    );
    let (greeting, steps) = match letter.occasion {
        Occasion::First => (format!("您好，请为{account}完成授权："), first(letter)),
        Occasion::Update => (format!("您好，请为{account}更新授权："), update(letter)),
        Occasion::End => (
            format!("您好，{account}的授权只能由您自行解除，操作路径如下："),
            end(letter),
        ),
    };
    let steps = steps.into_iter().enumerate();
    let steps: Vec<_> = steps
        .map(|(index, step)| format!("{}. {step}", index + 1))
        .collect();
    format!("{greeting}\n{}", steps.join("\n"))
}

fn first(letter: &Letter) -> Vec<String> {
    if letter.kind == AccountKind::Store {
        return vec![STORE.to_owned()];
    }
    let mut steps = Vec::new();
    if letter.kind == AccountKind::Channels {
        steps.push("请先在视频号助手开启开放能力：直播管理 – 开放能力。".to_owned());
    }
    steps.push(
        "请由账号管理员在微信中打开我们发送的授权链接（或扫描二维码），选择账号，确认授权。链接仅可使用一次，请在有效期内完成。"
            .to_owned(),
    );
    steps.push("权限默认已全部勾选，请保持勾选后确认。".to_owned());
    steps.extend(about_sets(letter));
    steps.push(administrator());
    steps.push(LIMIT.to_owned());
    steps
}

fn update(letter: &Letter) -> Vec<String> {
    if letter.kind == AccountKind::Store {
        return vec![STORE.to_owned()];
    }
    let mut ways =
        vec!["由管理员再次打开我们发送的授权链接（或扫描二维码），选择账号，确认授权".to_owned()];
    ways.extend(fitting(&UPDATE_PATHS, letter.kind).map(named));
    let ways = ways.join("；\n   或者：");
    let mut steps = vec![format!("更新方式（任选其一）：\n   {ways}。")];
    steps.push("新增权限默认已勾选，请保持勾选后确认，原有权限请勿取消。".to_owned());
    if letter.must_change {
        steps.push(
            "请至少改动一项权限（例如取消一项不常用的权限，完成后再更新一次勾选回来）：不作改动直接确认时，系统不会通知我们。"
                .to_owned(),
        );
    }
    steps.extend(about_sets(letter));
    steps.push(administrator());
    steps
}

fn end(letter: &Letter) -> Vec<String> {
    let mut steps: Vec<_> = fitting(&END_PATHS, letter.kind).map(named).collect();
    if steps.is_empty() {
        steps.push("请在账号对应的管理后台查看已授权的服务商，并取消授权。".to_owned());
    }
    steps.push(administrator());
    steps.push("解除后我们将无法继续为该账号提供服务；如需恢复，须重新授权。".to_owned());
    steps
}

fn about_sets(letter: &Letter) -> Vec<String> {
    let mut steps = Vec::new();
    if !letter.wanted.is_empty() {
        let sets = labels(&letter.wanted, Lang::Zh);
        steps.push(format!("本次需要的权限：{sets}。"));
    }
    if !letter.contested.is_empty() {
        let sets = labels(&letter.contested, Lang::Zh);
        steps.push(format!(
            "以下权限同一时间只能授权给一个第三方平台：{sets}。如已授权给其他服务商，请先解除对方的授权，再完成本次授权。"
        ));
    }
    steps
}

fn administrator() -> String {
    format!("只有账号管理员可以操作。查询谁是管理员：微信关注{ADMINISTRATORS}。")
}

/// A path with the accounts that have it, where several do not.
fn named((_, path, kinds): &Path) -> String {
    match kinds {
        [AccountKind::MiniProgram] => format!("小程序：{path}"),
        [AccountKind::OfficialAccount] => format!("公众号：{path}"),
        [AccountKind::Channels] => format!("视频号：{path}"),
        _ => format!("公众号、小程序均可在微信中操作：{path}"),
    }
}

const LIMIT: &str =
    "一个账号最多可同时授权给 15 个第三方平台；如已达上限，请先解除不再使用的平台。";

const STORE: &str =
    "微信小店不使用授权链接：请在微信服务市场购买我们的服务，权限随服务订单自动授权。";
