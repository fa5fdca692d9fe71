//! Whose desk this is: what the folders say of it, pairing and signing out.

use std::time::Duration;

use tokio::sync::oneshot;
use url::Url;

use crate::credentials::CredentialError;
use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::desk::unlock::Lock;
use crate::heard::HeardKey;
use crate::http::Http;
use crate::inbox::Inbox;
use crate::ledger::Ledger;
use crate::link::LinkState;
use crate::managed::{Decided, Policy, PolicyKey, decided_after};
use crate::pairing::{Whose, pair};
use crate::settings::{Settings, SettingsError, SettingsFile};
use crate::source::Source;
use crate::subscription::{Counterpart, GatewayLine, Listener, REFUSED_PAUSE, SubscriptionConfig};
use crate::update::{LinkFault, LinkUpdate, Refusal};
use crate::warning::Warning;
use crate::{DeskConfig, Place, Shell, UserError};

/// How long the app waits at its end for a token to be gone.
const AT_THE_END: Duration = Duration::from_secs(5);

/// How long files that change are left alone: an editor may have emptied one and not filled it again yet.
const STILL: Duration = Duration::from_millis(250);

impl<S: Shell> Running<S> {
    /// Somebody writes into the folders: they are read once that is over.
    pub(super) fn folders_changed(&mut self) {
        self.read_at = Some(self.config.clock.instant() + STILL);
    }

    /// Reads what somebody has written into the folders, once it is time to.
    pub(super) fn read_what_changed(&mut self) {
        if self.read_at.is_some_and(|due| self.is_due(due)) {
            self.read_folders();
        }
    }

    /// Reads settings and token anew, and follows what changed: at the start, and when somebody else wrote them.
    pub(super) fn read_folders(&mut self) {
        self.read_at = None;
        let Decided {
            mut settings,
            fault,
            policy,
            wrong,
            is_unreadable,
        } = decided_after(&self.config.folders, &self.policy);
        self.follow_policy(policy, &wrong, is_unreadable);
        if let Some(error) = &fault {
            tracing::error!(%error, "the settings are wrong");
            // Somebody's slip in the file is no reason to stop the bell; to one that a slip has stopped, the next counts.
            let stopped = matches!(self.settings.source, Source::Wrong(_));
            settings = if stopped || self.settings == Settings::default() {
                self.place_file.stand_in(settings)
            } else {
                self.settings.clone()
            };
        }
        let settings = self.policy.over(settings);
        self.warn_of_settings(fault.as_ref());
        let is_open = settings.source.has_secret() && self.settings_file.is_open_to_others();
        self.warn_if(is_open, Warning::SettingsOpen);
        if fault.is_none() && matches!(settings.source, Source::SocketIo(_)) {
            self.forget_gateway();
        }
        // Another source has no use for a token, and asks no store for it.
        let token = if settings.source == Source::Gateway {
            self.read_token()
        } else {
            self.lock = Lock::None;
            Ok(None)
        };
        if let Err(error) = &token {
            tracing::error!(%error, "the token cannot be read");
        }
        self.warn_if(token.is_err(), Warning::TokenUnusable);
        let token = token.unwrap_or_else(|_| self.token.clone());

        let same_desk = token == self.token && settings.source.tells_the_same(&self.settings.source);
        let same_servers = settings.source == self.settings.source
            && settings.servers == self.settings.servers
            && settings.network == self.settings.network;
        // What was opened while there was no token yet is nobody else's.
        let opened = self.looked.take_if(|_| self.token.is_none());
        self.settings = settings;
        self.token = token;
        self.relocate();
        self.forget_foreign_day();
        if !same_desk {
            self.start_over();
        }
        self.looked = self.looked.take().or(opened);
        if !same_desk || !same_servers {
            self.connect();
        }
    }

