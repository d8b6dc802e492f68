//! Commands joined by a pipe, as at a shell.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::Desk;

/// The first command hosts the sandbox, the second joins it and reads what the first prints. Each
/// would wait for the other: one for the last guest to leave, one for the end of its input.
#[test]
fn a_command_that_hosts_the_sandbox_ends_its_answer_before_it_waits_for_its_guests() {
    let desk = Desk::new();
    let script = "echo ready >&2; read -r line; echo \"$line\"";
    let mut host = desk
        .command(["--sandbox", "exec", "--", "sh", "-c", script])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the host");
    wait_until_ready(&mut host);
    let script = "echo ready >&2; cat";
    let mut guest = desk
        .command(["--sandbox", "exec", "--", "sh", "-c", script])
        .stdin(Stdio::from(host.stdout.take().expect("a pipe")))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the guest");
    wait_until_ready(&mut guest);
    let mut input = host.stdin.take().expect("a pipe");
    input.write_all(b"all of it\n").expect("the host reads");
    drop(input);

    let stuck = [&mut host, &mut guest].map(|child| !ends(child));
    let _ = host.kill();
    let _ = guest.kill();
    assert_eq!(stuck, [false, false], "each waits for the other");
    let answer = guest.wait_with_output().expect("the guest ended");
    assert_eq!(answer.stdout, b"all of it\n");
}

fn wait_until_ready(child: &mut Child) {
    let mut errors = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    errors.read_line(&mut line).expect("a line");
    assert_eq!(line.trim(), "ready");
    child.stderr = Some(errors.into_inner());
}

/// Whether the program ends by itself; half a minute is for slow machines, not for it.
fn ends(child: &mut Child) -> bool {
    (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        child.try_wait().expect("its state").is_some()
    })
}
