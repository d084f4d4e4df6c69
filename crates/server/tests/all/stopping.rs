//! The end of a server: what has begun is finished.

use gururmm_server_testkit::{TestServer, wait_for};
use serde_json::json;
use sqlx::Executor as _;
use tokio::net::TcpStream;

#[tokio::test]
async fn a_request_that_is_open_when_the_server_stops_is_finished() {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let id = admin.post("/clients", json!({ "name": "Example" })).await.created()["id"].as_str().unwrap().to_owned();
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute("begin; lock table clients in exclusive mode").await.unwrap();
    let renaming =
        tokio::spawn(async move { admin.patch(&format!("/clients/{id}"), json!({ "name": "Other" })).await });
    server.db.wait_for_blocked().await;

    let running = server.server.take().unwrap();
    let address = running.address;
    let stopping = tokio::spawn(running.stop());
    wait_for("new connections to be refused", async || TcpStream::connect(address).await.is_err().then_some(())).await;
    owner.execute("rollback").await.unwrap();

    assert_eq!(renaming.await.unwrap().ok()["name"], "Other");
    stopping.await.unwrap();
    let name: String =
        sqlx::query_scalar("select name from clients where kind = 'corporate'").fetch_one(&mut owner).await.unwrap();
    assert_eq!(name, "Other");
}
