//! Long runs that look for what short tests miss. Not part of the product.
//!
//! A [`Journal`] is a server whose sockets follow one sequence of numbers, each from the cursor in its auth, as desks follow
//! their hospital's log. A [`Follower`] is a client that applies every number once and in order, or says what is wrong.
//! [`link::soak`] puts a fault proxy between the two and cuts. [`gateway`] and [`desk`] play with the products themselves,
//! the desks with [`NoStore`].

pub mod desk;
mod follower;
pub mod gateway;
mod journal;
pub mod link;
mod no_store;

pub use follower::{Broken, Follower, Seen};
pub use journal::{Entry, Journal, Serving};
pub use no_store::NoStore;
