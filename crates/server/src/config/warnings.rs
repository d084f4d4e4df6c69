//! What can be run with and should not be: said at every start, and by `gururmm-server doctor`.

use super::Config;

impl Config {
    /// What the operator should know about this configuration.
    pub fn warnings(&self) -> Vec<&'static str> {
        let has_proxy = !self.trusted_proxies.is_empty();
        let mut warnings = Vec::new();
        if self.public_url.scheme() == "https" && !has_proxy {
            warnings.push(
                "public_url is https, but trusted_proxies names no proxy: everybody shares the proxy's address and its limits, and the \
                 session cookie is not marked Secure. Name the proxy's network in trusted_proxies",
            );
        }
        if !self.listen.ip().is_loopback() && !has_proxy {
            warnings.push(
                "the server listens beyond this machine in plain HTTP: passwords and answers can be read on the way. Put a TLS proxy in \
                 front, name its network in trusted_proxies and listen on loopback if it runs here",
            );
        }
        if self.database_url.is_some() && self.server_key_file.is_none() {
            warnings.push(
                "the database is elsewhere, and the key that seals its secrets lies in data_dir: name a server_key_file in a place that \
                 lasts as long as the database. Without it the database is of no use",
            );
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(public_url: &str, listen: &str, proxies: &[&str]) -> usize {
        let trusted_proxies = proxies.iter().map(|net| net.parse().unwrap()).collect();
        let (public_url, listen) = (public_url.parse().unwrap(), listen.parse().unwrap());
        Config { listen, public_url, trusted_proxies, ..Config::built_in() }.warnings().len()
    }

    #[test]
    fn what_lies_open_and_what_lacks_its_proxy_is_told() {
        assert!(Config::built_in().warnings().is_empty());
        assert_eq!(warnings("https://rmm.example.com", "127.0.0.1:3001", &["127.0.0.0/8"]), 0);
        assert_eq!(warnings("https://rmm.example.com", "127.0.0.1:3001", &[]), 1);
        assert_eq!(warnings("http://192.0.2.1:3001", "0.0.0.0:3001", &[]), 1);
        assert_eq!(warnings("https://rmm.example.com", "[::]:3001", &[]), 2);
        assert_eq!(warnings("https://rmm.example.com", "[::]:3001", &["192.0.2.0/24"]), 0);
        let elsewhere =
            Config { database_url: Some("postgres://localhost/gururmm".to_owned().into()), ..Config::built_in() };
        assert_eq!(elsewhere.warnings().len(), 1);
        assert_eq!(Config { server_key_file: Some("/srv/key".into()), ..elsewhere }.warnings().len(), 0);
    }
}