    /// Takes over what the administrator has decided.
    fn follow_policy(&mut self, policy: Policy, wrong: &[PolicyKey], is_unreadable: bool) {
        self.warnings
            .retain(|warning| !matches!(warning, Warning::PolicyWrong(_)));
        self.warnings
            .extend(wrong.iter().copied().map(Warning::PolicyWrong));
        self.warn_if(is_unreadable, Warning::PolicyUnreadable);
        self.settings_file = SettingsFile::new(&self.config.folders).where_plain(policy.plain_http());
        self.policy = policy;
        if let Some(on) = self.policy.autostart.filter(|on| *on != self.autostart) {
            self.turn_autostart(on);
        }
    }

    /// Another source counts: a start that cannot read the settings is not to take the gateway of before for it.
    fn forget_gateway(&self) {
        if let Err(error) = self.place_file.forget() {
            tracing::warn!(%error, "the place cannot be removed");
        }
    }

    /// One mistake at a time: the first in the file.
    pub(super) fn warn_of_settings(&mut self, fault: Option<&SettingsError>) {
        self.warnings
            .retain(|warning| !matches!(warning, Warning::SettingsBroken(_)));
        self.warnings
            .extend(fault.map(|fault| Warning::SettingsBroken(fault.mistake())));
    }

    /// Another desk's, or nobody's: nothing of the one before stays on the screen.
    fn start_over(&mut self) {
        let acts = self.bell.forget();
        self.act(acts);
        self.inbox = Inbox::new(self.ledger.as_ref().and_then(Ledger::resume));
        self.hearing = None;
        self.lists.drop_it();
        self.details.drop_it();
        self.looked = None;
        self.look_away();
        self.told_shown = None;
        self.warnings.remove(&Warning::ListsFail);
        let is_paired = self.token.is_some() && self.settings.source == Source::Gateway;
        self.whose = self
            .place_file
            .load()
            .filter(|_| is_paired || self.lock.is_closed());
        self.recall_day();
    }

    pub(super) fn connect(&mut self) {
        let servers = self.servers();
        self.server = match &self.settings.source {
            Source::SocketIo(source) => Some(source.shown_url()),
            Source::Gateway | Source::Wrong(_) => servers.first().cloned(),
        };
        self.http = None;
        self.transport = None;
        let since = self.now();
        self.deaf(since);
        self.link = match self.settings.source {
            Source::Wrong(mistake) => LinkState::Refused(Refusal::Setting(mistake)),
            Source::Gateway if self.lock.is_closed() => LinkState::Connecting { since },
            Source::Gateway if self.token.is_none() || servers.is_empty() => LinkState::Unpaired,
            Source::Gateway | Source::SocketIo(_) => LinkState::Connecting { since },
        };
        self.subscribe();
    }

    /// Whom the desk talks to, in the order in which they are tried.
    fn servers(&self) -> Vec<Url> {
        match &self.settings.source {
            Source::Gateway => self.settings.servers.clone(),
            Source::SocketIo(source) => vec![source.url.clone()],
            Source::Wrong(_) => Vec::new(),
        }
    }

    /// What a subscription needs; `None` while there is nobody to talk to.
    pub(super) fn subscription_config(&mut self) -> Option<SubscriptionConfig> {
        let servers = self.servers();
        if servers.is_empty() {
            return None;
        }
        let to = match &self.settings.source {
            Source::Gateway => Counterpart::Gateway(GatewayLine {
                servers: servers.clone(),
                token: self.token.clone()?,
            }),
            Source::SocketIo(source) => {
                let source = (**source).clone();
                Counterpart::SocketIo(Box::new(Listener {
                    source,
                    key: self.heard_key(),
                }))
            }
            Source::Wrong(_) => return None,
        };
        if self.http.is_none() {
            match Http::new(&self.config.version, &self.settings.network, &servers) {
                Ok(http) => self.http = Some(http),
                Err(error) => {
                    tracing::error!(%error, "no HTTP client can be made");
                    // A certificate's file may lie on a share that comes later than the app.
                    self.restart_at = Some(self.config.clock.instant() + REFUSED_PAUSE);
                    self.link = match error.mistake() {
                        Some(mistake) => LinkState::Refused(Refusal::Setting(mistake)),
                        None => self
                            .link
                            .after(&LinkUpdate::Lost(LinkFault::Internal), self.now()),
                    };
                }
            }
        }
        Some(SubscriptionConfig {
            to,
            version: self.config.version.clone(),
            http: self.http.clone()?,
            clock: self.config.clock.clone(),
            entropy: self.config.entropy.clone(),
        })
    }

