use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::{AckError, Frame};
use crate::Args;

/// Places that a queue without anything in it keeps.
const IDLE_PLACES: usize = 4;

/// What waits to be written to a connection, in order.
pub(super) enum Item {
    /// A frame of the socket with this number; skipped if the socket has gone.
    Frame { socket: u32, frame: Frame },
    /// An event of a socket that wants an ack.
    Question(Box<Question>),
    /// The answer to an event of a socket.
    Answer(Box<Answer>),
    /// Put the socket with this number out of its namespace.
    Leave { socket: u32 },
    /// Close the connection.
    Finish,
}

/// An event that wants an ack.
pub(super) struct Question {
    /// The number of the socket.
    pub(super) socket: u32,
    pub(super) name: String,
    pub(super) args: Args,
    /// How long the ack may take.
    pub(super) timeout: Duration,
    pub(super) answer: oneshot::Sender<Result<Args, AckError>>,
}

/// An answer that a client waits for.
pub(super) struct Answer {
    /// The number of the socket.
    pub(super) socket: u32,
    /// What the client called the question.
    pub(super) id: u64,
    pub(super) args: Args,
}

/// The sending end of a connection's queue.
pub(super) struct Queue {
    capacity: usize,
    state: Mutex<State>,
    /// An item was taken, or none will be any more.
    taken: Notify,
}

#[derive(Default)]
struct State {
    items: VecDeque<Entry>,
    /// Items among them that could wait.
    patient: usize,
    /// Answers among them.
    answers: usize,
    cut: bool,
    over: bool,
    reader: Option<Waker>,
}

/// The receiving end; with it, the queue is over.
pub(super) struct Items(Arc<Queue>);

struct Entry {
    item: Item,
    patient: bool,
}

/// What the receiving end has to do.
pub(super) enum Next {
    Item(Item),
    /// The connection ends without regard to what is queued.
    Cut,
}

/// The connection's task has ended, or was just told to.
#[derive(Debug)]
pub(super) struct Over;

impl Queue {
    /// A queue for `capacity` items, or 1.
    pub(super) fn new(capacity: usize) -> (Arc<Self>, Items) {
        let queue = Arc::new(Self {
            capacity: capacity.max(1),
            state: Mutex::default(),
            taken: Notify::new(),
        });
        (Arc::clone(&queue), Items(queue))
    }

    /// Waits for room. What can wait takes half of the queue at most, so that a replay at full speed leaves room for what
    /// cannot.
    pub(super) async fn push(&self, item: Item) -> Result<(), Over> {
        let share = self.capacity.div_ceil(2);
        self.until(
            |state| state.over || (state.patient < share && state.counted() < self.capacity),
            |state| {
                let entry = Entry { item, patient: true };
                state.patient += 1;
                state.push(entry)
            },
        )
        .await
    }

    /// Does not wait: without room, the connection is cut.
    pub(super) fn try_push(&self, item: Item) -> Result<(), Over> {
        let mut state = self.state();
        if state.counted() >= self.capacity {
            state.cut = true;
            state.wake();
            return Err(Over);
        }
        state.push(Entry { item, patient: false })
    }

    /// Queues an answer behind what was queued before it. It takes no room: the client asked, and there is one at a time,
    /// or few.
    pub(super) fn push_answer(&self, answer: Box<Answer>) {
        let mut state = self.state();
        let item = Item::Answer(answer);
        // Once it is over, nobody waits for it.
        if state.push(Entry { item, patient: false }).is_ok() {
            state.answers += 1;
        }
    }

    /// Resolves when there is room for `count` items, or as many as there can ever be, or the queue is over.
    pub(super) async fn has_room(&self, count: usize) {
        let most = self.capacity.saturating_sub(count);
        self.until(|state| state.over || state.counted() <= most, |_| ())
            .await;
    }

    /// Closes the connection after what is queued.
    pub(super) fn finish(&self) {
        // Without room the connection is cut, which also ends it.
        let _ = self.try_push(Item::Finish);
    }

    /// Ends the connection without regard to what is queued.
    pub(super) fn cut(&self) {
        let mut state = self.state();
        state.cut = true;
        state.wake();
    }

