//! The library of scripts: saved, versioned, approved, run on machines, taken out and put back as files.
//!
//! Owns the tables `scripts` and `script_versions`. Scripts are of the organisation as a whole: seen by whoever may see scripts anywhere, changed by
//! who may in the organisation. What a version says never changes; of a script at most one version is *approved*, and that is the one that
//! runs. Another one runs only for who could run any text there (`commands.run`). What they run are runs of commands like any other; a value
//! of a parameter reaches the program as a variable and is never a part of a text (`gururmm_scripts`).

mod api;
mod db;
mod edit;
mod machine;
mod model;
mod run;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub(crate) use model::sha256;
pub(crate) use run::{Use, find_use, is_approved};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::script_list, api::create::script_create))
        .routes(routes!(api::import::script_import))
        .routes(routes!(api::import_starter::script_import_starter))
        .routes(routes!(api::get::script_get, api::update::script_update))
        .routes(routes!(api::version_list::script_version_list, api::version_create::script_version_create))
        .routes(routes!(api::file::script_file))
        .routes(routes!(api::approve::script_approve))
        .routes(routes!(api::withdraw::script_withdraw))
}
