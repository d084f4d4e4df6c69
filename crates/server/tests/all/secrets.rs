//! The server's own keys in the database, and the key outside it that seals them.

use gururmm_clock::SystemClock;
use gururmm_server::config::Config;
use gururmm_server::lifecycle::Server;
use gururmm_server::platform::secrets::{KeyFile, ServerSecrets};
use gururmm_server_testkit::TestServer;
use sqlx::Executor as _;

#[tokio::test]
async fn a_dump_holds_no_key_of_the_server() {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let stored: Vec<(String, Vec<u8>, Option<String>)> =
        sqlx::query_as("select name, secret, sealed_with from server_secrets order by name")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let names: Vec<_> = stored.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["login", "signing"]);
    let secrets = &server.app().secrets;
    for secret in [*secrets.login.reveal(), secrets.signing.to_bytes()] {
        let is_in = |bytes: &[u8]| bytes.windows(8).any(|part| secret.windows(8).any(|piece| piece == part));
        assert!(stored.iter().all(|(_, bytes, sealed)| sealed.is_some() && !is_in(bytes)));
    }
    // and it is the same server after a restart: sessions hold, agents know it
    server.restart().await;
    admin.get("/auth/me").await.ok();
    gururmm_server_testkit::Link::connect(&agent).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn keys_of_before_are_sealed_when_the_file_is_made_and_not_later() {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let (login, signing) = (*server.app().secrets.login.reveal(), server.app().secrets.signing.to_bytes());
    for (name, secret) in [("login", login), ("signing", signing)] {
        sqlx::query("update server_secrets set secret = $1, sealed_with = null where name = $2")
            .bind(&secret[..])
            .bind(name)
            .execute(&mut owner)
            .await
            .unwrap();
    }
    // with the file there it was somebody else who took the seal off
    let config = Config { listen: ([127, 0, 0, 1], 0).into(), ..server.config.clone() };
    let said = Server::start(config.clone(), SystemClock::shared()).await.err().expect("it must not start").to_string();
    assert!(said.contains("the server's key signing in the database was altered"), "{said}");
    std::fs::remove_file(config.server_key().to_string()).unwrap();
    server.restart().await;
    admin.get("/auth/me").await.ok();
    let (secret, sealed): (Vec<u8>, Option<String>) =
        sqlx::query_as("select secret, sealed_with from server_secrets where name = 'login'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert!(sealed.is_some() && secret != login);
    server.stop().await;
}

/// Both wait for the same migration and go on in the same moment.
#[tokio::test]
async fn servers_that_start_together_have_one_key() {
    let server = TestServer::start().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute("delete from server_secrets").await.unwrap();
    let file = KeyFile::at(server.config.data_dir.join("shared-key"));
    let now = server.app().clock.now();
    let load = async || {
        let mut owner = server.db.connect("gururmm_owner").await;
        ServerSecrets::load_or_create(&mut owner, &file, now).await.unwrap()
    };
    let secrets = tokio::join!(load(), load(), load(), load());
    let again = load().await;
    for other in [secrets.0, secrets.1, secrets.2, secrets.3] {
        assert!(other.login.reveal() == again.login.reveal() && other.signing == again.signing);
    }
    server.stop().await;
}

/// A second server of the same database, which was not given the file; one with another; and secrets that somebody has exchanged.
#[tokio::test]
async fn a_server_without_the_right_key_says_which_is_missing_and_changes_nothing() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = server.config.clone();
    let right = config.server_key().to_string();
    config.listen = ([127, 0, 0, 1], 0).into();
    config.server_key_file = Some(folder.path().join("key"));
    let start = async || {
        Server::start(config.clone(), SystemClock::shared()).await.err().expect("it must not start").to_string()
    };
    let missing = start().await;
    assert!(missing.contains("are sealed with the key") && missing.contains("holds nothing"), "{missing}");
    assert!(missing.contains(folder.path().to_str().unwrap()) && !folder.path().join("key").exists());
    std::fs::write(folder.path().join("key"), "A".repeat(43)).unwrap();
    let other = start().await;
    assert!(other.contains("are sealed with the key") && !other.contains("nothing"), "{other}");
    std::fs::copy(right, folder.path().join("key")).unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query("update server_secrets set secret = (select secret from server_secrets where name = 'login') where name = 'signing'")
        .execute(&mut owner)
        .await
        .unwrap();
    let altered = start().await;
    assert!(altered.contains("the server's key signing in the database was altered"), "{altered}");
    server.stop().await;
}
