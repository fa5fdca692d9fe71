use axum::Router;
use tokio::net::TcpListener;

use super::*;
use crate::credentials::TokenFile;
use crate::fake_gateway::{CODE, FakeGateway, Log, install_provider};
use crate::samples::pc;

fn in_language(folder: &tempfile::TempDir, locale: &str) -> DeskConfig {
    DeskConfig {
        locale: Some(locale.to_owned()),
        ..pc(folder)
    }
}

async fn try_code(server: &str, code: &str) -> Result<Place, UserError> {
    let folder = tempfile::tempdir().unwrap();
    pair(&pc(&folder), server, code).await
}

fn code_of(outcome: Result<Place, UserError>) -> ErrorCode {
    outcome.unwrap_err().code
}

#[tokio::test]
async fn a_code_pairs_and_what_it_gave_is_kept() {
    let gateway = FakeGateway::start(&Log::new()).await;
    let folder = tempfile::tempdir().unwrap();
    let folders = pc(&folder).folders;
    let place = pair(&pc(&folder), &gateway.address.to_string(), &format!(" {CODE} "))
        .await
        .unwrap();
    assert_eq!(place.paired.as_ref().unwrap().hospital, "한빛의원");
    assert_eq!(place.server, gateway.url());
    let (settings, fault) = SettingsFile::new(&folders).load();
    assert!(fault.is_none());
    assert_eq!(settings.servers, [gateway.url()]);
    assert!(TokenFile::new(&folders).read().unwrap().is_some());
    assert_eq!(
        PlaceFile::new(&folders).load().unwrap().desk.name,
        place.paired.unwrap().desk
    );
}

#[tokio::test]
async fn each_way_to_fail_has_its_code() {
    let gateway = FakeGateway::start(&Log::new()).await;
    let server = gateway.url().to_string();
    for (code, expected) in [
        ("wrong", ErrorCode::CodeRefused),
        ("  ", ErrorCode::CodeRefused),
        ("many", ErrorCode::TooManyTries),
        ("broken", ErrorCode::ServerFailed),
    ] {
        assert_eq!(code_of(try_code(&server, code).await), expected, "{code}");
    }
    assert_eq!(
        code_of(try_code("http://192.0.2.1", CODE).await),
        ErrorCode::PlainHttp
    );
    assert_eq!(code_of(try_code("", CODE).await), ErrorCode::NotAnAddress);
    gateway.stop().await;
    assert_eq!(code_of(try_code(&server, CODE).await), ErrorCode::Unreachable);
}

#[tokio::test]
async fn another_program_at_the_address_is_no_gateway() {
    install_provider();
    for answer in ["<html>welcome</html>", "{\"token\":1}"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let page = Router::new().route(
            "/v1/desks",
            axum::routing::post(move || async move { (axum::http::StatusCode::CREATED, answer) }),
        );
        tokio::spawn(async move { axum::serve(listener, page).await });
        assert_eq!(code_of(try_code(&address, CODE).await), ErrorCode::NotDeskbell);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, Router::<()>::new()).await });
    assert_eq!(code_of(try_code(&address, CODE).await), ErrorCode::NotDeskbell);
}

#[tokio::test]
async fn a_bad_settings_file_is_found_before_the_code_is_spent() {
    let folder = tempfile::tempdir().unwrap();
    let folders = pc(&folder).folders;
    std::fs::create_dir_all(&folders.config).unwrap();
    std::fs::write(folders.config.join("settings.toml"), "=").unwrap();
    let outcome = pair(&in_language(&folder, "en_GB"), "http://127.0.0.1:9", CODE).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.code, ErrorCode::SettingsBroken);
    assert!(error.message.starts_with("The settings file"));
}

#[tokio::test]
async fn a_pc_that_listens_to_another_server_spends_no_code() {
    let gateway = FakeGateway::start(&Log::new()).await;
    let folder = tempfile::tempdir().unwrap();
    let folders = pc(&folder).folders;
    std::fs::create_dir_all(&folders.config).unwrap();
    let settings = "[source]\nkind = \"socketio\"\nurl = \"https://a.example\"\ntimezone = \"Asia/Seoul\"\n";
    std::fs::write(folders.config.join("settings.toml"), settings).unwrap();
    let outcome = pair(&in_language(&folder, "ko_KR"), gateway.url().as_str(), CODE).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.code, ErrorCode::AnotherSource);
    assert!(error.message.contains("[source]"), "{error}");
    assert!(TokenFile::new(&folders).read().unwrap().is_none());
    std::fs::remove_file(folders.config.join("settings.toml")).unwrap();
    assert!(pair(&pc(&folder), gateway.url().as_str(), CODE).await.is_ok());
}

#[test]
fn a_gateway_cannot_send_a_desk_to_a_plain_address() {
    let url = |text| Url::parse(text).unwrap();
    let told = [url("http://192.0.2.7:8787"), url("https://b.example")];
    let servers = servers_to_try(&told, &url("https://a.example/"), PlainHttp::Here);
    assert_eq!(servers, [url("https://b.example/"), url("https://a.example/")]);
}
