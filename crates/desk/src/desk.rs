//! The one loop that owns what the desk knows. Everything reaches it as a message; it alone calls the shell.

mod act;
mod around;
mod belong;
mod draw;
mod early;
mod enrol;
mod export;
mod fetch;
mod follow;
mod handle;
mod lease;
mod listen;
mod machine;
mod obey;
mod own_changes;
mod quiet;
mod recall;
mod staff;
mod tasks;
mod tell;
#[cfg(test)]
mod tests;
mod unlock;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Entropy, Instant, Timestamp};
use deskbell_protocol::Position;
use jiff::civil::Date;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinSet};
use url::Url;

use crate::bell::Bell;
use crate::credentials::{Credentials, Token, Vault};
use crate::desk::around::Around;
use crate::desk::early::Early;
use crate::desk::enrol::{Enrolment, SignedOutFile};
use crate::desk::fetch::{Fetch, Looked};
use crate::desk::follow::{Followed, Offered};
use crate::desk::handle::Wishes;
use crate::desk::lease::Lease;
use crate::desk::machine::PcClock;
use crate::desk::own_changes::OwnChanges;
use crate::desk::recall::Recall;
use crate::desk::tasks::{Done, Part};
use crate::desk::unlock::Lock;
use crate::folder_watch::FolderWatch;
use crate::heard::HeardKey;
use crate::hearing::Hearing;
use crate::http::Http;
use crate::hush::Pause;
use crate::inbox::Inbox;
use crate::ledger::Ledger;
use crate::ledger_file::LedgerFile;
use crate::link::LinkState;
use crate::managed::Policy;
use crate::nonces::Nonces;
use crate::pairing::{PlaceFile, Whose};
use crate::recent::Recent;
use crate::settings::{Settings, SettingsFile};
use crate::source::Source;
use crate::subscription::Subscription;
use crate::update::Update;
use crate::warning::Warning;
use crate::{DeskHandle, DeskRequest, Folders, Language, Screen, Shell, Transport, TrayMenu, UserError};

/// So many messages are taken in before the shell is told what came of them.
const BATCH: usize = 256;

/// The longest sleep of the loop.
const DAY: Duration = Duration::from_hours(24);

/// Its longest sleep where only the PC's clock says what day it is, and somebody may set that.
const LOOK_UP: Duration = Duration::from_secs(60);

/// What a desk needs to know of the machine it runs on.
#[derive(Clone)]
pub struct DeskConfig {
    /// Where the app keeps its files.
    pub folders: Folders,
    /// The app's version, told to the gateway.
    pub version: String,
    /// The machine's name, by which a desk that enrols itself is known.
    pub host_name: Option<String>,
    /// The system's locale, such as `ko_KR.UTF-8`; it decides the language until somebody chooses one.
    pub locale: Option<String>,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// The machine's randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The platform's store of secrets.
    pub credentials: Arc<dyn Credentials>,
}

/// The desktop without a screen, not started yet.
pub struct Desk {
    config: DeskConfig,
    requests: mpsc::UnboundedReceiver<DeskRequest>,
}

impl Desk {
    /// A desk and the handle that reaches it. Touches neither disk nor network.
    #[must_use]
    pub fn new(config: DeskConfig) -> (Self, DeskHandle) {
        let (handle, requests) = DeskHandle::channel();
        (Self { config, requests }, handle)
    }

    /// Runs the desk in front of `shell` until somebody quits, or until nobody can reach it any more.
    ///
    /// Needs a tokio runtime with I/O and time, a rustls provider installed for the process, and a panic hook that
    /// prints no panic's text: a part that panics does not end the desk, and its text may quote a patient's data.
    pub async fn run(self, shell: impl Shell) {
        Running::start(self.config, shell).run(self.requests).await;
    }
}

