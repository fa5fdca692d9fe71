use deskbell_desk::{DeskHandle, DeskRequest, Toast, ToastKey};

/// The desk's question what became of a toast. It is answered once, whatever happens: a report that is dropped, as in a
/// panic, says that the toast did not come through.
pub(super) struct Report {
    desk: DeskHandle,
    key: ToastKey,
    attempt: u64,
    open: bool,
}

impl Report {
    /// The question about `toast`.
    pub(super) fn on(toast: &Toast, desk: &DeskHandle) -> Self {
        Self {
            desk: desk.clone(),
            key: toast.key,
            attempt: toast.attempt,
            open: true,
        }
    }

    /// Answers it. `Err` says why, without a word of the toast's text.
    pub(super) fn is(mut self, outcome: Result<(), String>) {
        self.answer(outcome);
    }

    fn answer(&mut self, outcome: Result<(), String>) {
        self.open = false;
        let (key, attempt) = (self.key, self.attempt);
        crate::ask(
            &self.desk,
            DeskRequest::Rang {
                key,
                attempt,
                outcome,
            },
        );
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if self.open {
            self.answer(Err("whoever was to show it has ended".into()));
        }
    }
}
