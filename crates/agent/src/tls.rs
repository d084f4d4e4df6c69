//! TLS: one provider of cryptography for every library that speaks it, and the trust of the operating system.

use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use rustls_platform_verifier::BuilderVerifierExt as _;

/// Makes the provider known. A second call changes nothing.
pub(crate) fn provide() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Trusts what the operating system trusts; made once, because it holds all its certificates.
pub(crate) fn trust() -> anyhow::Result<Arc<rustls::ClientConfig>> {
    static CONFIG: OnceLock<Arc<rustls::ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let config = rustls::ClientConfig::builder()
        .with_platform_verifier()
        .context("the system's certificates cannot be used")?
        .with_no_client_auth();
    Ok(CONFIG.get_or_init(|| Arc::new(config)).clone())
}
