//! The shell around the desk: window, tray, toasts, start-up. This file puts it together; the rules are in
//! `deskbell-desk`, which knows nothing of Tauri.

mod arguments;
mod autostart;
#[cfg(test)]
mod bundles;
mod doctor;
mod export;
mod ipc;
mod log;
mod machine;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory;
mod pair;
mod probes;
mod shell;
mod sound;
#[cfg(windows)]
mod terminal;
mod toast;
mod tray;
mod window;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_desk::{Desk, DeskConfig, DeskHandle, DeskRequest, Folders, PolicyPlace, platform_credentials};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};

use crate::arguments::{Arguments, Command};
use crate::shell::TauriShell;
use crate::window::Window;

/// How long the app waits before it starts itself again.
const RESTART_PAUSE: Duration = Duration::from_secs(5);

/// Runs the program: a command of the terminal, or the app.
pub fn main() -> ExitCode {
    #[cfg(windows)]
    terminal::attach();
    let arguments = Arguments::parse();
    // What the doctor finds is its answer; the ways it was found by are not. That it could not even look is told.
    log::start(match arguments.command {
        Some(Command::Doctor { .. }) => "error",
        Some(Command::Pair { .. }) | None => "info",
    });
    // Fails only if a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match arguments.command {
        Some(Command::Pair { server, code }) => pair::run(&server, &code),
        Some(Command::Doctor { json }) => doctor::run(json),
        None => run_app(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A desk of its own, apart from the account's: a demo, a second desk. Names the folder it keeps its files in.
fn own_home() -> Option<PathBuf> {
    std::env::var_os("DESKBELL_HOME").map(PathBuf::from)
}

/// Where settings and state are kept: in the system's places, or in a home of the desk's own.
fn folders() -> anyhow::Result<Folders> {
    if let Some(home) = own_home() {
        return Ok(Folders {
            config: home.join("config"),
            data: home.join("data"),
            policy: policy(),
        });
    }
    let config = dirs::config_dir().context("this account has no configuration folder")?;
    let data = dirs::data_local_dir().context("this account has no data folder")?;
    Ok(Folders {
        config: config.join("deskbell"),
        data: data.join("deskbell"),
        policy: policy(),
    })
}

/// The administrator's decisions, which hold for every home. Only a developer's build can be shown others.
fn policy() -> PolicyPlace {
    match std::env::var_os("DESKBELL_POLICY") {
        Some(path) if cfg!(debug_assertions) => PolicyPlace::File(path.into()),
        Some(_) | None => PolicyPlace::System,
    }
}

/// What this machine is called in its network.
#[cfg(unix)]
fn host_name() -> Option<String> {
    let system = rustix::system::uname();
    system.nodename().to_str().ok().map(str::to_owned)
}

/// What this machine is called in its network.
#[cfg(windows)]
fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// This machine, as the desk sees it.
fn desk_config() -> anyhow::Result<DeskConfig> {
    Ok(DeskConfig {
        folders: folders()?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host_name: host_name(),
        locale: sys_locale::get_locale(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        credentials: platform_credentials(),
    })
}

fn run_app(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (desk, handle) = Desk::new(desk_config()?);
    let (to_first, of_second) = (handle.clone(), handle);
    let first_requests = arguments.requests();
    let commands = ipc::commands();
    let mut context = tauri::generate_context!();
    if let Some(home) = own_home() {
        // A second start finds the first by this name: a desk of its own has one of its own.
        let mut hasher = DefaultHasher::new();
        home.hash(&mut hasher);
        context
            .config_mut()
            .identifier
            .push_str(&format!(".h{:x}", hasher.finish()));
    }

    let app = tauri::Builder::default()
        // From the first: macOS hands a link over before the set-up.
        .manage(to_first.clone())
        // First of all plugins: a second start must end before it does anything.
        .plugin(tauri_plugin_single_instance::init(move |_app, argv, _folder| {
            let second = Arguments::try_parse_from(argv).map(|arguments| arguments.requests());
            ask_all(
                &of_second,
                second.unwrap_or_else(|_| vec![DeskRequest::OpenWindow]),
            );
        }))
        .invoke_handler(commands.invoke_handler())
        .setup(move |app| {
            // A desk with a home of its own starts with no login.
            if own_home().is_none() {
                autostart::mend();
            }
            commands.mount_events(app);
            app.manage(Window::new(app.handle(), to_first.clone()));
            let shell = TauriShell::new(app.handle(), to_first.clone());
            tauri::async_runtime::spawn(attend(desk.run(shell), app.handle().clone()));
            ask_all(&to_first, first_requests);
            machine::watch(to_first);
            Ok(())
        })
        .build(context)?;
    app.run(on_event);
    Ok(ExitCode::SUCCESS)
}

/// Stays with the desk's loop. A bell that has died must not look alive: a panic there starts the whole app anew, and
/// the ledger tells the new one where the old one was.
async fn attend(desk: impl Future<Output = ()> + Send + 'static, app: AppHandle) {
    if tauri::async_runtime::spawn(desk).await.is_err() {
        tracing::error!("the desk panicked; the app starts again");
        // So that one that panics at every start does not keep the machine busy.
        tokio::time::sleep(RESTART_PAUSE).await;
        app.restart();
    }
}

/// The app outlives its window: without one it is in the tray.
fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { .. },
            ..
        } => app.state::<Window>().closing(),
        RunEvent::WindowEvent {
            event: WindowEvent::Destroyed,
            ..
        } => app.state::<Window>().gone(),
        // A click on the Dock icon.
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => ask(&app.state::<DeskHandle>(), DeskRequest::OpenWindow),
        // A link, which macOS hands over in this way also to the app that it has just started for it.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            for url in urls {
                let link = Arguments {
                    hidden: true,
                    link: Some(url.into()),
                    command: None,
                };
                ask_all(&app.state::<DeskHandle>(), link.requests());
            }
        }
        _ => {}
    }
}

fn ask_all(desk: &DeskHandle, requests: Vec<DeskRequest>) {
    for request in requests {
        ask(desk, request);
    }
}

/// Passes a wish on; a desk that has stopped is on its way out, and the wish with it.
fn ask(desk: &DeskHandle, request: impl Into<DeskRequest>) {
    if desk.send(request).is_err() {
        tracing::warn!("the desk has stopped; a request came too late");
    }
}
