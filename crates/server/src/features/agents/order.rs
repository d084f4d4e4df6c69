//! The orders of the list of agents, and the place in each where a page ends.
//!
//! Every order ends in the id, so no two agents share a place. A machine that never reported has a value too (below all
//! others), so that a cursor can stand on it: comparing with null would end the list early.

use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::http::{Cursor, Problem};

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
    pub(super) id: Uuid,
}

impl Sort {
    /// The name, as `agents_page` knows it.
    pub(super) const fn name(self) -> &'static str {
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

impl Order {
    /// The name that cursors carry.
    pub(super) fn name(self) -> String {
        let direction = match self.direction {
            Direction::Asc => "asc",
            Direction::Desc => "desc",
        };
        format!("agents:{}:{direction}", self.sort.name())
    }

    /// The place a cursor of this order names.
    pub(super) fn place(self, cursor: &Cursor) -> Result<Place, Problem> {
        let value = cursor.value.as_deref().and_then(|text| self.sort.parse(text)).ok_or_else(Cursor::invalid)?;
        Ok(Place { value, id: cursor.id })
    }
}

impl Place {
    /// The value, as `agents_page` reads it.
    pub(super) fn text(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Time(time) => time.to_string(),
        }
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
    fn a_place_is_told_as_it_was_named() {
        for (sort, value, text) in [
            (Sort::Name, "web-1", "web-1"),
            (Sort::Cpu, "12.345679", "12.345679"),
            (Sort::Disk, "-1", "-1"),
            (Sort::LastSeen, "1790000000123456", "2026-09-21T14:13:20.123456Z"),
        ] {
            assert_eq!(Place { value: place(sort, Some(value)).unwrap(), id: Uuid::nil() }.text(), text);
        }
    }
}
