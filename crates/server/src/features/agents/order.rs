//! The orders of the list of agents, and the place in each where a page ends.
//!
//! Every order ends in the id, so no two agents share a place. A machine that never reported has a value too (below all
//! others), so that a cursor can stand on it: comparing with null would end the list early.

use jiff::Timestamp;
use serde::Deserialize;
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::http::{Cursor, Problem};
use crate::platform::time::Time;

/// What agents are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sort {
    #[default]
    Name,
    Status,
    Os,
    Client,
    Site,
    Cpu,
    Memory,
    Disk,
    LastSeen,
    Enrolled,
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    #[default]
    Asc,
    Desc,
}

/// One order of the list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Order {
    pub(super) sort: Sort,
    pub(super) direction: Direction,
}

/// A cursor's value as what it is compared with: a tampered one must not reach the database as text to be cast.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    Number(f32),
    Time(Timestamp),
}

/// A place in an order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    value: Value,
    id: Uuid,
}

impl Sort {
    const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Status => "status",
            Self::Os => "os",
            Self::Client => "client",
            Self::Site => "site",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::LastSeen => "last_seen",
            Self::Enrolled => "enrolled",
        }
    }

    /// The value in SQL, of `agents a`, `agent_presence p`, `clients c` and `sites s`; never null.
    pub(super) const fn expression(self) -> &'static str {
        match self {
            Self::Name => "a.sort_name",
            Self::Status => "p.status",
            Self::Os => "a.os",
            Self::Client => "lower(c.name)",
            Self::Site => "lower(s.name)",
            Self::Cpu => "coalesce(p.cpu_percent, -1::real)",
            Self::Memory => "coalesce(p.memory_percent, -1::real)",
            Self::Disk => "coalesce(p.disk_percent, -1::real)",
            Self::LastSeen => "coalesce(p.last_seen_at, to_timestamp(0))",
            Self::Enrolled => "a.enrolled_at",
        }
    }

    /// The text of the value `k.value`, from which [`Self::parse`] makes exactly that value again.
    pub(super) const fn text_of_value(self) -> &'static str {
        match self {
            Self::LastSeen | Self::Enrolled => "(extract(epoch from k.value) * 1000000)::bigint::text",
            _ => "k.value::text",
        }
    }

    fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Name | Self::Status | Self::Os | Self::Client | Self::Site => Some(Value::Text(text.to_owned())),
            Self::Cpu | Self::Memory | Self::Disk => text.parse().ok().map(Value::Number),
            // nothing in the list is older than 1970, and PostgreSQL refuses years that a timestamp can name
            Self::LastSeen | Self::Enrolled => text
                .parse()
                .ok()
                .and_then(|micros| Timestamp::from_microsecond(micros).ok())
                .filter(|time| *time >= Timestamp::UNIX_EPOCH)
                .map(Value::Time),
        }
    }
}

impl Direction {
    /// The word in SQL.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

impl Order {
    /// The name that cursors carry.
    pub(super) fn name(self) -> String {
        format!("agents:{}:{}", self.sort.name(), self.direction.word())
    }

    /// The place a cursor of this order names.
    pub(super) fn place(self, cursor: &Cursor) -> Result<Place, Problem> {
        let value = cursor.value.as_deref().and_then(|text| self.sort.parse(text)).ok_or_else(Cursor::invalid)?;
        Ok(Place { value, id: cursor.id })
    }

    /// Adds the condition that a row comes after the place.
    pub(super) fn push_after(self, query: &mut QueryBuilder<Postgres>, place: &Place) {
        query.push(" and (").push(self.sort.expression()).push(", a.id) ");
        query.push(match self.direction {
            Direction::Asc => "> (",
            Direction::Desc => "< (",
        });
        match &place.value {
            Value::Text(text) => query.push_bind(text.clone()),
            Value::Number(number) => query.push_bind(*number),
            Value::Time(time) => query.push_bind(Time(*time)),
        };
        query.push(", ").push_bind(place.id).push(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Sort; 10] = [
        Sort::Name,
        Sort::Status,
        Sort::Os,
        Sort::Client,
        Sort::Site,
        Sort::Cpu,
        Sort::Memory,
        Sort::Disk,
        Sort::LastSeen,
        Sort::Enrolled,
    ];

    fn place(sort: Sort, value: Option<&str>) -> Result<Value, &'static str> {
        let order = Order { sort, direction: Direction::Asc };
        let cursor = Cursor::new(&order.name(), value.map(str::to_owned), Uuid::nil());
        order.place(&cursor).map(|place| place.value).map_err(|problem| problem.code)
    }

    #[test]
    fn every_order_has_its_own_cursors() {
        let names: std::collections::BTreeSet<String> = ALL
            .into_iter()
            .flat_map(|sort| [Direction::Asc, Direction::Desc].map(|direction| Order { sort, direction }.name()))
            .collect();
        assert_eq!(names.len(), 20);
    }

    #[test]
    fn a_cursors_value_becomes_what_it_is_compared_with() {
        assert_eq!(place(Sort::Name, Some("web-1")), Ok(Value::Text("web-1".to_owned())));
        assert_eq!(place(Sort::Cpu, Some("12.345679")), Ok(Value::Number(12.345_679)));
        assert_eq!(place(Sort::Disk, Some("-1")), Ok(Value::Number(-1.0)));
        let time = Timestamp::from_microsecond(1_790_000_000_123_456).unwrap();
        assert_eq!(place(Sort::LastSeen, Some("1790000000123456")), Ok(Value::Time(time)));
        assert_eq!(place(Sort::LastSeen, Some("0")), Ok(Value::Time(Timestamp::UNIX_EPOCH)));
    }

    #[test]
    fn a_tampered_value_is_refused_before_it_reaches_the_database() {
        for sort in ALL {
            assert_eq!(place(sort, None), Err("cursor_invalid"), "{sort:?}");
        }
        for (sort, text) in [
            (Sort::Cpu, "much"),
            (Sort::Memory, ""),
            (Sort::Enrolled, "2026-01-01"),
            (Sort::LastSeen, "9223372036854775807"),
            (Sort::LastSeen, "-300000000000000000"),
            (Sort::Enrolled, "-1"),
        ] {
            assert_eq!(place(sort, Some(text)), Err("cursor_invalid"), "{sort:?} {text}");
        }
    }

    #[test]
    fn the_direction_turns_the_comparison_round() {
        let place = Place { value: Value::Number(1.0), id: Uuid::nil() };
        let sql = |direction| {
            let mut query = QueryBuilder::new("");
            Order { sort: Sort::Cpu, direction }.push_after(&mut query, &place);
            query.sql().as_str().to_owned()
        };
        assert_eq!(sql(Direction::Asc), " and (coalesce(p.cpu_percent, -1::real), a.id) > ($1, $2)");
        assert_eq!(sql(Direction::Desc), " and (coalesce(p.cpu_percent, -1::real), a.id) < ($1, $2)");
    }
}
