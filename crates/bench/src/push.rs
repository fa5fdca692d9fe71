//! From a booking site's POST to the event at the hospital's desks.

mod desks;
mod posts;
mod report;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use deskbell_gateway_program::{Program, Town};
use serde_json::{Value, json};

use crate::{disk, open_files, original};
use desks::Desks;
use posts::Posts;
use report::{Delay, Report, Server};

/// Desks of each hospital.
const DESKS: usize = 5;

/// How much is measured.
struct Size {
    rooms: usize,
    posts: usize,
    posts_per_second: u32,
}

/// The whole.
const FULL: Size = Size {
    rooms: 200,
    posts: 4_000,
    posts_per_second: 200,
};

/// Just enough to see that all works.
const QUICK: Size = Size {
    rooms: 20,
    posts: 100,
    posts_per_second: 50,
};

/// What lets a server's sites and desks in, a room each.
pub(crate) struct Room {
    pub(crate) site: String,
    /// The auth of each desk's CONNECT.
    pub(crate) desks: Vec<Value>,
}

/// Measures both servers and prints it; no target is judged.
///
/// # Errors
/// When an event did not come once to each desk of its hospital and to no other.
pub(crate) async fn run(quick: bool, json: Option<&Path>) -> Result<()> {
    open_files::as_many_as_possible().context("the limit of open files stays")?;
    let size = if quick { QUICK } else { FULL };
    let folder = disk::folder()?;
    let mut report = Report {
        rooms: size.rooms,
        desks: size.rooms * DESKS,
        posts_per_second: size.posts_per_second,
        delays: Vec::new(),
    };

    eprintln!("{} desks pair with the gateway", report.desks);
    let program = Program::in_folder(&Program::beside_this()?, folder.path()).await?;
    let gateway = program.serve(([127, 0, 0, 1], 0).into()).await?;
    let town = Town::build(&program, gateway.address, size.rooms, DESKS).await?;
    let rooms = town.hospitals.iter().map(|hospital| Room {
        site: hospital.intake_key.clone(),
        desks: hospital
            .desks
            .iter()
            .map(|desk| json!({ "token": desk.token, "api": 1, "client": "bench/1" }))
            .collect(),
    });
    let delay = measure(Server::Deskbell, gateway.address, rooms.collect(), &size).await?;
    report.delays.extend(delay);
    gateway.kill().await?;

    let node = original::start(&folder.path().join("node.sqlite")).await?;
    let rooms = (0..size.rooms).map(|room| Room {
        site: original::token(room),
        desks: vec![json!({ "token": original::token(room) }); DESKS],
    });
    let delay = measure(Server::Node, node.address, rooms.collect(), &size).await?;
    report.delays.extend(delay);

    print!("{report}");
    if let Some(file) = json {
        fs::write(file, serde_json::to_vec_pretty(&report)?)?;
    }
    Ok(())
}

async fn measure(server: Server, address: SocketAddr, rooms: Vec<Room>, size: &Size) -> Result<[Delay; 2]> {
    let rooms = Arc::new(rooms);
    let desks = Desks::connect(address, &rooms).await?;
    let every = Duration::from_secs(1) / size.posts_per_second;
    eprintln!(
        "{} posts, {} a second: {server:?}",
        size.posts, size.posts_per_second
    );
    let posts = Posts::send(address, &rooms, size.posts, every).await?;
    let arrivals = desks.gather(posts.len() * DESKS).await?;
    report::delays(server, &rooms, &posts, &arrivals)
}
