//! Windows: the service control manager, through the `windows-service` library.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceControl, ServiceControlAccept,
    ServiceErrorControl, ServiceExitCode, ServiceFailureActions, ServiceFailureResetPeriod, ServiceInfo,
    ServiceStartType, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_service::{define_windows_service, service_dispatcher};

use super::{ServiceError, State};
use crate::{Unsupported, stop};

pub(super) const NAME: &str = "GuruRMMAgent";

const DISPLAY_NAME: &str = "GuruRMM agent";
const DESCRIPTION: &str = "Connects this computer to its GuruRMM server.";

/// How long the manager may take to start or stop it: ending commands takes up to half a minute.
const PATIENCE: Duration = Duration::from_secs(45);
const POLL: Duration = Duration::from_millis(100);

/// Pauses before the agent is started again after a failure; the last one counts for all further failures.
const RESTART_AFTER: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(1)];
const FORGET_FAILURES_AFTER: Duration = Duration::from_hours(1);

const SERVICE_DOES_NOT_EXIST: i32 = 1060;
const SERVICE_ALREADY_RUNNING: i32 = 1056;
const SERVICE_NOT_ACTIVE: i32 = 1062;

/// Below the folder of programs, which only administrators can change.
pub(super) fn place() -> PathBuf {
    crate::paths::program_files().join("GuruRMM").join("gururmm-agent.exe")
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn support() -> Result<(), Unsupported> {
    Ok(())
}

pub(super) fn install(program: &Path, state_dir: Option<&Path>) -> Result<Option<Unsupported>, ServiceError> {
    let refused = refusal("install");
    let manager = ServiceManager::local_computer(
        None::<&str>,
        ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE,
    )
    .map_err(refused)?;
    let info = info(program, state_dir);
    let service = if let Some(service) = open(ServiceAccess::ALL_ACCESS)? {
        stop()?;
        service.change_config(&info).map_err(refused)?;
        service
    } else {
        manager.create_service(&info, ServiceAccess::ALL_ACCESS).map_err(refused)?
    };
    service.set_description(DESCRIPTION).map_err(refused)?;
    start_again_after_failures(&service);
    start().map(|()| None)
}

pub(super) fn definition() -> Result<String, Unsupported> {
    Err(Unsupported::because("the service control manager keeps services in the registry, not in a text"))
}

fn info(program: &Path, state_dir: Option<&Path>) -> ServiceInfo {
    let mut arguments: Vec<OsString> = Vec::new();
    if let Some(folder) = state_dir {
        arguments.extend(["--state-dir".into(), folder.into()]);
    }
    arguments.extend(["service".into(), "run".into()]);
    ServiceInfo {
        name: NAME.into(),
        display_name: DISPLAY_NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: program.into(),
        launch_arguments: arguments,
        dependencies: Vec::new(),
        // LocalSystem: the agent administers the whole machine
        account_name: None,
        account_password: None,
    }
}

/// A manager that cannot do this still runs the service.
fn start_again_after_failures(service: &Service) {
    let restart = |delay| ServiceAction { action_type: ServiceActionType::Restart, delay };
    let actions = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(FORGET_FAILURES_AFTER),
        reboot_msg: None,
        command: None,
        actions: Some(RESTART_AFTER.map(restart).to_vec()),
    };
    let set =
        service.update_failure_actions(actions).and_then(|()| service.set_failure_actions_on_non_crash_failures(true));
    if let Err(error) = set {
        tracing::warn!(%error, "the service is not started again after a failure");
    }
}

pub(super) fn uninstall() -> Result<(), ServiceError> {
    stop()?;
    match open(ServiceAccess::DELETE)? {
        Some(service) => service.delete().map_err(refusal("remove")),
        None => Ok(()),
    }
}

pub(super) fn start() -> Result<(), ServiceError> {
    let service = existing("start", ServiceAccess::START | ServiceAccess::QUERY_STATUS)?;
    match service.start::<&str>(&[]) {
        Err(error) if code(&error) != Some(SERVICE_ALREADY_RUNNING) => return Err(refusal("start")(error)),
        _ => {}
    }
    wait_for(&service, "start", ServiceState::Running)
}

pub(super) fn stop() -> Result<(), ServiceError> {
    let Some(service) = open(ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)? else { return Ok(()) };
    match service.stop() {
        Err(error) if code(&error) != Some(SERVICE_NOT_ACTIVE) => return Err(refusal("stop")(error)),
        _ => {}
    }
    wait_for(&service, "stop", ServiceState::Stopped)
}

