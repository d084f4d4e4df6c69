//! The cryptography of TLS: one provider for every library that speaks it.

/// Makes the provider known. A second call changes nothing.
pub(crate) fn provide() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
