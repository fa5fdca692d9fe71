use clap::{Parser, Subcommand};
use deskbell_desk::{DeskLink, DeskRequest};

/// Deskbell, the front desk's reservation bell.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    /// Start in the tray, without a window.
    #[arg(long)]
    pub(crate) hidden: bool,

    /// A link to follow: `deskbell://…`.
    pub(crate) link: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the terminal can ask for; needs no display.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Pairs this PC with its hospital.
    Pair {
        /// The gateway's address: `https://bell.example.kr`.
        server: String,
        /// The code that `deskbell-gateway desk pair` printed.
        code: String,
    },
    /// Says what keeps this PC from its reservations; fails where something does.
    Doctor {
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
    },
}

impl Arguments {
    /// What a start with these arguments asks of the desk that runs, be it this one or the first.
    pub(crate) fn requests(&self) -> Vec<DeskRequest> {
        match self.link.as_deref().map(DeskLink::parse) {
            Some(Some(link)) => vec![DeskRequest::Follow(link)],
            // A link nobody knows is no reason to show nothing.
            Some(None) => vec![DeskRequest::OpenWindow],
            None if self.hidden => Vec::new(),
            None => vec![DeskRequest::OpenWindow],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018731a4-7c00-7000-8000-00000000002a";

    fn asks(arguments: &[&str]) -> Vec<String> {
        let arguments = [&["deskbell"], arguments].concat();
        Arguments::try_parse_from(arguments)
            .unwrap()
            .requests()
            .iter()
            .map(|r| format!("{r:?}"))
            .collect()
    }

    #[test]
    fn a_plain_start_opens_the_window_and_a_hidden_one_does_not() {
        assert_eq!(asks(&[]), ["OpenWindow"]);
        assert_eq!(asks(&["--hidden"]), [""; 0]);
    }

    #[test]
    fn a_link_is_for_the_desk_to_follow() {
        let link = format!("deskbell://reservation/{ID}");
        let opens = [format!("Follow(Reservation({ID}))")];
        assert_eq!(asks(&[&link]), opens);
        assert_eq!(asks(&["--hidden", &link]), opens);
        assert_eq!(
            asks(&[&format!("{link}/confirm?n=00")]),
            [format!("Follow(Act {{ id: {ID}, act: Confirm, nonce: None }})")]
        );
    }

    #[test]
    fn a_link_that_names_no_reservation_opens_the_window() {
        for link in [
            "deskbell://reservation/7",
            "deskbell://elsewhere",
            &format!("https://reservation/{ID}"),
            "deskbell://reservation/",
        ] {
            assert_eq!(asks(&[link]), ["OpenWindow"], "{link}");
        }
    }
}
