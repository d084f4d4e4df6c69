//! Live events as a test hears them.

use std::collections::VecDeque;

use serde_json::Value;
use tokio::time::timeout;

use crate::WAIT_MAX;

/// An open event stream.
pub struct EventStream {
    response: reqwest::Response,
    rest: String,
    events: VecDeque<(String, Value)>,
}

impl EventStream {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Self { response, rest: String::new(), events: VecDeque::new() }
    }

    /// The next event's name and data; `None` when the server has ended the stream.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        timeout(WAIT_MAX, self.read()).await.expect("an event in time")
    }

    /// Without a limit of its own: the server's pings would start it anew.
    async fn read(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let chunk = self.response.chunk().await.ok()??;
            self.rest.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                self.events.extend(parse(event));
                let rest_at = self.rest.len() - rest.len();
                self.rest.drain(..rest_at);
            }
        }
    }

    /// The next event of this name for which `is_it` holds; others are passed over.
    pub async fn wait_for(&mut self, name: &str, mut is_it: impl FnMut(&Value) -> bool) -> Value {
        let waiting = async {
            loop {
                let (found, data) = self.read().await.expect("the stream goes on");
                if found == name && is_it(&data) {
                    return data;
                }
            }
        };
        timeout(WAIT_MAX, waiting).await.unwrap_or_else(|elapsed| panic!("waited in vain for {name}: {elapsed}"))
    }
}

/// An event with its data; none for a comment and for a ping, which only says that the stream lives.
fn parse(event: &str) -> Option<(String, Value)> {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let name = field("event:").filter(|&name| name != "ping")?;
    Some((name.to_owned(), serde_json::from_str(field("data:")?).ok()?))
}
