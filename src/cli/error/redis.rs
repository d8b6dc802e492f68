//! What failures of a Redis mean to an operator.

use crate::cli::exit::Kind;
use crate::lang::{Text, text};
use crate::sys::redis::{Address, Distrust, Failure, FailureKind, Node, Topology, Unreached};

use super::CliError;

/// The error with what to do about it.
pub(super) fn judged(message: Text, failure: &Failure) -> CliError {
    let error = CliError::new(Kind::Store, message);
    let (address, place) = (&failure.address, Place::of(failure));
    match &failure.kind {
        FailureKind::Unreachable(why) => error.hint(reach(why, &place)),
        FailureKind::NotRedis | FailureKind::Protected | FailureKind::Crowded => {
            error.hint(at_the_server(&failure.kind))
        }
        FailureKind::WantsTls => {
            let by_tls = address.replacen("redis://", "rediss://", 1);
            error
                .hint(text!(
                    "write the address with `rediss://`: `{by_tls}`",
                    "地址应以 `rediss://` 开头：`{by_tls}`"
                ))
                .hint(own_authority())
        }
        FailureKind::NoTls => {
            let plain = address.replacen("rediss://", "redis://", 1);
            error.hint(text!(
                "name the port where it speaks TLS (`tls-port` in redis.conf); where all of the way is your own, do without: `{plain}`",
                "请改用其 TLS 端口（redis.conf 中的 `tls-port`）；若全程在自有网络内，也可不用 TLS：`{plain}`"
            ))
        }
        FailureKind::Untrusted(why) => error.hint(match why {
            Distrust::OutOfTime => text!(
                "have it renewed; or is the clock of this machine wrong? `date`",
                "请更新服务器证书；或检查本机时间：`date`"
            ),
            Distrust::OtherName => text!(
                "name the host as the certificate does, which is seldom by its address: `openssl s_client -connect {0}:{1} </dev/null | openssl x509 -noout -ext subjectAltName`",
                "主机名须与证书一致（证书很少签发给 IP）：`openssl s_client -connect {0}:{1} </dev/null | openssl x509 -noout -ext subjectAltName`",
                place.host,
                place.port
            ),
            Distrust::UnknownIssuer | Distrust::Other(_) => own_authority(),
        }),
        FailureKind::WantsCertificate => error.hint(text!(
            "name the certificate that was made for this client, and its key: `rediss://HOST?ca=FILE&cert=FILE&key=FILE`",
            "请指定为本客户端签发的证书及私钥：`rediss://HOST?ca=FILE&cert=FILE&key=FILE`"
        )),
        FailureKind::NoPassword | FailureKind::Refused => error.hint(text!(
            "give the right password: `wxauth profile set store_password`; in CI it stands in `WXAUTH_STORE=redis://USER:PASSWORD@HOST`",
            "请给出正确的密码：`wxauth profile set store_password`；在 CI 中写在 `WXAUTH_STORE=redis://USER:PASSWORD@HOST` 里"
        )),
        FailureKind::NotPermitted(_) => error.hint(text!(
            "its user needs the keys `wxauth:*` and the commands that `wxauth help redis` lists",
            "该用户需要 `wxauth:*` 的键权限，以及 `wxauth help redis` 所列的命令权限"
        )),
        FailureKind::NoDatabase => error.hint(text!(
            "name one that it has, from 0 on: `redis-cli -h {0} -p {1} config get databases` tells how many; a cluster has 0 alone",
            "请使用存在的数据库编号（从 0 起）：`redis-cli -h {0} -p {1} config get databases` 可查看数量；集群只有 0",
            place.host,
            place.port
        )),
        FailureKind::UnknownCommand(_) => error
            .hint(text!(
                "a Sentinel? say whose master is meant: `redis://HOST:26379?sentinel=NAME`",
                "若这是哨兵，请指明主节点名称：`redis://HOST:26379?sentinel=NAME`"
            ))
            .hint(text!(
                "Redis 6 or later, or Valkey, is needed, with its commands under their own names (no `rename-command`): `wxauth help redis` lists them",
                "需要 Redis 6 及以上版本或 Valkey，且命令未被改名（`rename-command`）：所需命令见 `wxauth help redis`"
            )),
        FailureKind::NotSentinel => {
            let plain = address.split('?').next().unwrap_or_default();
            error.hint(text!(
                "name the sentinels, whose port is mostly 26379; the server itself is named without `?sentinel`: `{plain}`",
                "请填写哨兵的地址（端口通常为 26379）；若要直连服务器，去掉 `?sentinel`：`{plain}`"
            ))
        }
        FailureKind::NoMaster(_) => error.hint(text!(
            "see the names that the sentinels know: `redis-cli -h {0} -p {1} sentinel masters`",
            "查看哨兵所知的名称：`redis-cli -h {0} -p {1} sentinel masters`",
            place.host,
            place.port
        )),
        FailureKind::Certificates(_) => error.hint(text!(
            "name PEM files that this user can read: `rediss://HOST?ca=FILE&cert=FILE&key=FILE`",
            "请指定当前用户可读的 PEM 文件：`rediss://HOST?ca=FILE&cert=FILE&key=FILE`"
        )),
        FailureKind::NotReady(_) | FailureKind::ReadOnly => error.hint(text!(
            "it is starting or changing its master: run the command again in a moment",
            "它正在启动或切换主节点：请稍后重新运行该命令"
        )),
        FailureKind::NotWritable(_) => error.hint(text!(
            "see its log: its disk or its replicas fail; nothing was changed",
            "请查看 Redis 日志：磁盘或副本出现故障；未作任何更改"
        )),
        FailureKind::Full => error.hint(text!(
            "give it more memory (`maxmemory`), with `maxmemory-policy noeviction`: what is evicted is lost",
            "请增加内存（`maxmemory`），并设置 `maxmemory-policy noeviction`：被淘汰的数据会丢失"
        )),
        FailureKind::NotReplicated => error.hint(text!(
            "WeChat was not asked, because a failover now could lose what it answers: see the replicas (`redis-cli info replication`) and run the command again",
            "为避免此刻故障切换丢失结果，尚未请求微信：请检查副本（`redis-cli info replication`）后重新运行该命令"
        )),
        FailureKind::WrongType(key) => error
            .hint(text!(
                "stop `wxauth serve` if it runs, see what wrote it, delete it with `{0} del {1}`, and start `wxauth serve` again",
                "若 `wxauth serve` 正在运行，先停止它；查明写入它的程序后用 `{0} del {1}` 删除该键，再启动 `wxauth serve`",
                place.command,
                quoted(key)
            ))
            .hint(text!(
                "once `wxauth serve` has received a ticket again (within 10 minutes), `wxauth authorizers recover` rebuilds the merchants and their refresh tokens; other records of this key are lost: `wxauth help redis` names them",
                "`wxauth serve` 再次收到 ticket 后（10 分钟内），用 `wxauth authorizers recover` 重建授权方及其 refresh_token；该键中的其他记录会丢失，各键的含义见 `wxauth help redis`"
            )),
        FailureKind::NoScript | FailureKind::Failed(_) => error.hint(text!(
            "run the command again; Redis 6 or later, or Valkey, is needed: `redis-cli info server`",
            "请重新运行该命令；需要 Redis 6 及以上版本或 Valkey：`redis-cli info server`"
        )),
    }
}

