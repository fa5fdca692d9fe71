//! The token: in the credential store, in its file, and on the way between the two.

use std::sync::Arc;

use tempfile::TempDir;

use super::fake_shell::{Bench, FakeShell, folders};
use crate::credentials::{Kept, Token, TokenFile, Vault};
use crate::fake_credentials::{FakeCredentials, Mood};
use crate::fake_gateway::{CODE, FakeGateway, Log, install_provider};
use crate::samples::pc;
use crate::settings::{Chosen, SettingsFile};
use crate::{DeskConfig, DeskRequest, Link, pair};

fn vault(folder: &TempDir, credentials: &FakeCredentials) -> Vault {
    let config = pc(folder);
    Vault::new(&config.folders, Arc::new(credentials.clone()), config.entropy)
}

fn kept(folder: &TempDir) -> Option<Kept> {
    TokenFile::new(&folders(folder)).read().unwrap()
}

fn in_file(token: &str) -> Option<Kept> {
    Some(Kept::Here(Token::new(token)))
}

/// A PC whose token, for a gateway that nobody answers at, is where `settings` and `credentials` let it be.
pub(super) async fn paired(credentials: &FakeCredentials) -> TempDir {
    install_provider();
    let folder = tempfile::tempdir().unwrap();
    SettingsFile::new(&folders(&folder))
        .choose(&Chosen::Servers(vec!["http://127.0.0.1:9/".parse().unwrap()]))
        .unwrap();
    vault(&folder, credentials)
        .keep(Token::new("secret"), true)
        .await
        .unwrap();
    folder
}

pub(super) fn start(folder: TempDir, credentials: &FakeCredentials) -> Bench {
    Bench::with(folder, FakeShell::default(), Arc::new(credentials.clone()))
}

/// Waits for the next part that ran beside the loop.
pub(super) async fn next(bench: &mut Bench) {
    let done = bench.desk.tasks.join_next_with_id().await.unwrap();
    bench.desk.finish(done);
    bench.desk.settle();
}

fn token(bench: &Bench) -> Option<&str> {
    bench.desk.token.as_ref().map(Token::as_str)
}

#[tokio::test]
async fn a_token_in_its_file_moves_into_the_store_once_there_is_one() {
    let credentials = FakeCredentials::in_mood(Mood::Away);
    let folder = paired(&credentials).await;
    assert_eq!(kept(&folder), in_file("secret"));
    credentials.set_mood(Mood::Open);

    let mut bench = start(folder, &credentials);
    assert_eq!(token(&bench), Some("secret"), "the bell does not wait for it");
    until(&mut bench, |bench| bench.desk.lock.day_key().is_some()).await;
    let Some(Kept::InStore(name)) = kept(&bench.folder) else {
        panic!("it stays in the file")
    };
    assert_eq!(credentials.names(), [name]);
    assert_eq!(token(&bench), Some("secret"));
    let text = std::fs::read_to_string(folders(&bench.folder).data.join("token")).unwrap();
    assert!(!text.contains("secret"));

    let mut bench = start(bench.folder, &credentials);
    assert_eq!(token(&bench), None);
    assert!(matches!(bench.shell.screen().link, Link::Connecting { .. }));
    until(&mut bench, |bench| bench.desk.lock.day_key().is_some()).await;
    assert_eq!(token(&bench), Some("secret"));
}

/// Nobody answers at the gateway, and what its tries come to is not of interest.
pub(super) fn unplug(bench: &mut Bench) {
    bench.desk.subscription = None;
    bench.desk.subscription_task = None;
}