    /// Does something as soon as `ready`, in one with finding out.
    async fn until<T>(&self, ready: impl Fn(&State) -> bool, then: impl FnOnce(&mut State) -> T) -> T {
        loop {
            let mut taken = pin!(self.taken.notified());
            // Before the look, so that what is taken in between is noticed.
            taken.as_mut().enable();
            {
                let mut state = self.state();
                if ready(&state) {
                    return then(&mut state);
                }
            }
            taken.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Items that take room.
    fn counted(&self) -> usize {
        self.items.len() - self.answers
    }

    fn push(&mut self, entry: Entry) -> Result<(), Over> {
        if self.over {
            return Err(Over);
        }
        self.items.push_back(entry);
        self.wake();
        Ok(())
    }

    fn wake(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl Items {
    /// What to do next; an item only if there is `room` for one. Nothing is lost if it is dropped.
    pub(super) async fn next(&mut self, room: bool) -> Next {
        poll_fn(|context| self.poll_next(room, context)).await
    }

    fn poll_next(&mut self, room: bool, context: &mut Context<'_>) -> Poll<Next> {
        let queue = &self.0;
        let mut state = queue.state();
        if state.cut {
            return Poll::Ready(Next::Cut);
        }
        if room && let Some(Entry { item, patient }) = state.items.pop_front() {
            state.patient -= usize::from(patient);
            state.answers -= usize::from(matches!(item, Item::Answer(_)));
            if state.items.is_empty() {
                // What a burst took is not kept by an idle connection.
                state.items.shrink_to(IDLE_PLACES);
            }
            drop(state);
            queue.taken.notify_waiters();
            return Poll::Ready(Next::Item(item));
        }
        let waker = context.waker();
        if state
            .reader
            .as_ref()
            .is_none_or(|reader| !reader.will_wake(waker))
        {
            state.reader = Some(waker.clone());
        }
        Poll::Pending
    }

    /// Ends the queue; from now on, only being cut is told of.
    pub(super) fn close(&mut self) {
        let mut state = self.0.state();
        state.over = true;
        (state.patient, state.answers) = (0, 0);
        let unsent = std::mem::take(&mut state.items);
        drop(state);
        // Not under the lock: whoever waits for an ack is woken.
        drop(unsent);
        self.0.taken.notify_waiters();
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn leave() -> Item {
        Item::Leave { socket: 0 }
    }

    fn take(items: &mut Items) -> Option<Item> {
        match items.next(true).now_or_never() {
            Some(Next::Item(item)) => Some(item),
            Some(Next::Cut) | None => None,
        }
    }

    fn is_cut(items: &mut Items) -> bool {
        matches!(items.next(false).now_or_never(), Some(Next::Cut))
    }

    #[test]
    fn what_can_wait_leaves_room_for_what_cannot() {
        let (queue, mut items) = Queue::new(4);
        for _ in 0..2 {
            assert!(queue.push(leave()).now_or_never().is_some());
        }
        assert!(queue.push(leave()).now_or_never().is_none());
        for _ in 0..2 {
            assert!(queue.try_push(leave()).is_ok());
        }
        assert!(!is_cut(&mut items));
        assert!(take(&mut items).is_some());
        assert!(queue.push(leave()).now_or_never().is_some());
        assert!(queue.try_push(leave()).is_err());
        assert!(is_cut(&mut items));
    }

    #[test]
    fn items_come_in_order_and_only_if_there_is_room() {
        let (queue, mut items) = Queue::new(8);
        for socket in 0..8 {
            assert!(queue.try_push(Item::Leave { socket }).is_ok());
        }
        assert!(items.next(false).now_or_never().is_none());
        for expected in 0..8 {
            assert!(matches!(take(&mut items), Some(Item::Leave { socket }) if socket == expected));
        }
        assert!(take(&mut items).is_none());
        assert!(queue.state().items.capacity() <= IDLE_PLACES);
    }

    #[test]
    fn an_answer_has_its_turn_and_takes_no_room() {
        let (queue, mut items) = Queue::new(1);
        assert!(queue.try_push(leave()).is_ok());
        let (socket, id, args) = (7, 1, Args::none());
        queue.push_answer(Box::new(Answer { socket, id, args }));
        assert!(matches!(take(&mut items), Some(Item::Leave { .. })));
        assert!(queue.has_room(1).now_or_never().is_some());
        assert!(queue.try_push(leave()).is_ok());
        assert!(matches!(take(&mut items), Some(Item::Answer(answer)) if answer.socket == 7));
        assert!(matches!(take(&mut items), Some(Item::Leave { .. })));
    }

    #[test]
    fn a_queue_that_has_ended_can_be_cut() {
        let (queue, mut items) = Queue::new(1);
        assert!(queue.try_push(leave()).is_ok());
        items.close();
        assert!(take(&mut items).is_none());
        assert!(!is_cut(&mut items));
        queue.cut();
        assert!(is_cut(&mut items));
    }

    #[test]
    fn room_is_waited_for_without_taking_it() {
        let (queue, mut items) = Queue::new(4);
        for _ in 0..3 {
            assert!(queue.try_push(leave()).is_ok());
        }
        assert!(queue.has_room(1).now_or_never().is_some());
        {
            let mut waiting = pin!(queue.has_room(2));
            assert!(waiting.as_mut().now_or_never().is_none());
            assert!(queue.try_push(leave()).is_ok(), "the last place is still there");
            for _ in 0..2 {
                assert!(take(&mut items).is_some());
            }
            assert!(waiting.now_or_never().is_some());
        }
        let mut all = pin!(queue.has_room(100));
        assert!(all.as_mut().now_or_never().is_none());
        drop(items);
        assert!(all.now_or_never().is_some());
    }

    #[test]
    fn waiting_ends_with_the_queue() {
        let (queue, items) = Queue::new(1);
        assert!(queue.push(leave()).now_or_never().is_some());
        let mut waiting = pin!(queue.push(leave()));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(items);
        assert!(waiting.now_or_never().is_some_and(|pushed| pushed.is_err()));
        assert!(queue.try_push(leave()).is_err());
    }
}
