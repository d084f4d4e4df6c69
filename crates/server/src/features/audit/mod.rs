use crate::platform::http::routes::{Operations, operations as none};
pub fn operations() -> Operations {
    none()
}