/// Host and port to look at, or the words for them.
struct Place {
    host: String,
    port: String,
    socket: String,
    /// `redis-cli` with what leads it there.
    command: String,
}

impl Place {
    fn of(failure: &Failure) -> Self {
        let (mut host, mut port) = ("HOST".to_owned(), "PORT".to_owned());
        let mut socket = "SOCKET".to_owned();
        let address = Address::parse(&failure.address).ok();
        let is_socket = match address.as_ref().and_then(|address| address.nodes.first()) {
            Some(Node::Tcp(name, number)) => {
                (host, port) = (name.clone(), number.to_string());
                false
            }
            Some(Node::Unix(path)) => {
                socket = path.display().to_string();
                true
            }
            None => false,
        };
        let command = match &address {
            _ if is_socket => format!("redis-cli -s {socket}"),
            // Where the master is, its sentinels know.
            Some(address) if matches!(address.topology, Topology::Sentinel { .. }) => {
                "redis-cli -h HOST -p PORT".to_owned()
            }
            _ => format!("redis-cli -h {host} -p {port}"),
        };
        let mut options = address.as_ref().map(options).unwrap_or_default();
        let has_user = address.is_some_and(|address| address.user.is_some());
        if has_user || failure.has_password {
            options.push_str(" --askpass");
        }
        Self {
            host,
            port,
            socket,
            command: command + &options,
        }
    }
}

