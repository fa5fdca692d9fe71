//! Linux: logind and `NetworkManager` on the system bus, the screen saver on the session's. A machine without them is no
//! error: a lean PC has neither.

use std::collections::HashMap;

use deskbell_desk::{DeskHandle, DeskRequest};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use zbus::message::Type;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, Message, MessageStream, fdo};

const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_MANAGER: &str = "org.freedesktop.login1.Manager";
const LOGIND_SESSION: &str = "org.freedesktop.login1.Session";
const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// `NM_CONNECTIVITY_FULL`: a login page, if there was one, has been passed.
const CONNECTED: u32 = 4;

/// Something that a bus has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    /// The machine woke, or is in another network.
    Woke,
    /// logind counts the session as locked, or no longer.
    Locked(bool),
    /// A screen saver covers the screen, or no longer.
    Covered(bool),
}

/// Tells `desk` from now on.
pub(crate) fn watch(desk: DeskHandle) {
    let (facts, told) = mpsc::unbounded_channel();
    let of_session = facts.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = of_system(Connection::system().await, facts).await {
            tracing::info!(%error, "the system bus tells nothing of sleep, network and lock");
        }
    });
    tauri::async_runtime::spawn(async move {
        if let Err(error) = screen_saver(Connection::session().await, of_session).await {
            tracing::info!(%error, "the session bus tells nothing of the screen saver");
        }
    });
    tauri::async_runtime::spawn(pass_on(told, desk));
}

/// The session is locked when either says so.
async fn pass_on(mut facts: mpsc::UnboundedReceiver<Fact>, desk: DeskHandle) {
    let (mut locked, mut covered) = (false, false);
    while let Some(fact) = facts.recv().await {
        let before = locked || covered;
        match fact {
            Fact::Woke => crate::ask(&desk, DeskRequest::Woke),
            Fact::Locked(is_locked) => locked = is_locked,
            Fact::Covered(is_covered) => covered = is_covered,
        }
        if before != (locked || covered) {
            crate::ask(&desk, DeskRequest::SessionLocked(locked || covered));
        }
    }
}

async fn of_system(bus: zbus::Result<Connection>, facts: mpsc::UnboundedSender<Fact>) -> zbus::Result<()> {
    let bus = bus?;
    let signal = |sender, interface, member| -> zbus::Result<_> {
        MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(sender)?
            .interface(interface)?
            .member(member)
    };
    let mut rules = vec![
        signal(LOGIND, LOGIND_MANAGER, "PrepareForSleep")?.build(),
        signal(NETWORK_MANAGER, PROPERTIES, "PropertiesChanged")?
            .path("/org/freedesktop/NetworkManager")?
            .build(),
    ];
    let session = session(&bus).await;
    if let Ok(session) = &session {
        let changed = signal(LOGIND, PROPERTIES, "PropertiesChanged")?;
        rules.push(changed.path(session.as_ref())?.build());
    }
    follow(&bus, rules, of_system_signal, facts).await
}

/// The session that the app runs in.
async fn session(bus: &Connection) -> zbus::Result<OwnedObjectPath> {
    let manager = zbus::Proxy::new(bus, LOGIND, "/org/freedesktop/login1", LOGIND_MANAGER).await?;
    // A desktop that starts its apps as services names the session; elsewhere this process is in it.
    match std::env::var("XDG_SESSION_ID") {
        Ok(id) => manager.call("GetSession", &(id,)).await,
        Err(_) => manager.call("GetSessionByPID", &(0_u32,)).await,
    }
}

async fn screen_saver(bus: zbus::Result<Connection>, facts: mpsc::UnboundedSender<Fact>) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .member("ActiveChanged")?
        .build();
    follow(&bus?, vec![rule], of_screen_saver, facts).await
}

/// Passes on what `bus` tells by signals that match one of `rules`, until it is gone.
async fn follow(
    bus: &Connection,
    rules: Vec<MatchRule<'_>>,
    understood: impl Fn(&Message) -> Option<Fact>,
    facts: mpsc::UnboundedSender<Fact>,
) -> zbus::Result<()> {
    let mut messages = MessageStream::from(bus);
    let daemon = fdo::DBusProxy::new(bus).await?;
    for rule in rules {
        daemon.add_match_rule(rule).await?;
    }
    while let Some(message) = messages.next().await {
        if facts.is_closed() {
            break;
        }
        if let Some(fact) = message.ok().as_ref().and_then(&understood) {
            // The receiver is there until the app ends.
            let _ = facts.send(fact);
        }
    }
    Ok(())
}

