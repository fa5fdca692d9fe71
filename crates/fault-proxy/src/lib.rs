//! A proxy in front of any Socket.IO server that breaks what a test wants broken. Not part of the product.
//!
//! It knows HTTP, so that it can do to requests and answers what proxies, firewalls and load balancers do ([`Opening`],
//! [`Polls`]); and it carries every connection byte by byte, so that it can do what cables and radio do ([`Flow`],
//! [`Pace`], [`FaultProxy::cut`], [`FaultProxy::silence`]), also after a given number of bytes.
//!
//! Every fault holds from when it is set until it is changed; a new proxy has none. The clients' side is plain TCP on a
//! loopback address.

mod answer;
mod faults;
mod forward;
mod fuse;
mod line;
mod proxy;

pub use faults::{Faults, Flow, Opening, Pace, Polls};
pub use fuse::Blow;
pub use hyper::StatusCode;
pub use proxy::FaultProxy;
