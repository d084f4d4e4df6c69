//! A PostgreSQL that the operator brings along.

use gururmm_clock::TestClock;
use gururmm_embedded_postgres::{Config as EmbeddedConfig, EmbeddedPostgres, OWNER};
use gururmm_protocol::record::Body;
use gururmm_server::config::Config;
use gururmm_server::lifecycle::Server;
use gururmm_server_testkit::{ApiClient, EMAIL, Link, PASSWORD, SimulatedAgent, metrics, wait_for};
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};

/// A cluster that has seen no server yet, below a folder that its user can enter.
fn cluster(folder: &tempfile::TempDir) -> EmbeddedPostgres {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let data_dir = folder.path().join("cluster");
    EmbeddedPostgres::start(EmbeddedConfig { data_dir, unprivileged_user: None, programs: None }).unwrap()
}

#[tokio::test]
async fn one_address_of_an_owner_that_may_create_roles_and_nothing_else_is_enough() {
    let folder = tempfile::Builder::new().prefix("gururmm-ext-").tempdir_in("/tmp").unwrap();
    let cluster = cluster(&folder);
    let mut superuser = PgConnection::connect(&cluster.connection(OWNER).url()).await.unwrap();
    superuser.execute("create role rmm login createrole nosuperuser nobypassrls").await.unwrap();
    superuser.execute("create database rmm owner rmm").await.unwrap();
    let mut address = cluster.connection("rmm");
    address.database = "rmm".to_owned();
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: folder.path().join("data"),
        database_url: Some(address.url().into()),
        ..Config::built_in()
    };
    let server = Server::start(config, TestClock::starting_now()).await.unwrap();
    let origin = format!("http://{}", server.address);

    let token = server.first_start.setup_token.clone().unwrap();
    let body = json!({ "token": token, "name": "Technician One", "email": EMAIL, "password": PASSWORD });
    let login = ApiClient::new(&origin, None).post("/setup", body).await.created();
    let admin = ApiClient::new(&origin, login["token"].as_str().map(str::to_owned));
    let key = server.first_start.local_site_key.clone().unwrap();
    let agent = SimulatedAgent::enrol(&origin, &key, "web-1").await.unwrap();
    let mut link = Link::connect(&agent).await.unwrap();
    let last = link.record(Body::Metrics(Box::new(metrics(12.5)))).await.unwrap();
    link.acknowledged(last).await.unwrap();
    wait_for("the measurement", async || {
        let shown = admin.get(&format!("/agents/{}", agent.agent_id)).await.ok();
        (shown["cpu_percent"] == 12.5).then_some(())
    })
    .await;
    let roles: Vec<String> = sqlx::query_scalar(
        "select distinct usename::text from pg_stat_activity where datname = 'rmm' and application_name = 'gururmm-server'",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert_eq!(roles, ["rmm"], "every connection is the owner's, who gave its rights up");
    server.stop().await;
}
