//! The shell around the desk: window, tray, toasts, start-up. This file puts it together; the rules are in
//! `deskbell-desk`, which knows nothing of Tauri.

mod arguments;
mod ipc;
mod log;
mod pair;
mod shell;
mod toast;
mod tray;
mod windows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_desk::{Desk, DeskConfig, DeskHandle, DeskRequest, Folders};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};
use tauri_plugin_autostart::MacosLauncher;

use crate::arguments::{Arguments, Command};

/// Runs the program: a command of the terminal, or the app.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start();
    // Fails only if a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match arguments.command {
        Some(Command::Pair { server, code }) => pair::run(&server, &code),
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

/// Where settings and state are kept: in the system's places, or below `DESKBELL_HOME` (a demo, a second desk).
fn folders() -> anyhow::Result<Folders> {
    if let Some(home) = std::env::var_os("DESKBELL_HOME").map(PathBuf::from) {
        return Ok(Folders {
            config: home.join("config"),
            data: home.join("data"),
        });
    }
    let config = dirs::config_dir().context("this account has no configuration folder")?;
    let data = dirs::data_local_dir().context("this account has no data folder")?;
    Ok(Folders {
        config: config.join("deskbell"),
        data: data.join("deskbell"),
    })
}

fn run_app(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (desk, handle) = Desk::new(DeskConfig {
        folders: folders()?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        locale: sys_locale::get_locale(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    });
    let (to_first, of_second) = (handle.clone(), handle.clone());
    let first_requests = arguments.requests();
    let commands = ipc::commands();

    let app = tauri::Builder::default()
        // First of all plugins: a second start must end before it does anything.
        .plugin(tauri_plugin_single_instance::init(move |_app, argv, _folder| {
            let second = Arguments::try_parse_from(argv).map(|arguments| arguments.requests());
            ask_all(
                &of_second,
                second.unwrap_or_else(|_| vec![DeskRequest::OpenWindow]),
            );
        }))
        .plugin(tauri_plugin_autostart::init(
            MacosLauncher::LaunchAgent,
            Some(vec!["--hidden"]),
        ))
        .invoke_handler(commands.invoke_handler())
        .setup(move |app| {
            commands.mount_events(app);
            app.manage(to_first.clone());
            let shell = shell::TauriShell::new(app.handle(), to_first.clone());
            tauri::async_runtime::spawn(desk.run(shell));
            ask_all(&to_first, first_requests);
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(move |app, event| on_event(app, event, &handle));
    Ok(ExitCode::SUCCESS)
}

/// The app outlives its window: without one it is in the tray.
fn on_event(_app: &AppHandle, event: RunEvent, desk: &DeskHandle) {
    match event {
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::WindowEvent {
            event: WindowEvent::Destroyed,
            ..
        } => ask(desk, DeskRequest::WindowClosed),
        // A click on the Dock icon.
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => ask(desk, DeskRequest::OpenWindow),
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