/// A desk at work.
struct Running<S> {
    config: DeskConfig,
    shell: S,
    settings_file: SettingsFile,
    settings: Settings,
    /// The administrator's part in the settings.
    policy: Policy,
    enrolment: Enrolment,
    signed_out: SignedOutFile,
    vault: Vault,
    lock: Lock,
    /// Whether the token was to move where it belongs in this run.
    relocated: bool,
    /// `None` also while the store that has it is closed.
    token: Option<Token>,
    place_file: PlaceFile,
    /// `None` where the system has no watch to give.
    watch: Option<FolderWatch>,
    whose: Option<Whose>,
    /// The server that is talked to, or tried; nothing secret in it.
    server: Option<Url>,
    http: Option<Http>,
    /// What reservations without a name are recognised by; `None` until a source needs it.
    heard_key: Option<HeardKey>,

    ledger_file: LedgerFile,
    ledger: Option<Ledger>,
    inbox: Inbox,
    bell: Bell,
    recall: Recall,
    /// What was decided lately, and why.
    recent: Recent,
    pause: Option<Pause>,
    /// Whether the session is locked.
    locked: bool,
    /// When something that nobody has handled rings again, or when that is to be looked at anew.
    repeat_at: Option<Instant>,
    link: LinkState,
    /// How events travel, while there is a link.
    transport: Option<Transport>,
    /// What a source without a log could not bring; `None` before it was heard for the first time, and of a gateway.
    hearing: Option<Hearing>,
    /// The day that the lists were last seen to be of.
    day: Option<Date>,
    subscription: Option<Subscription>,
    /// The subscription's task; another one's end is of no interest.
    subscription_task: Option<Id>,
    /// When a subscription that failed, or could not be made, is started again.
    restart_at: Option<Instant>,
    /// When the folders are read again, because somebody has written into them.
    read_at: Option<Instant>,
    /// What the gateway knows to be decided.
    told_shown: Option<Position>,

    tasks: JoinSet<Done>,
    parts: HashMap<Id, Part>,
    lists: Fetch,
    details: Fetch,
    looked: Option<Looked>,
    pair_reply: Option<oneshot::Sender<Result<(), UserError>>>,

    wishes: Wishes,
    /// What a press has started the app for.
    early: Vec<Early>,
    own_changes: OwnChanges,
    lease: Lease,
    nonces: Nonces,
    followed: Followed,
    /// A pairing that a link has asked for and nobody has answered.
    offered: Option<Offered>,
    /// Another day that somebody looks at.
    other_day: Option<Around>,
    arrivals: Option<Around>,

    autostart: bool,
    pc_clock: PcClock,
    /// When a tray that does not come is given up.
    tray_missed_at: Option<Instant>,
    /// Somebody wants to see the settings.
    on_settings: bool,
    warnings: BTreeSet<Warning>,
    drawn: Option<TrayMenu>,
    shown: Option<Screen>,
}

impl<S: Shell> Running<S> {
    /// A desk that has read its folders, and has watched them since before: what somebody else writes is noticed,
    /// however early.
    fn start(config: DeskConfig, shell: S) -> Self {
        let mut desk = Self::new(config, shell);
        match FolderWatch::new(&desk.config.folders) {
            Ok(watch) => desk.watch = Some(watch),
            Err(error) => {
                tracing::warn!(%error, "the folders cannot be watched");
                desk.warnings.insert(Warning::FoldersUnwatched);
            }
        }
        desk.read_folders();
        desk
    }

    /// A desk that knows its ledger and nothing else.
    fn new(config: DeskConfig, shell: S) -> Self {
        let folders = &config.folders;
        let now = config.clock.now();
        let mut warnings = BTreeSet::new();
        let (ledger_file, ledger_broken) = LedgerFile::open(folders, now);
        if ledger_broken {
            warnings.insert(Warning::LedgerBroken);
        }
        let ledger = ledger_file.saved().cloned();
        Self {
            settings_file: SettingsFile::new(folders),
            settings: Settings::default(),
            policy: Policy::default(),
            enrolment: Enrolment::default(),
            signed_out: SignedOutFile::new(folders),
            vault: Vault::new(folders, config.credentials.clone(), config.entropy.clone()),
            lock: Lock::None,
            relocated: false,
            token: None,
            place_file: PlaceFile::new(folders),
            watch: None,
            whose: None,
            server: None,
            http: None,
            heard_key: None,
            inbox: Inbox::new(ledger.as_ref().and_then(Ledger::resume)),
            ledger_file,
            ledger,
            bell: Bell::default(),
            recall: Recall::of(folders),
            recent: Recent::default(),
            pause: None,
            locked: false,
            repeat_at: None,
            link: LinkState::Unpaired,
            transport: None,
            hearing: None,
            day: None,
            subscription: None,
            subscription_task: None,
            restart_at: None,
            read_at: None,
            told_shown: None,
            tasks: JoinSet::new(),
            parts: HashMap::new(),
            lists: Fetch::default(),
            details: Fetch::default(),
            looked: None,
            pair_reply: None,
            wishes: Wishes::default(),
            early: Vec::new(),
            own_changes: OwnChanges::default(),
            lease: Lease::default(),
            nonces: Nonces::open(folders),
            followed: Followed::default(),
            offered: None,
            other_day: None,
            arrivals: None,
            autostart: shell.autostart(),
            pc_clock: PcClock::new(&*config.clock),
            tray_missed_at: None,
            on_settings: false,
            warnings,
            drawn: None,
            shown: None,
            config,
            shell,
        }
    }