    /// Looked for once: one that the disk does not keep is the same for as long as the app runs.
    pub(super) fn heard_key(&mut self) -> HeardKey {
        if let Some(key) = &self.heard_key {
            return key.clone();
        }
        let now = self.now();
        let (key, kept) = HeardKey::of(&self.config.folders, &*self.config.entropy, now);
        if let Err(error) = &kept {
            tracing::error!(%error, "the key of the source cannot be kept");
        }
        self.warn_if(kept.is_err(), Warning::KeyNotKept);
        self.heard_key.insert(key).clone()
    }

    /// The gateway says whose desk this is: kept for a start without it.
    pub(super) fn remember_whose(&mut self, whose: Whose) {
        if self.whose.as_ref() != Some(&whose) {
            if let Err(error) = self.place_file.keep(&whose) {
                tracing::warn!(%error, "the place cannot be written down");
            }
            self.whose = Some(whose);
        }
    }

    /// Pairs beside the loop; one pairing at a time, the latest counts.
    pub(super) fn start_pairing(
        &mut self,
        server: String,
        code: String,
        reply: oneshot::Sender<Result<(), UserError>>,
    ) {
        self.pair_reply = Some(reply);
        let config = DeskConfig {
            locale: Some(self.language().code().to_owned()),
            ..self.config.clone()
        };
        self.spawn(Part::Pairing, async move {
            Done::Paired(pair(&config, &server, &code).await)
        });
    }

    pub(super) fn paired(&mut self, outcome: Result<Place, UserError>) {
        if outcome.is_ok() {
            self.offered = None;
            self.read_folders();
        }
        if let Some(reply) = self.pair_reply.take() {
            // The window that asked may be gone.
            let _ = reply.send(outcome.map(|_| ()));
        }
    }

    /// Forgets the token. The ledger stays: should this PC come back to the same hospital, nothing rings twice.
    pub(super) fn sign_out(&mut self) {
        self.stay_signed_out();
        let gateway = self.gateway();
        let kept = self.vault.file.read();
        let forgotten = self.vault.file.forget().and_then(|()| self.place_file.forget());
        if let Err(error) = &forgotten {
            tracing::error!(%error, "the token cannot be removed");
        }
        self.read_folders();
        self.warn_if(forgotten.is_err(), Warning::TokenUnusable);
        if forgotten.is_ok() {
            let vault = self.vault.clone();
            self.spawn(Part::Forgetting, async move {
                let removed = match kept {
                    Ok(Some(kept)) => vault.remove(kept).await,
                    Ok(None) | Err(_) => Ok(()),
                };
                // Whoever finds the token somewhere is not to get in by it; the hospital can also revoke the desk.
                if let Some(gateway) = gateway
                    && let Err(error) = gateway.sign_out().await
                {
                    tracing::warn!(%error, "the gateway was not told that this desk is signed out");
                }
                Done::Forgotten(removed)
            });
        }
    }

    /// Waits for a moment until a token that is nobody's any more is gone: no later run would look for it.
    pub(super) async fn forget_before_the_end(&mut self) {
        let gone = async {
            while self.parts.values().any(|part| *part == Part::Forgetting) {
                let Some(done) = self.tasks.join_next_with_id().await else {
                    break;
                };
                self.finish(done);
            }
        };
        if tokio::time::timeout(AT_THE_END, gone).await.is_err() {
            tracing::warn!("the app ends before the token is gone everywhere");
        }
    }

    /// A token that stays behind is read by nobody; it is told, since a person meant it to be gone.
    pub(super) fn token_forgotten(&mut self, outcome: Result<(), CredentialError>) {
        if let Err(error) = outcome {
            tracing::error!(%error, "the token stays in the credential store");
            self.warnings.insert(Warning::TokenUnusable);
        }
    }
}
