//! One command on every machine of the crowd: until all have begun, and until all have ended; and how long the page of the run takes meanwhile.

use std::time::{Duration, Instant};

use gururmm_simulator::fleet::Fleet;
use gururmm_simulator::http_client;
use serde_json::{Value, json};

use crate::ROUNDS;
use crate::crowd::Crowd;
use crate::report::{Budget, Line, Report, Rounds, percentile};

const RAMP: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const FAREWELL: Duration = Duration::from_secs(5);

pub(crate) async fn measure(crowd: &mut Crowd, report: &mut Report) -> anyhow::Result<()> {
    let count = crowd.machines;
    let identities = crowd.enrol(count).await?;
    let fleet = Fleet::start(&crowd.options(RAMP, Duration::ZERO), identities);
    crowd.all_online(&fleet, count).await?;
    let api = Api { origin: crowd.home.origin(), token: crowd.token.clone(), client: http_client()? };
    api.send(reqwest::Method::PATCH, "/organisation", Some(json!({ "approval_threshold": null }))).await?;
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        times.add(&api, count as i64).await?;
    }
    fleet.stop(FAREWELL).await;
    let line = |what, unit, figure, budget| Line { what, unit, figure, yardstick: None, budget, reference: "—" };
    report.add(line("command on the whole crowd, until it is answered", "s", times.answered, None));
    report.add(line("command on the whole crowd, until all have begun", "s", times.begun, Some(Budget::AtMost(10.0))));
    report.add(line("command on the whole crowd, until all have ended", "s", times.ended, None));
    report.add(line("page of that run meanwhile, p95", "ms", times.looked, None));
    Ok(())
}

#[derive(Default)]
struct Times {
    answered: Rounds,
    begun: Rounds,
    ended: Rounds,
    looked: Rounds,
}

impl Times {
    async fn add(&mut self, api: &Api, count: i64) -> anyhow::Result<()> {
        let began = Instant::now();
        let body = json!({ "targets": { "filter": {} }, "what": { "command": "uptime" } });
        let run = api.send(reqwest::Method::POST, "/command-runs", Some(body)).await?;
        self.answered.0.push(began.elapsed().as_secs_f64());
        anyhow::ensure!(run["counts"]["total"] == count, "the run is for {} machines", run["counts"]["total"]);
        let path = format!("/command-runs/{}", run["id"].as_str().unwrap_or_default());
        let (mut looks, mut begun) = (Vec::new(), None);
        loop {
            let asked = Instant::now();
            let run = api.send(reqwest::Method::GET, &path, None).await?;
            looks.push(asked.elapsed().as_secs_f64() * 1e3);
            let at = |status: &str| run["counts"][status].as_i64().unwrap_or(0);
            if at("waiting") + at("queued") + at("offline") == 0 {
                begun.get_or_insert(began.elapsed());
            }
            if at("completed") == count {
                break;
            }
            anyhow::ensure!(at("failed") + at("expired") + at("interrupted") == 0, "some failed: {}", run["counts"]);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.ended.0.push(began.elapsed().as_secs_f64());
        self.begun.0.push(begun.unwrap_or(began.elapsed()).as_secs_f64());
        self.looked.0.push(percentile(looks, 0.95));
        Ok(())
    }
}

struct Api {
    origin: String,
    token: String,
    client: reqwest::Client,
}

impl Api {
    async fn send(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.client.request(method, format!("{}/api{path}", self.origin)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