    async fn run(mut self, mut requests: mpsc::UnboundedReceiver<DeskRequest>) {
        loop {
            self.settle();
            let wait = self.next_wait();
            let go_on = tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.obey(request),
                    None => false,
                },
                update = next_update(&mut self.subscription) => {
                    self.hear(update);
                    true
                }
                Some(done) = self.tasks.join_next_with_id() => {
                    self.finish(done);
                    true
                }
                Some(()) = next_change(&mut self.watch) => {
                    self.folders_changed();
                    true
                }
                () = tokio::time::sleep(wait) => true,
            };
            if !go_on || !self.take_in_the_rest(&mut requests) {
                break;
            }
        }
        self.settle();
        self.keep_day_for_the_next_start().await;
        self.forget_before_the_end().await;
        self.shell.quit();
    }

    /// A burst is taken in whole before anything is written or drawn; `false` when somebody quits.
    fn take_in_the_rest(&mut self, requests: &mut mpsc::UnboundedReceiver<DeskRequest>) -> bool {
        for _ in 0..BATCH {
            let request = requests.try_recv().ok();
            let update = self.subscription.as_mut().and_then(Subscription::try_next);
            if request.is_none() && update.is_none() {
                break;
            }
            if let Some(update) = update {
                self.hear(Some(update));
            }
            if request.is_some_and(|request| !self.obey(request)) {
                return false;
            }
        }
        true
    }

    fn next_wait(&self) -> Duration {
        let now = self.config.clock.instant();
        let longest = match self.settings.source {
            Source::SocketIo(_) => LOOK_UP,
            // Nothing to wait for but messages.
            Source::Gateway | Source::Wrong(_) => DAY,
        };
        let until_tomorrow = self.inbox.clock().map(|clock| clock.until_tomorrow(self.now()));
        [
            self.told_at(),
            self.hush_changes_at(),
            self.lists.retry_at(),
            self.details.retry_at(),
            self.restart_at,
            self.read_at,
            self.renewal_due(),
            self.early_due(),
            self.own_changes.next_end(now),
            self.around_retry_at(),
            self.lock.due(),
            self.recall.due(),
            self.enrolment.due(),
            self.tray_missed_at,
        ]
        .into_iter()
        .flatten()
        .map(|due| due.saturating_since(now))
        .chain(until_tomorrow)
        .fold(longest, Duration::min)
    }

    fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    fn is_due(&self, due: Instant) -> bool {
        self.config.clock.instant() >= due
    }

    /// The gateway's time, as far as it is known.
    fn server_time(&self) -> Timestamp {
        let now = self.now();
        self.inbox.clock().map_or(now, |clock| clock.server_time(now))
    }

    fn language(&self) -> Language {
        self.settings
            .language
            .unwrap_or_else(|| Language::of_locale(self.config.locale.as_deref()))
    }

    /// Says whether `warning` holds.
    fn warn_if(&mut self, wrong: bool, warning: Warning) {
        if wrong {
            self.warnings.insert(warning);
        } else {
            self.warnings.remove(&warning);
        }
    }
}

async fn next_update(subscription: &mut Option<Subscription>) -> Option<Update> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}

async fn next_change(watch: &mut Option<FolderWatch>) -> Option<()> {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}
