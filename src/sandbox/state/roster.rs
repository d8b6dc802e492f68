//! Who authorized a platform, in the order of authorization.

/// Seconds between the first authorizations of a sandbox that is made with many.
const STEP: i64 = 20;
/// Seconds from a sandbox's birth back to the first of them.
const BEFORE_BIRTH: i64 = 60 * 86_400;

/// When, counted from the birth of the sandbox, account `index` authorized if it was made so.
pub fn first_delay(index: u32) -> i64 {
    (i64::from(index) * STEP - BEFORE_BIRTH).min(-1)
}

/// Accounts by time of authorization, then by number.
#[derive(Default)]
pub struct Roster {
    times: Vec<i64>,
    accounts: Vec<u32>,
}

impl Roster {
    /// A roster of these accounts.
    pub fn new(mut order: Vec<(i64, u32)>) -> Self {
        order.sort_unstable();
        let (times, accounts) = order.into_iter().unzip();
        Self { times, accounts }
    }

    /// The accounts, oldest authorization first.
    pub fn accounts(&self) -> &[u32] {
        &self.accounts
    }

    /// Adds an account.
    pub fn insert(&mut self, auth_time: i64, account: u32) {
        let place = self.place(auth_time, account);
        self.times.insert(place, auth_time);
        self.accounts.insert(place, account);
    }

    /// Takes an account out.
    pub fn remove(&mut self, auth_time: i64, account: u32) {
        let place = self.place(auth_time, account);
        if self.accounts.get(place) == Some(&account) {
            self.times.remove(place);
            self.accounts.remove(place);
        }
    }

    /// Where the account stands or would stand.
    fn place(&self, auth_time: i64, account: u32) -> usize {
        let from = self.times.partition_point(|time| *time < auth_time);
        let to = self.times.partition_point(|time| *time <= auth_time);
        from + self.accounts[from..to].partition_point(|other| *other < account)
    }
}
