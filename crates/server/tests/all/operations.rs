//! The operations of the API, as its document names them.

use reqwest::Method;

/// One operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) takes_body: bool,
    /// A permission; `own` for what everybody may do about themselves; `public` for what is open to anybody.
    pub(crate) permission: String,
}

/// All of them.
pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(gururmm_server::app::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let permission = operation["x-permission"].as_str().unwrap_or_else(|| panic!("{id} says x-permission"));
            let (path, takes_body) = (path.clone(), operation.get("requestBody").is_some());
            operations.push(Operation { permission: permission.to_owned(), id, method, path, takes_body });
        }
    }
    assert!(operations.len() > 40, "the document is whole");
    operations
}

impl Operation {
    /// Whether it needs a permission.
    pub(crate) fn needs_permission(&self) -> bool {
        self.permission.contains('.')
    }

    /// Whether anybody may call it.
    pub(crate) fn is_public(&self) -> bool {
        self.permission == "public"
    }

    /// Whether it changes something.
    pub(crate) fn changes(&self) -> bool {
        self.method != Method::GET
            && !["command_run_preview", "schedule_preview", "script_preview"].contains(&self.id.as_str())
    }
}