pub(super) fn state() -> Result<State, ServiceError> {
    let Some(service) = open(ServiceAccess::QUERY_STATUS)? else { return Ok(State::NotInstalled) };
    let status = service.query_status().map_err(refusal("ask for"))?;
    Ok(if status.current_state == ServiceState::Stopped { State::Stopped } else { State::Running })
}

fn wait_for(service: &Service, action: &'static str, wanted: ServiceState) -> Result<(), ServiceError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = service.query_status().map_err(refusal(action))?;
        if status.current_state == wanted {
            return Ok(());
        }
        let has_ended = wanted == ServiceState::Running && status.current_state == ServiceState::Stopped;
        if has_ended || Instant::now() >= deadline {
            let reason =
                if has_ended { "it ended at once; the files in its folder `logs` say why" } else { "it took too long" };
            return Err(ServiceError::Refused { action, reason: reason.to_owned() });
        }
        thread::sleep(POLL);
    }
}

fn existing(action: &'static str, access: ServiceAccess) -> Result<Service, ServiceError> {
    let missing = || ServiceError::Refused { action, reason: "there is none; install it first".to_owned() };
    open(access)?.ok_or_else(missing)
}

fn open(access: ServiceAccess) -> Result<Option<Service>, ServiceError> {
    let manager =
        ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT).map_err(refusal("open"))?;
    match manager.open_service(NAME, access) {
        Ok(service) => Ok(Some(service)),
        Err(error) if code(&error) == Some(SERVICE_DOES_NOT_EXIST) => Ok(None),
        Err(error) => Err(refusal("open")(error)),
    }
}

fn code(error: &windows_service::Error) -> Option<i32> {
    match error {
        windows_service::Error::Winapi(error) => error.raw_os_error(),
        _ => None,
    }
}

fn refusal(action: &'static str) -> impl Fn(windows_service::Error) -> ServiceError + Copy {
    move |error| {
        let reason = match &error {
            windows_service::Error::Winapi(source) => source.to_string(),
            other => other.to_string(),
        };
        ServiceError::Refused { action, reason }
    }
}

static WORK: OnceLock<fn() -> u8> = OnceLock::new();
static HANDLE: Mutex<Option<ServiceStatusHandle>> = Mutex::new(None);

define_windows_service!(service_main, serve);

pub(super) fn run(work: fn() -> u8) -> Result<(), ServiceError> {
    let _ = WORK.set(work);
    service_dispatcher::start(NAME, service_main).map_err(refusal("run"))
}

/// Called by the service control manager on a thread of its own.
fn serve(_arguments: Vec<OsString>) {
    let handler = |control| match control {
        ServiceControl::Stop | ServiceControl::Shutdown | ServiceControl::Preshutdown => {
            report(ServiceState::StopPending);
            stop::request();
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        _ => ServiceControlHandlerResult::NotImplemented,
    };
    match service_control_handler::register(NAME, handler) {
        Ok(handle) => *lock() = Some(handle),
        Err(error) => return tracing::error!(%error, "the service control manager does not listen"),
    }
    report(ServiceState::StartPending);
    let code = WORK.get().map_or(1, |work| work());
    // nothing may run after this: the manager ends the process
    set(
        ServiceState::Stopped,
        if code == 0 { ServiceExitCode::NO_ERROR } else { ServiceExitCode::ServiceSpecific(code.into()) },
    );
}

/// Tells the service control manager, if it has started us.
pub(crate) fn report(state: ServiceState) {
    set(state, ServiceExitCode::NO_ERROR);
}

fn set(state: ServiceState, exit_code: ServiceExitCode) {
    let is_pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
    let accepts = ServiceControlAccept::STOP | ServiceControlAccept::PRESHUTDOWN;
    let status = ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: if state == ServiceState::Running { accepts } else { ServiceControlAccept::empty() },
        exit_code,
        checkpoint: u32::from(is_pending),
        wait_hint: if is_pending { PATIENCE } else { Duration::ZERO },
        process_id: None,
    };
    if let Some(handle) = *lock()
        && let Err(error) = handle.set_service_status(status)
    {
        tracing::warn!(%error, "the service control manager did not take a status");
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<ServiceStatusHandle>> {
    HANDLE.lock().unwrap_or_else(PoisonError::into_inner)
}
