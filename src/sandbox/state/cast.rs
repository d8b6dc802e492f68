//! The first accounts of every sandbox: one of each kind and each odd case.

use super::kind::Kind;

/// What is given about one of the first accounts.
pub struct Role {
    /// Its kind.
    pub kind: Kind,
    /// `account_status` of an info answer.
    pub status: u32,
    /// Whether it is verified; an unverified official account lacks abilities.
    pub verified: bool,
    /// Its name.
    pub nick_name: &'static str,
    /// How it stands with the first platform.
    pub standing: Standing,
    /// How many platforms outside the sandbox it has authorized.
    pub elsewhere: u32,
    /// Exclusive sets that a platform outside the sandbox holds.
    pub held_elsewhere: &'static [u32],
}

/// How an account stands with the first platform when the sandbox is new.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It never authorized it.
    Stranger,
    /// It authorized it.
    Authorized,
    /// It authorized it, but the code was never exchanged.
    Pending,
}

use Kind::{
    Channels, MiniGame, MiniProgram, SalesAssistant, Service, SmallShop, Store, Subscription,
    Supplier, Trial,
};
use Standing::{Authorized, Pending, Stranger};

const fn role(kind: Kind, standing: Standing, nick_name: &'static str) -> Role {
    Role {
        kind,
        status: 1,
        verified: true,
        nick_name,
        standing,
        elsewhere: 0,
        held_elsewhere: &[],
    }
}

const fn with_status(kind: Kind, status: u32, nick_name: &'static str) -> Role {
    let mut role = role(kind, Stranger, nick_name);
    role.status = status;
    role
}

const fn unverified(kind: Kind, standing: Standing, nick_name: &'static str) -> Role {
    let mut role = role(kind, standing, nick_name);
    role.verified = false;
    role
}

/// The first accounts, in order.
pub static CAST: [Role; 24] = [
    role(MiniProgram, Authorized, "街角咖啡点单"),
    role(Service, Authorized, "江南书院"),
    unverified(Subscription, Authorized, "老王读报"),
    role(
        MiniProgram,
        Authorized,
        "城市图书馆·借阅与座位预约服务平台（官方小程序）",
    ),
    role(Channels, Authorized, "山野厨房"),
    role(SmallShop, Authorized, "小满农货"),
    role(Store, Authorized, "青禾文具旗舰店"),
    role(MiniProgram, Pending, "云上花店"),
    role(MiniProgram, Stranger, "晨光口腔预约"),
    role(Service, Stranger, "海岸线旅行"),
    role(Subscription, Stranger, "深夜电台"),
    role(Channels, Stranger, "阿木修车"),
    role(Store, Stranger, "北方皮具"),
    role(SalesAssistant, Stranger, "带货小助手"),
    role(Supplier, Stranger, "丰收供货"),
    role(SmallShop, Stranger, "四季鲜果"),
    role(MiniGame, Stranger, "弹珠大冒险"),
    role(Trial, Stranger, "试用小程序"),
    with_status(MiniProgram, 14, "已注销的小程序"),
    with_status(Service, 16, "被封禁的服务号"),
    with_status(Subscription, 19, "被冻结的订阅号"),
    with_status(
        MiniProgram,
        18,
        "=1+1,\"引号\"\t与\u{202e}反向\u{202c}\u{7}字符",
    ),
    Role {
        elsewhere: 15,
        ..role(Service, Stranger, "处处授权的服务号")
    },
    Role {
        elsewhere: 1,
        held_elsewhere: &[18],
        ..role(MiniProgram, Stranger, "代码在别家的小程序")
    },
];
