//! Through a proxy, to a server whose certificate the hospital has signed itself.

use rcgen::CertificateParams;

use super::fake_shell::folders;
use super::wire::App;
use crate::fake_gateway::{CODE, FakeGateway, Log};
use crate::fake_tls::{Authority, Proxy};
use crate::samples::pc;
use crate::settings::{Chosen, SettingsFile};
use crate::{DeskRequest, History, ToastKey, pair};

#[tokio::test]
async fn pairing_lists_details_and_the_link_go_through_the_proxy_and_trust_the_ca_file() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    let authority = Authority::new();
    let certificate = CertificateParams::new(vec!["bell.hospital.example".to_owned()]).unwrap();
    let secured = authority.before(gateway.address, &certificate).await;
    let proxy = Proxy::start(secured).await;
    let (config, ca_file) = (folders(&folder).config, authority.file());
    std::fs::create_dir_all(&config).unwrap();
    let network = format!(
        "[network]\nproxy = \"http://{}\"\nca_file = {:?}\n",
        proxy.address,
        ca_file.path().display().to_string()
    );
    std::fs::write(config.join("settings.toml"), network).unwrap();

    let url = "https://bell.hospital.example";
    pair(&pc(&folder), url, CODE).await.unwrap();
    assert_eq!(proxy.carried(), 1, "the pairing");
    // The gateway told its own address too, which needs no proxy.
    SettingsFile::new(&folders(&folder))
        .choose(&Chosen::Servers(vec![url.parse().unwrap()]))
        .unwrap();
    let app = App::start(&folder);
    app.is_live().await;
    log.post(1);
    let own = ToastKey::Reservation(crate::samples::id(1));
    app.until("the toast", |shell| shell.toasts() == [own]).await;
    app.send(DeskRequest::Clicked(own));
    app.until("the history", |shell| {
        shell.sees(|screen| {
            screen
                .opened
                .as_ref()
                .is_some_and(|opened| matches!(opened.history, History::Ready(_)))
        })
    })
    .await;
    assert!(
        proxy.carried() >= 5,
        "link, two lists and details: {}",
        proxy.carried()
    );
    app.quit().await;
}
