//! How Engine.IO packets travel. Both ends' drivers use the same.

pub(crate) mod websocket;
