//! A moment, the same type in SQL, JSON and OpenAPI.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

/// A moment in UTC: `timestamptz` in SQL (microseconds), RFC 3339 in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub Timestamp);

impl Time {
    /// As PostgreSQL keeps it, to the microsecond.
    pub fn stored(now: Timestamp) -> Self {
        Self(Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now))
    }

    /// The same moment, or the beginning of 1970 when it is before: PostgreSQL refuses years that RFC 3339 can name, and nothing
    /// in the database is that old.
    #[must_use]
    pub fn since_1970(self) -> Self {
        Self(self.0.max(Timestamp::UNIX_EPOCH))
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp)
    }
}

impl Type<Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        <jiff_sqlx::Timestamp as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Time {
    fn array_type_info() -> PgTypeInfo {
        <jiff_sqlx::Timestamp as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Time {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <jiff_sqlx::Timestamp as Encode<'_, Postgres>>::encode_by_ref(&self.0.into(), buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Time {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        <jiff_sqlx::Timestamp as Decode<'r, Postgres>>::decode(value).map(|time| Self(time.to_jiff()))
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::schema!(Timestamp).into()
    }
}

impl utoipa::ToSchema for Time {}
