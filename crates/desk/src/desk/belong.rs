//! Whose desk this is: what the folders say of it, pairing and signing out.

use tokio::sync::oneshot;

use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::gateway::Http;
use crate::inbox::Inbox;
use crate::link::LinkState;
use crate::pairing::{Whose, pair};
use crate::settings::Settings;
use crate::subscription::SubscriptionConfig;
use crate::update::LinkFault;
use crate::warning::Warning;
use crate::{Place, Shell, UserError};

impl<S: Shell> Running<S> {
    /// Reads settings and token anew, and follows what changed: at the start, and when somebody else wrote them.
    pub(super) fn read_folders(&mut self) {
        let (mut settings, fault) = self.settings_file.load();
        if let Some(error) = &fault {
            tracing::error!(%error, "the settings are wrong");
            // Somebody's slip in the file is no reason to stop the bell.
            if self.settings != Settings::default() {
                settings = self.settings.clone();
            } else if settings.servers.is_empty() {
                settings.servers = self
                    .place_file
                    .load()
                    .map(|whose| whose.servers)
                    .unwrap_or_default();
            }
        }
        self.warn_if(fault.is_some(), Warning::SettingsBroken);
        let token = self.credentials.token();
        if let Err(error) = &token {
            tracing::error!(%error, "the token cannot be read");
        }
        self.warn_if(token.is_err(), Warning::TokenUnusable);
        let token = token.unwrap_or_else(|_| self.token.clone());

        let same_desk = token == self.token;
        let same_servers = settings.servers == self.settings.servers;
        self.settings = settings;
        self.token = token;
        if !same_desk {
            self.start_over();
        }
        if !same_desk || !same_servers {
            self.connect();
        }
    }

    /// Another desk's, or nobody's: nothing of the one before stays on the screen.
    fn start_over(&mut self) {
        let acts = self.bell.forget();
        self.act(acts);
        self.inbox = Inbox::new(
            self.ledger
                .as_ref()
                .map(|ledger| (ledger.hospital(), ledger.cursor().clone())),
        );
        self.lists.drop_it();
        self.details.drop_it();
        self.looked = None;
        self.told_shown = None;
        self.warnings.remove(&Warning::ListsFail);
        self.whose = self.place_file.load().filter(|_| self.token.is_some());
    }

    fn connect(&mut self) {
        self.server = self.settings.servers.first().cloned();
        self.http = None;
        if self.token.is_none() || self.server.is_none() {
            self.link = LinkState::Unpaired;
        } else {
            self.link = LinkState::Connecting { since: self.now() };
        }
        self.subscribe();
    }

    /// What a subscription needs; `None` while there is nobody to talk to.
    pub(super) fn subscription_config(&mut self) -> Option<SubscriptionConfig> {
        let token = self.token.clone()?;
        if self.settings.servers.is_empty() {
            return None;
        }
        if self.http.is_none() {
            match Http::new(&self.config.version, &self.settings.servers) {
                Ok(http) => self.http = Some(http),
                Err(error) => {
                    tracing::error!(%error, "no HTTP client can be made");
                    self.link = LinkState::Offline {
                        since: self.now(),
                        fault: LinkFault::Internal,
                    };
                }
            }
        }
        Some(SubscriptionConfig {
            servers: self.settings.servers.clone(),
            token,
            version: self.config.version.clone(),
            http: self.http.clone()?,
            clock: self.config.clock.clone(),
            entropy: self.config.entropy.clone(),
        })
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
        let (folders, language) = (self.config.folders.clone(), self.language());
        self.spawn(Part::Pairing, async move {
            Done::Paired(pair(&folders, Some(language.code()), &server, &code).await)
        });
    }

    pub(super) fn paired(&mut self, outcome: Result<Place, UserError>) {
        if outcome.is_ok() {
            self.read_folders();
        }
        if let Some(reply) = self.pair_reply.take() {
            // The window that asked may be gone.
            let _ = reply.send(outcome.map(|_| ()));
        }
    }

    /// Forgets the token. The ledger stays: should this PC come back to the same hospital, nothing rings twice.
    pub(super) fn sign_out(&mut self) {
        let forgotten = self.credentials.forget().and_then(|()| self.place_file.forget());
        if let Err(error) = &forgotten {
            tracing::error!(%error, "the token cannot be removed");
        }
        self.read_folders();
        self.warn_if(forgotten.is_err(), Warning::TokenUnusable);
    }
}