type Changed = (String, HashMap<String, OwnedValue>, Vec<String>);

fn of_system_signal(message: &Message) -> Option<Fact> {
    let (header, body) = (message.header(), message.body());
    match header.member()?.as_str() {
        // True before the machine sleeps, false after.
        "PrepareForSleep" => (!body.deserialize::<bool>().ok()?).then_some(Fact::Woke),
        "PropertiesChanged" => {
            let (interface, mut changed, _): Changed = body.deserialize().ok()?;
            match interface.as_str() {
                LOGIND_SESSION => {
                    let locked = changed.remove("LockedHint")?;
                    Some(Fact::Locked(locked.try_into().ok()?))
                }
                NETWORK_MANAGER => is_other_network(changed).then_some(Fact::Woke),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A network was entered, or one that was there has begun to reach further. Having lost one is nothing to hurry for.
fn is_other_network(mut changed: HashMap<String, OwnedValue>) -> bool {
    let connection: Option<OwnedObjectPath> = changed
        .remove("PrimaryConnection")
        .and_then(|connection| connection.try_into().ok());
    let connectivity: Option<u32> = changed
        .remove("Connectivity")
        .and_then(|connectivity| connectivity.try_into().ok());
    connection.is_some_and(|connection| connection.as_str() != "/") || connectivity == Some(CONNECTED)
}

/// Each desktop has one of its own name: `org.gnome.ScreenSaver`, `org.freedesktop.ScreenSaver`, ….
fn of_screen_saver(message: &Message) -> Option<Fact> {
    let header = message.header();
    let is_one = header.interface()?.as_str().ends_with(".ScreenSaver")
        && header.member()?.as_str() == "ActiveChanged";
    let covers = message.body().deserialize().ok().filter(|_| is_one)?;
    Some(Fact::Covered(covers))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    use zbus::connection::Builder;
    use zbus::names::OwnedBusName;
    use zbus::zvariant::{ObjectPath, Value};

    use super::*;

    /// A bus of the test's own.
    struct Bus {
        daemon: Child,
        address: String,
    }

    impl Bus {
        fn start() -> Self {
            let mut daemon = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--nopidfile", "--print-address"])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut address = String::new();
            BufReader::new(daemon.stdout.take().unwrap())
                .read_line(&mut address)
                .unwrap();
            let address = address.trim().to_owned();
            Self { daemon, address }
        }

        async fn connect(&self) -> zbus::Result<Connection> {
            Builder::address(self.address.as_str())?.build().await
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }

    /// logind and `NetworkManager`, as far as they are listened to.
    struct Services {
        bus: Connection,
    }

    struct Logind;

    #[zbus::interface(name = "org.freedesktop.login1.Manager")]
    impl Logind {
        #[zbus(name = "GetSessionByPID")]
        fn session_by_pid(&self, _process: u32) -> OwnedObjectPath {
            ObjectPath::from_static_str_unchecked(SESSION).into()
        }

        fn get_session(&self, _id: String) -> OwnedObjectPath {
            ObjectPath::from_static_str_unchecked(SESSION).into()
        }
    }

    const SESSION: &str = "/org/freedesktop/login1/session/_31";

    impl Services {
        async fn start(bus: &Bus) -> Self {
            let bus = Builder::address(bus.address.as_str())
                .unwrap()
                .name(LOGIND)
                .unwrap()
                .name(NETWORK_MANAGER)
                .unwrap()
                .serve_at("/org/freedesktop/login1", Logind)
                .unwrap()
                .build()
                .await
                .unwrap();
            Self { bus }
        }

        async fn sleeps(&self, begins: bool) {
            self.bus
                .emit_signal(
                    None::<OwnedBusName>,
                    "/org/freedesktop/login1",
                    LOGIND_MANAGER,
                    "PrepareForSleep",
                    &(begins,),
                )
                .await
                .unwrap();
        }

        async fn changed(&self, path: &str, interface: &str, property: &str, value: Value<'_>) {
            let none: &[&str] = &[];
            let changed = HashMap::from([(property, value)]);
            self.bus
                .emit_signal(
                    None::<OwnedBusName>,
                    path,
                    PROPERTIES,
                    "PropertiesChanged",
                    &(interface, changed, none),
                )
                .await
                .unwrap();
        }

        async fn network(&self, property: &str, value: Value<'_>) {
            self.changed(
                "/org/freedesktop/NetworkManager",
                NETWORK_MANAGER,
                property,
                value,
            )
            .await;
        }
    }

    async fn next(told: &mut mpsc::UnboundedReceiver<Fact>) -> Fact {
        tokio::time::timeout(Duration::from_secs(20), told.recv())
            .await
            .unwrap()
            .unwrap()
    }

    /// Emits until something comes: nobody tells when the rules stand.
    async fn first(services: &Services, told: &mut mpsc::UnboundedReceiver<Fact>) {
        loop {
            services.sleeps(false).await;
            if let Ok(fact) = tokio::time::timeout(Duration::from_millis(50), told.recv()).await {
                assert_eq!(fact, Some(Fact::Woke));
                break;
            }
        }
        // Those emitted in vain, but not too early.
        services.network("Connectivity", Value::from(1_u32)).await;
        while let Ok(fact) = tokio::time::timeout(Duration::from_millis(200), told.recv()).await {
            assert_eq!(fact, Some(Fact::Woke));
        }
    }

    #[tokio::test]
    async fn waking_another_network_and_the_lock_are_told_and_nothing_else() {
        let bus = Bus::start();
        let services = Services::start(&bus).await;
        let (facts, mut told) = mpsc::unbounded_channel();
        tokio::spawn(of_system(bus.connect().await, facts));
        first(&services, &mut told).await;
        // Going to sleep, losing the network, and a session of somebody else's are nothing.
        services.sleeps(true).await;
        services
            .network(
                "PrimaryConnection",
                ObjectPath::from_static_str_unchecked("/").into(),
            )
            .await;
        services.network("State", Value::from(70_u32)).await;
        services
            .changed(
                "/org/freedesktop/login1/session/_32",
                LOGIND_SESSION,
                "LockedHint",
                Value::from(true),
            )
            .await;
        services
            .changed(SESSION, LOGIND_SESSION, "LockedHint", Value::from(true))
            .await;
        assert_eq!(next(&mut told).await, Fact::Locked(true));
        services.sleeps(false).await;
        assert_eq!(next(&mut told).await, Fact::Woke);
        services
            .network(
                "PrimaryConnection",
                ObjectPath::from_static_str_unchecked("/org/freedesktop/NetworkManager/ActiveConnection/2")
                    .into(),
            )
            .await;
        assert_eq!(next(&mut told).await, Fact::Woke);
        services.network("Connectivity", Value::from(CONNECTED)).await;
        assert_eq!(next(&mut told).await, Fact::Woke);
        services
            .changed(SESSION, LOGIND_SESSION, "LockedHint", Value::from(false))
            .await;
        assert_eq!(next(&mut told).await, Fact::Locked(false));
    }

    #[tokio::test]
    async fn any_desktops_screen_saver_is_told() {
        let bus = Bus::start();
        let (facts, mut told) = mpsc::unbounded_channel();
        let saver = bus.connect().await.unwrap();
        tokio::spawn(screen_saver(bus.connect().await, facts));
        let covers = async |interface: &str, active: bool| {
            saver
                .emit_signal(
                    None::<OwnedBusName>,
                    "/ScreenSaver",
                    interface,
                    "ActiveChanged",
                    &(active,),
                )
                .await
                .unwrap();
        };
        loop {
            covers("org.gnome.ScreenSaver", true).await;
            if let Ok(fact) = tokio::time::timeout(Duration::from_millis(50), told.recv()).await {
                assert_eq!(fact, Some(Fact::Covered(true)));
                break;
            }
        }
        covers("org.example.Other", false).await;
        covers("org.freedesktop.ScreenSaver", false).await;
        let mut last = next(&mut told).await;
        while last == Fact::Covered(true) {
            last = next(&mut told).await;
        }
        assert_eq!(last, Fact::Covered(false));
    }

    #[tokio::test]
    async fn a_machine_without_such_a_bus_is_no_error() {
        let (facts, _told) = mpsc::unbounded_channel();
        let nowhere = Builder::address("unix:path=/nowhere/bus").unwrap().build().await;
        assert!(of_system(nowhere, facts).await.is_err());
        // Nobody to ask, on a bus that is there.
        let bus = Bus::start();
        let (facts, told) = mpsc::unbounded_channel();
        drop(told);
        let following = tokio::spawn(of_system(bus.connect().await, facts));
        drop(bus);
        let ended = tokio::time::timeout(Duration::from_secs(20), following).await;
        assert!(ended.is_ok(), "it waits for a bus that is gone");
    }
}
