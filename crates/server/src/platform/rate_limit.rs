//! Rate limits, one per purpose. Keys are hashed, so that memory holds no names, and forgotten once they no longer matter.

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

/// Attempts per key.
pub struct Limit {
    limiter: RateLimiter<u64, DashMapStateStore<u64>, DefaultClock>,
    hasher: RandomState,
}

impl Limit {
    fn per_minute(attempts: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::dashmap(Quota::per_minute(attempts)), hasher: RandomState::new() }
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
    /// Logins from one address.
    pub login_by_ip: Limit,
    /// Logins to one account from one address: guessing one password cannot lock its owner out elsewhere.
    pub login_by_account: Limit,
    /// Attempts to complete the set-up from one address.
    pub setup_by_ip: Limit,
    /// Enrolments and departures from one address.
    pub enroll_by_ip: Limit,
}

impl RateLimits {
    /// Limits as configured.
    pub fn new(config: &RateLimitsConfig) -> Self {
        Self {
            login_by_ip: Limit::per_minute(config.login_per_minute),
            login_by_account: Limit::per_minute(config.login_per_account_per_minute),
            setup_by_ip: Limit::per_minute(config.login_per_minute),
            enroll_by_ip: Limit::per_minute(config.enroll_per_minute),
        }
    }

    /// Drops keys that no longer matter.
    pub fn sweep(&self) {
        for limit in [&self.login_by_ip, &self.login_by_account, &self.setup_by_ip, &self.enroll_by_ip] {
            limit.limiter.retain_recent();
            limit.limiter.shrink_to_fit();
        }
    }
}
