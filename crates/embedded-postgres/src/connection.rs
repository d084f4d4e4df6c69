use std::{fmt::Write, path::PathBuf};

/// How to connect: by Unix socket, without a password, as one of the cluster's roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub socket_dir: PathBuf,
    pub port: u16,
    pub user: String,
    pub database: String,
}

impl Connection {
    /// The same as a `postgres://` address, which psql and sqlx understand.
    pub fn url(&self) -> String {
        format!(
            "postgres://{}@localhost:{}/{}?host={}",
            escape(&self.user),
            self.port,
            escape(&self.database),
            escape(&self.socket_dir.to_string_lossy())
        )
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_escapes_what_has_a_meaning() {
        let connection = Connection {
            socket_dir: "/tmp/a b/run".into(),
            port: 5432,
            user: "gururmm_app".into(),
            database: "test/1".into(),
        };
        assert_eq!(connection.url(), "postgres://gururmm_app@localhost:5432/test%2F1?host=%2Ftmp%2Fa%20b%2Frun");
    }
}