/// Takes in what ends beside the loop until something holds.
pub(super) async fn until(bench: &mut Bench, holds: impl Fn(&Bench) -> bool) {
    unplug(bench);
    while !holds(bench) {
        next(bench).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_locked_silent_or_forgetful_leaves_the_token_in_its_file() {
    for mood in [Mood::Away, Mood::Locked, Mood::Hanging, Mood::Forgetful] {
        let credentials = FakeCredentials::in_mood(mood);
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(&folder, &credentials);
        let (said, secret) = vault.keep(Token::new("secret"), true).await.unwrap();
        assert_eq!(Some(said), in_file("secret"), "{mood:?}");
        assert_eq!(kept(&folder), in_file("secret"), "{mood:?}");
        assert_eq!(secret.day_key, None, "{mood:?}");
        let moved = vault
            .relocate(kept(&folder).unwrap(), Token::new("secret"), true)
            .await;
        assert!(moved.unwrap().is_none(), "{mood:?}");
        assert_eq!(kept(&folder), in_file("secret"), "{mood:?}");
        credentials.set_mood(Mood::Open);
    }
}

#[tokio::test]
async fn the_file_decides_and_what_the_store_has_left_over_is_nobodys() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = paired(&credentials).await;
    let left_over = credentials.names();
    TokenFile::new(&folders(&folder))
        .keep(&Kept::Here(Token::new("newer")))
        .unwrap();
    let vault = vault(&folder, &credentials);
    assert_eq!(vault.token().await, Ok(Some(Token::new("newer"))));
    let bench = start(folder, &credentials);
    assert_eq!(token(&bench), Some("newer"));
    assert_eq!(credentials.names()[..1], left_over[..1]);
}

#[tokio::test]
async fn a_pairing_that_comes_while_the_token_moves_is_not_undone() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(&folder, &credentials);
    vault.file.keep(&Kept::Here(Token::new("newer"))).unwrap();
    let moved = vault
        .relocate(Kept::Here(Token::new("older")), Token::new("older"), true)
        .await;
    assert!(moved.unwrap().is_none());
    assert_eq!(kept(&folder), in_file("newer"));
    assert_eq!(credentials.names(), [""; 0]);
}

#[tokio::test]
async fn a_locked_store_is_told_and_asked_again_when_somebody_opens_the_window() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = paired(&credentials).await;
    credentials.set_mood(Mood::Locked);
    let mut bench = start(folder, &credentials);
    next(&mut bench).await;
    assert!(
        matches!(bench.shell.screen().link, Link::Refused { reason } if reason.contains("키링")),
        "not as one that is not paired"
    );
    credentials.set_mood(Mood::Open);
    bench.obey(DeskRequest::OpenWindow);
    next(&mut bench).await;
    assert_eq!(token(&bench), Some("secret"));
    assert!(matches!(bench.shell.screen().link, Link::Connecting { .. }));
}

#[tokio::test]
async fn a_store_that_waits_for_a_person_is_told_while_it_waits() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = paired(&credentials).await;
    credentials.set_mood(Mood::Hanging);
    let mut bench = start(folder, &credentials);
    bench.clock.advance(std::time::Duration::from_secs(6));
    bench.desk.settle();
    assert!(matches!(bench.shell.screen().link, Link::Refused { .. }));
    credentials.set_mood(Mood::Open);
    next(&mut bench).await;
    assert_eq!(token(&bench), Some("secret"));
}

#[tokio::test]
async fn an_entry_that_somebody_removed_is_told() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = paired(&credentials).await;
    credentials.clear();
    let mut bench = start(folder, &credentials);
    next(&mut bench).await;
    assert_eq!(bench.shell.screen().link, Link::Unpaired);
    assert!(bench.shell.screen().warnings[0].contains("연결 정보"));
}

#[tokio::test]
async fn the_settings_can_keep_the_token_out_of_the_store() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = paired(&credentials).await;
    let settings = folders(&folder).config.join("settings.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("credentials = \"file\"\n{text}")).unwrap();
    let mut bench = start(folder, &credentials);
    until(&mut bench, |_| credentials.names().is_empty()).await;
    assert_eq!(kept(&bench.folder), in_file("secret"));
    assert_eq!(token(&bench), Some("secret"));
}

#[tokio::test]
async fn pairing_anew_and_signing_out_leave_nothing_in_the_store() {
    install_provider();
    let gateway = FakeGateway::start(&Log::new()).await;
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = tempfile::tempdir().unwrap();
    let config = DeskConfig {
        credentials: Arc::new(credentials.clone()),
        ..pc(&folder)
    };
    for _ in 0..2 {
        pair(&config, gateway.url().as_str(), CODE).await.unwrap();
        assert!(matches!(kept(&folder), Some(Kept::InStore(_))));
        assert_eq!(credentials.names().len(), 1);
    }
    let mut bench = start(folder, &credentials);
    next(&mut bench).await;
    bench.obey(DeskRequest::SignOut);
    until(&mut bench, |_| credentials.names().is_empty()).await;
    assert_eq!(kept(&bench.folder), None);
    assert_eq!(bench.shell.screen().link, Link::Unpaired);
}
