//! The version of this build.

use std::sync::LazyLock;

/// The version, with the commit that it was built from where a distribution was made: `0.1.0+0123456789ab`.
pub(crate) const VERSION: &str = match option_env!("GURURMM_BUILD_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// The version for a person, with the only server that this build accepts, if there is one.
pub(crate) static LONG: LazyLock<String> = LazyLock::new(|| match crate::address::COMPILED_IN {
    Some(server) => format!("{VERSION} for {server}"),
    None => VERSION.to_owned(),
});
