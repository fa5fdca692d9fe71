//! Linux: the desktop's notification daemon, asked over D-Bus (freedesktop's Desktop Notifications) on one connection
//! for as long as the app runs. It is listened to from before the first toast on, so that no click is too early.

mod board;
mod line;
mod notification;

use std::time::Duration;

use deskbell_desk::{DeskHandle, DeskRequest, Toast, ToastKey};
use tokio::sync::{mpsc, oneshot};

use self::board::{Board, Slot};
use self::line::{Line, News};
use self::notification::Abilities;
use super::name::act_named;
use super::{Activate, Report, Toaster};

/// How long the notification daemon may take to show a toast.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a toast is gone: its user has put it away.
const DISMISSED: u32 = 2;

/// What the desk wants.
enum Order {
    Show(Toast, Report),
    Withdraw(ToastKey),
    /// Everything, and tell when it is done.
    Leave(oneshot::Sender<()>),
}

/// The toasts of a Linux desktop. One task does what is ordered, one order after the other.
pub(crate) struct Freedesktop {
    desk: DeskHandle,
    orders: mpsc::UnboundedSender<Order>,
}

impl Freedesktop {
    /// Reports to `desk`; `activate` gets the token of a click that opens something, before the desk hears of the click.
    pub(crate) fn new(desk: DeskHandle, activate: Activate) -> Self {
        let (orders, of_desk) = mpsc::unbounded_channel();
        let attendant = Attendant {
            desk: desk.clone(),
            activate,
            board: Board::default(),
            line: None,
            abilities: None,
            token: None,
        };
        tauri::async_runtime::spawn(attendant.run(of_desk));
        Self { desk, orders }
    }
}

impl Toaster for Freedesktop {
    fn show(&mut self, toast: Toast) {
        let report = Report::on(&toast, &self.desk);
        // Where nobody takes orders any more, the report that comes back says so.
        let _ = self.orders.send(Order::Show(toast, report));
    }

    fn withdraw(&mut self, key: ToastKey) {
        let _ = self.orders.send(Order::Withdraw(key));
    }

    fn leave(&mut self) -> oneshot::Receiver<()> {
        let (done, gone) = oneshot::channel();
        let _ = self.orders.send(Order::Leave(done));
        gone
    }
}

/// Stays with the toasts.
struct Attendant {
    desk: DeskHandle,
    activate: Activate,
    board: Board,
    /// `None` until the first toast, and after the bus is gone until the next.
    line: Option<Line>,
    /// What the daemon that runs now can do, once it was asked.
    abilities: Option<Abilities>,
    /// What came with the click that is being told.
    token: Option<(Slot, String)>,
}

impl Attendant {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Show(toast, report)) => self.show(toast, report).await,
                    Some(Order::Withdraw(key)) => self.withdraw(key).await,
                    Some(Order::Leave(done)) => {
                        for key in self.board.open_keys() {
                            self.withdraw(key).await;
                        }
                        // Whoever waits has patience of its own.
                        let _ = done.send(());
                    }
                    None => return,
                },
                news = next(&mut self.line) => match news {
                    Some(news) => self.hear(news).await,
                    None => self.hang_up(),
                },
            }
        }
    }

    async fn show(&mut self, toast: Toast, report: Report) {
        let outcome = self.notify(&toast).await;
        report.is(outcome.map(|slot| self.board.put(toast, slot)));
    }

    /// Has the daemon show `toast`, in place of the one with the same key; says where it is now.
    async fn notify(&mut self, toast: &Toast) -> Result<Slot, String> {
        let replaces = self.board.slot_of_open(toast.key).map_or(0, |slot| slot.id);
        let asked = async {
            let line = connected(&mut self.line).await?;
            let abilities = match &mut self.abilities {
                Some(abilities) => abilities,
                unknown => unknown.insert(Abilities::of(&line.capabilities().await?)),
            };
            line.notify(notification::arguments(toast, replaces, *abilities))
                .await
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(shown) => shown.map_err(|error| line::why(&error)),
            Err(_) => Err(format!(
                "the notification daemon did not answer within {} s",
                PATIENCE.as_secs()
            )),
        }
    }

    async fn withdraw(&mut self, key: ToastKey) {
        let (Some(slot), Some(line)) = (self.board.withdraw(key), &mut self.line) else {
            return;
        };
        match tokio::time::timeout(PATIENCE, line.close(slot.id)).await {
            // A daemon may call it an error that the toast is gone already.
            Ok(Ok(()) | Err(zbus::Error::MethodError(..))) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = line::why(&error), "a toast may have stayed on the screen");
            }
            Err(_) => tracing::warn!(
                "the notification daemon does not answer; a toast may have stayed on the screen"
            ),
        }
    }

    async fn hear(&mut self, news: News) {
        match news {
            News::Token(slot, token) => self.token = Some((slot, token)),
            News::Chosen(slot, action) => self.chosen(&slot, &action),
            News::Closed(slot, reason) => {
                if let Some(key) = self.board.closed(&slot)
                    && reason == DISMISSED
                {
                    crate::ask(&self.desk, DeskRequest::Dismissed(key));
                }
            }
            News::Daemon(owner) => self.daemon_changed(owner.as_deref()).await,
        }
    }

    fn chosen(&mut self, slot: &Slot, action: &str) {
        let token = self.token.take_if(|(clicked, _)| clicked == slot);
        match (self.board.key_of(slot), act_named(action)) {
            (Some(ToastKey::Reservation(id)), Some(act)) => {
                crate::ask(&self.desk, DeskRequest::Acted { id, act });
            }
            (Some(key), None) if action == notification::OPEN => {
                if let Some((_, token)) = token {
                    (self.activate)(token);
                }
                crate::ask(&self.desk, DeskRequest::Clicked(key));
            }
            // Not a toast of ours, or not any more.
            _ => {}
        }
    }

    /// Another daemon knows none of our toasts: those that nobody has answered come back.
    async fn daemon_changed(&mut self, owner: Option<&str>) {
        self.abilities = None;
        let lost = self.board.lost(owner);
        if owner.is_none() {
            return;
        }
        for toast in lost {
            match self.notify(&toast).await {
                Ok(slot) => self.board.put(toast, slot),
                Err(error) => tracing::warn!(error, "a toast did not come back with the notification daemon"),
            }
        }
    }

    /// The bus is gone, and the daemon with it. The next toast looks for another.
    fn hang_up(&mut self) {
        tracing::warn!("the connection to the session bus is lost");
        self.line = None;
        self.abilities = None;
        self.board.lost(None);
    }
}

/// The next news; none ever, while there is no line.
async fn next(line: &mut Option<Line>) -> Option<News> {
    match line {
        Some(line) => line.next().await,
        None => std::future::pending().await,
    }
}

/// The line there is, or a new one.
async fn connected(line: &mut Option<Line>) -> zbus::Result<&mut Line> {
    match line {
        Some(line) => Ok(line),
        none => Ok(none.insert(Line::connect().await?)),
    }
}