/// What `redis-cli` needs besides the place.
fn options(address: &Address) -> String {
    let mut options = String::new();
    if let Some(tls) = &address.tls {
        options.push_str(" --tls");
        if let Some(file) = &tls.ca_file {
            options.push_str(&format!(" --cacert {}", quoted(&file.to_string_lossy())));
        }
    }
    if let Some(user) = &address.user {
        options.push_str(&format!(" --user {}", quoted(user)));
    }
    if address.topology == Topology::Cluster {
        options.push_str(" -c");
    }
    if address.database > 0 {
        options.push_str(&format!(" -n {}", address.database));
    }
    options
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// How to reach a Redis that cannot be reached.
fn reach(why: &Unreached, place: &Place) -> Text {
    let Place {
        host, port, socket, ..
    } = place;
    match why {
        Unreached::UnknownHost => text!(
            "see that the name is right and known on this machine: `getent hosts {host}`",
            "确认主机名无误且本机可以解析：`getent hosts {host}`"
        ),
        Unreached::NoSocket => text!(
            "see that it runs, and where its socket is: `unixsocket` in redis.conf; `redis-cli -s {socket} ping`",
            "确认 Redis 正在运行，以及套接字的位置（redis.conf 中的 `unixsocket`）：`redis-cli -s {socket} ping`"
        ),
        Unreached::NotAllowed => text!(
            "let this user use it: `unixsocketperm` in redis.conf, or the group of `{socket}`: `ls -l {socket}`",
            "请授予当前用户权限：redis.conf 中的 `unixsocketperm`，或 `{socket}` 所属的用户组：`ls -l {socket}`"
        ),
        _ => text!(
            "see that it runs and that this machine may reach it: `redis-cli -h {host} -p {port} ping`; nothing was changed, run the command again then",
            "确认 Redis 正在运行且本机可以连接：`redis-cli -h {host} -p {port} ping`；未作任何更改，恢复后请重新运行该命令"
        ),
    }
}

/// What is to be changed at the server, or in the address.
fn at_the_server(kind: &FailureKind) -> Text {
    match kind {
        FailureKind::NotRedis => text!(
            "see host and port of the address: a Redis mostly listens on 6379",
            "请检查地址中的主机与端口：Redis 通常监听 6379"
        ),
        FailureKind::Protected => text!(
            "give it a password (`requirepass`, or a user by ACL), and wxauth the same; `protected-mode no` opens it to everybody who can reach it",
            "请为其设置密码（`requirepass` 或 ACL 用户），并告知 wxauth；`protected-mode no` 会对所有可连接者开放"
        ),
        _ => text!(
            "raise `maxclients`, or end clients that nobody needs: `redis-cli client list`; nothing was changed",
            "请调高 `maxclients`，或断开不需要的客户端：`redis-cli client list`；未作任何更改"
        ),
    }
}

fn own_authority() -> Text {
    text!(
        "an authority of your own? name its certificate: `rediss://HOST?ca=FILE`",
        "若证书由自有 CA 签发，请指定 CA 证书：`rediss://HOST?ca=FILE`"
    )
}

/// The failure in Chinese.
pub(super) fn chinese(failure: &Failure) -> String {
    let what = match &failure.kind {
        FailureKind::Unreachable(why) => format!("无法连接：{}", unreached(why)),
        FailureKind::NotRedis => "处不是 Redis：应答方使用的是其他协议".to_owned(),
        FailureKind::WantsTls => "该端口使用 TLS，而地址未启用 TLS".to_owned(),
        FailureKind::NoTls => "该端口不支持 TLS，而地址要求使用 TLS".to_owned(),
        FailureKind::Untrusted(why) => format!("的证书不受信任：{}", distrust(why)),
        FailureKind::WantsCertificate => "要求客户端证书，或不接受所出示的证书".to_owned(),
        FailureKind::NoPassword => "需要密码，但未提供".to_owned(),
        FailureKind::Refused => "拒绝了用户名或密码".to_owned(),
        FailureKind::NotPermitted(why) => format!("不允许该操作：{why}"),
        FailureKind::NoDatabase => "没有该编号的数据库".to_owned(),
        FailureKind::Protected => "处于保护模式：未设密码时不接受来自其他机器的连接".to_owned(),
        FailureKind::Crowded => "的客户端连接数已达上限（`maxclients`）".to_owned(),
        FailureKind::UnknownCommand(name) => format!("不认识命令 {name}"),
        FailureKind::NotSentinel => "不是哨兵，而地址将其指定为哨兵".to_owned(),
        FailureKind::NoMaster(name) => format!("的哨兵不认识主节点 {name}"),
        FailureKind::Certificates(why) => format!("无法建立 TLS 连接：{why}"),
        FailureKind::NotReady(why) => format!("尚未就绪：{why}"),
        FailureKind::ReadOnly => "是只读副本，不接受写入".to_owned(),
        FailureKind::NotWritable(why) => format!("不接受写入：{why}"),
        FailureKind::Full => "内存已满".to_owned(),
        FailureKind::WrongType(key) => {
            format!("中键 {key} 的值类型不符：被其他程序改写")
        }
        FailureKind::NotReplicated => "有副本，但 2 秒内没有副本确认写入".to_owned(),
        FailureKind::NoScript => "不认识脚本".to_owned(),
        FailureKind::Failed(why) => format!("出错：{why}"),
    };
    format!("Redis {} {what}", failure.address)
}

fn distrust(why: &Distrust) -> String {
    match why {
        Distrust::UnknownIssuer => "签发者不受本机信任".to_owned(),
        Distrust::OutOfTime => "证书已过期或尚未生效".to_owned(),
        Distrust::OtherName => "证书所签发的名称与地址不符".to_owned(),
        Distrust::Other(why) => why.clone(),
    }
}

fn unreached(why: &Unreached) -> String {
    match why {
        Unreached::UnknownHost => "无法解析主机名".to_owned(),
        Unreached::NoSocket => "套接字不存在".to_owned(),
        Unreached::NotAllowed => "当前用户无权使用该套接字".to_owned(),
        Unreached::Refused => "该地址没有程序监听".to_owned(),
        Unreached::Silent => "未在限定时间内应答".to_owned(),
        Unreached::HungUp => "连接被对方关闭".to_owned(),
        Unreached::Other(why) => why.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redis_cli_asks_for_a_password_where_there_is_one() {
        for (address, has_password, command) in [
            ("redis://here", false, "redis-cli -h here -p 6379"),
            ("redis://here", true, "redis-cli -h here -p 6379 --askpass"),
            (
                "redis://me@here/3",
                true,
                "redis-cli -h here -p 6379 --user 'me' -n 3 --askpass",
            ),
        ] {
            let failure = Failure {
                address: address.to_owned(),
                has_password,
                kind: FailureKind::WrongType("key".to_owned()),
            };
            assert_eq!(Place::of(&failure).command, command);
        }
    }
}
