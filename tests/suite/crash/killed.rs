//! SIGKILL at any moment: forty seeded ones, as many as WXAUTH_TEST_KILLS says where it is set.

use std::time::Duration;

use serde_json::json;

use super::scene::Scene;

/// Numbers of one seed: a kill that went wrong can be told again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    let wanted = std::env::var("WXAUTH_TEST_KILLS").ok();
    let kills: u64 = wanted.map_or(40, |text| text.parse().expect("a number of kills"));
    let scene = Scene::synced(3);
    scene.behave(&json!({"refresh_token_rotates": true}));
    let mut dice = Dice(0x5eed);
    let appid = scene.merchants[0].clone();
    let verbs: [&[&str]; 5] = [
        &["token", "component"],
        &["token", "authorizer", &appid],
        &["authorizers", "refresh"],
        &["authorizers", "refresh", &appid],
        &["authorizers", "sync", "--full"],
    ];
    for kill in 0..kills {
        scene.sandbox.pass("2h");
        let verb = verbs[usize::try_from(dice.below(5)).expect("small")];
        let after = Duration::from_micros(dice.below(60_000));
        let mut child = scene.start(verb);
        std::thread::sleep(after);
        child.kill().expect("it is ours");
        child.wait().expect("it ends");
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scene.converges()));
        assert!(told.is_ok(), "kill {kill}: {verb:?} after {after:?}");
    }
}
