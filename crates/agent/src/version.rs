//! The version of this build.

/// The version, with the commit that it was built from where a distribution was made: `0.1.0+0123456789ab`.
pub(crate) const VERSION: &str = match option_env!("GURURMM_BUILD_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};
