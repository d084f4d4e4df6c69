pub(super) mod get;
pub(super) mod platform_create;
pub(super) mod platform_list;
pub(super) mod platform_update;
pub(super) mod update;
