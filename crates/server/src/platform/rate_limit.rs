//! Rate limits, one per purpose. Keys are hashed, so that memory holds no names, and forgotten once they no longer matter.
//!
//! A requester is a network ([`super::http::origin::network`]), not an address: whoever has one IPv6 address has 2^64 of them.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::http::Problem;
use crate::config::RateLimitsConfig;

/// How often forgotten keys are dropped.
pub const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// API keys that are looked up for one network.
const KEYS_PER_SECOND: NonZeroU32 = NonZeroU32::new(1_000).expect("a constant");

/// Attempts per key.
pub struct Limit {
    limiter: RateLimiter<u64, DashMapStateStore<u64>, DefaultClock>,
    hasher: RandomState,
}

impl Limit {
    fn of(quota: Quota) -> Self {
        Self { limiter: RateLimiter::dashmap(quota), hasher: RandomState::new() }
    }

    /// So many attempts a minute.
    pub(super) fn per_minute(attempts: u32) -> Self {
        Self::of(Quota::per_minute(NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN)))
    }

    /// Drops keys that no longer matter.
    pub(super) fn sweep(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// Counts an attempt; refuses it when there were too many.
    pub fn check(&self, key: impl Hash) -> Result<(), Problem> {
        self.limiter.check_key(&self.hasher.hash_one(key)).map_err(|denied| {
            let wait = denied.wait_time_from(DefaultClock::default().now());
            Problem::rate_limited(wait.as_secs() + 1)
        })
    }
}

/// All limits.
pub struct RateLimits {
    /// Logins from one network.
    pub login_by_network: Limit,
    /// Logins to one account from one network.
    pub login_by_account_and_network: Limit,
    /// Logins to one account from anywhere; networks that the account has logged in from before are let through, so that guessing cannot
    /// lock its owner out.
    pub login_by_account: Limit,
    /// Attempts to complete the set-up from one network.
    pub setup_by_network: Limit,
    /// Invitations and links for a new password that are tried from one network.
    pub link_by_network: Limit,
    /// Passwords that are compared for one person who is signed in.
    pub password_by_person: Limit,
    /// API keys that are looked up for one network: each key that is used twice a second, and every one that is made up.
    pub key_by_network: Limit,
    /// Enrolments and departures from one network.
    pub enroll_by_network: Limit,
}

impl RateLimits {
    /// Limits as configured.
    pub fn new(config: &RateLimitsConfig) -> Self {
        let per_minute = |attempts| Limit::of(Quota::per_minute(attempts));
        Self {
            login_by_network: per_minute(config.login_per_minute),
            login_by_account_and_network: per_minute(config.login_per_account_per_minute),
            login_by_account: Limit::of(Quota::per_hour(config.login_per_account_per_hour)),
            setup_by_network: per_minute(config.login_per_minute),
            link_by_network: per_minute(config.login_per_minute),
            password_by_person: per_minute(config.login_per_account_per_minute),
            key_by_network: Limit::of(Quota::per_second(KEYS_PER_SECOND)),
            enroll_by_network: per_minute(config.enroll_per_minute),
        }
    }

    /// Drops keys that no longer matter.
    pub fn sweep(&self) {
        for limit in [
            &self.login_by_network,
            &self.login_by_account_and_network,
            &self.login_by_account,
            &self.setup_by_network,
            &self.link_by_network,
            &self.password_by_person,
            &self.key_by_network,
            &self.enroll_by_network,
        ] {
            limit.sweep();
        }
    }
}
