//! What the page may ask, and the shapes in which it is told: the one room that knows the type generator.
//!
//! Its TypeScript stands in `ui/src/lib/ipc/bindings.ts`; a test fails when that is stale.

mod bell;
mod choosing;
mod doctor;
mod handling;
mod history;
mod link;
mod lists;
mod looking;
mod notifications;
mod opened;
mod outside;
mod pairing;
mod picture;
mod reservation;
mod settings;
mod wish;

pub(crate) use picture::Views;

use picture::InboxView;
use tauri_specta::{collect_commands, collect_events};

/// The commands and events of the page.
pub(crate) fn commands() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::new()
        // One type per shape: what is sent is what is read.
        .disable_serde_phases()
        .commands(collect_commands![
            picture::screen,
            pairing::pair,
            pairing::answer_pair_offer,
            pairing::use_own_server,
            looking::open_reservation,
            looking::close_reservation,
            handling::claim,
            handling::release,
            handling::set_status,
            handling::undo,
            handling::set_staff,
            looking::look_at,
            looking::show_arrivals,
            outside::export_day,
            choosing::set_autostart,
            choosing::set_language,
            choosing::set_theme,
            choosing::set_letter_keys,
            choosing::set_toast_detail,
            choosing::set_notifications,
            choosing::pause,
            choosing::test_toast,
            doctor::doctor,
            outside::quit,
            pairing::sign_out,
            choosing::close_settings,
            outside::note_print,
            outside::print_page,
            outside::set_fullscreen,
        ])
        .events(collect_events![InboxView])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use specta_typescript::Typescript;

    use super::*;

    /// Writes the bindings anew with `DESKBELL_WRITE_BINDINGS=1 cargo test -p deskbell bindings`.
    #[test]
    fn the_bindings_of_the_page_are_not_stale() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/ipc/bindings.ts");
        let header = "// Generated from src-tauri/src/ipc.rs; see the test there.\n/* eslint-disable */\n";
        if std::env::var_os("DESKBELL_WRITE_BINDINGS").is_some() {
            commands()
                .export(Typescript::default().header(header), &kept)
                .unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("bindings.ts");
        commands()
            .export(Typescript::default().header(header), &fresh)
            .unwrap();
        let [kept, fresh] = [kept, fresh].map(|file| std::fs::read_to_string(file).unwrap());
        assert!(
            kept == fresh,
            "stale: run DESKBELL_WRITE_BINDINGS=1 cargo test -p deskbell bindings"
        );
    }
}
