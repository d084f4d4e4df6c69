//! The REST API as a test speaks it.

use gururmm_simulator::http_client;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::events::EventStream;

/// Pages of a list before it counts as endless.
const PAGES_MAX: usize = 100;

/// A client with or without a token.
#[derive(Clone)]
pub struct ApiClient {
    http: reqwest::Client,
    origin: String,
    /// The bearer token.
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl ApiClient {
    /// A client of the server at `origin`.
    pub fn new(origin: &str, token: Option<String>) -> Self {
        Self { http: http_client().expect("an HTTP client"), origin: origin.to_owned(), token }
    }

    /// `GET /api{path}`
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, &format!("/api{path}"), None).await
    }

    /// `POST /api{path}`
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, &format!("/api{path}"), Some(body)).await
    }

    /// `PUT /api{path}`
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, &format!("/api{path}"), Some(body)).await
    }

    /// `PATCH /api{path}`
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, &format!("/api{path}"), Some(body)).await
    }

    /// `DELETE /api{path}`
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, &format!("/api{path}"), None).await
    }

    /// Every row of the list at `path`, read in pages of `limit` rows.
    ///
    /// Fails the test when a page holds another number of rows than it should, or when the list does not end.
    pub async fn all(&self, path: &str, limit: usize) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{separator}limit={limit}{after}")).await.ok();
            let items = page["items"].as_array().expect("a page has items");
            rows.extend(items.iter().cloned());
            let Some(next) = page["next"].as_str() else {
                assert!(items.len() <= limit, "{} rows on a page of {limit} of {path}", items.len());
                return rows;
            };
            assert_eq!(items.len(), limit, "a page of {path} that is not the last is not full");
            after = format!("&after={next}");
        }
        panic!("{path} does not end: the last rows are {:?}", &rows[rows.len().saturating_sub(limit)..]);
    }

    /// Any request; the path is whole.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Self::answer(request).await
    }

    /// A request to be finished by the caller.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request that the caller has finished.
    pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("the answer can be read");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json }
    }

    /// Listens to live events; `query` such as `?watch_command=…`.
    pub async fn events(&self, query: &str) -> EventStream {
        let response = self
            .request(Method::GET, &format!("/api/events{query}"))
            .timeout(std::time::Duration::from_mins(10))
            .send()
            .await
            .expect("the server answers");
        assert_eq!(response.status(), StatusCode::OK, "the stream opens");
        EventStream::new(response)
    }
}

impl Answer {
    /// The body of a 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        self.with(StatusCode::OK)
    }

    /// The body of a 201.
    #[track_caller]
    pub fn created(self) -> Value {
        self.with(StatusCode::CREATED)
    }

    /// The body of a 202.
    #[track_caller]
    pub fn accepted(self) -> Value {
        self.with(StatusCode::ACCEPTED)
    }

    /// A 204.
    #[track_caller]
    pub fn no_content(self) {
        self.with(StatusCode::NO_CONTENT);
    }

    /// The problem of a refusal: status and code as expected, and well-formed.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            self.headers.get("content-type").and_then(|value| value.to_str().ok()),
            Some("application/problem+json"),
            "{}",
            self.text
        );
        let json = self.with(StatusCode::from_u16(status).expect("a status"));
        assert_eq!(json["code"], code, "{json}");
        assert_eq!(json["status"], status, "{json}");
        assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{json}");
        assert!(json["request_id"].is_string(), "{json}");
        json
    }

    #[track_caller]
    fn with(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }
}
