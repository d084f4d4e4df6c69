//! Extractors that answer bad input with problems: what was wrong and where.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::problem::Problem;
use crate::app::AppState;
use crate::platform::auth::identity::Identity;

/// The JSON body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequest<S> for Body<T>
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let asker = request.extensions().get::<Arc<Identity>>().cloned();
        match Json::<Object<T>>::from_request(request, state).await {
            Ok(Json(Object(value))) => still_allowed(&AppState::from_ref(state), asker).await.map(|()| Self(value)),
            Err(JsonRejection::JsonDataError(error)) => Err(Problem::invalid_request(format!(
                "The body is not what is expected here: {}.",
                reason(&error.body_text())
            ))),
            Err(JsonRejection::JsonSyntaxError(error)) => {
                Err(Problem::invalid_request(format!("The body is not valid JSON: {}.", reason(&error.body_text()))))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send the body as application/json.",
            )),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large."))
            }
            Err(_) => Err(Problem::invalid_request("The body could not be read.")),
        }
    }
}

/// A value that is written as an object: its fields in their order are none, though serde would take them for it.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
    }
}

/// A body may take its time: who sends it is asked once more, so that nobody keeps a request open for what they will not be allowed.
async fn still_allowed(app: &AppState, asker: Option<Arc<Identity>>) -> Result<(), Problem> {
    let Some(asker) = asker else { return Ok(()) };
    let now = app.identities.again(&app.db, &asker, app.clock.now()).await?.ok_or_else(Problem::unauthenticated)?;
    if now.grants == asker.grants {
        return Ok(());
    }
    Err(Problem::conflict(
        "access_changed",
        "What you may do has changed while you sent this; nothing was done. Try again.",
    ))
}

/// The part of a rejection's text that speaks of the input.
fn reason(text: &str) -> String {
    // names of our types are nobody's business
    let text = text.split_once(", expected struct").map_or(text, |(before, _)| before);
    let text = text.rsplit_once(": ").map_or(text, |_| text.split_once(": ").map_or(text, |(_, rest)| rest));
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// The path's parameters. An id that is none names nothing: 404.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => {
                Err(Problem::not_found("not_found", "There is nothing at this address."))
            }
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

/// The query string's parameters; unknown ones and bad values are refused.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => Err(Problem::invalid_request(format!(
                "The query is not what is expected here: {}.",
                reason(&error.body_text())
            ))),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}
