use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use deskbell_protocol::Seq;
use deskbell_protocol::event::Change;
use deskbell_throwaway_postgres::Postgres;
use jiff::Timestamp;
use sqlx::{Connection as _, PgConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::conformance::{Fixture, form};
use crate::{
    AccessRecord as _, By, ChangeError, Desks as _, Filter, Recorded, Reservations as _, Store, Wish,
};

/// One server for all tests: it takes a second or two to make. It ends with this process.
static SERVER: OnceLock<Postgres> = OnceLock::new();

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database of a test's own, with nothing in it.
async fn new_database() -> PgConnectOptions {
    let server = SERVER.get_or_init(|| Postgres::start().unwrap());
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&server.url("postgres")).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&mut admin).await.unwrap();
    server.url(&name).parse().unwrap()
}

crate::conformance::suite!(|_: PathBuf| async {
    let store = open(&new_database().await).await.unwrap();
    Box::new(store) as Box<dyn Store>
});

/// A connection beside the store's.
async fn beside(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options).await.unwrap()
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_with_a_sentence() {
    let database = new_database().await;
    open(&database).await.unwrap().close().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', TRUE, '\\x00', 0)",
    )
    .execute(&mut beside(&database).await)
    .await
    .unwrap();
    let error = open(&database).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer { schema: 9999 }), "{error:?}");
}

#[tokio::test]
async fn gateways_that_start_at_once_share_a_new_database() {
    let database = new_database().await;
    let opened = (0..4).map(|_| open(&database));
    for opened in futures_util::future::join_all(opened).await {
        opened.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_on_one_database_write_one_log_without_a_gap() {
    let database = new_database().await;
    let (one, two) = (open(&database).await.unwrap(), open(&database).await.unwrap());
    let fixture = &Fixture::of(&one).await;
    let other = &Fixture::called(&one, "bada", 2).await;
    let records = (1..=100).flat_map(|number| {
        let (here, there) = if number % 2 == 0 {
            (&one, &two)
        } else {
            (&two, &one)
        };
        [(fixture, here, number), (other, there, number + 100)]
    });
    let records = records.map(async |(fixture, store, number)| fixture.record(store, number).await);
    futures_util::future::join_all(records).await;
    for hospital in [fixture.hospital.id, other.hospital.id] {
        let log = one.changes_after(hospital, Seq(0), 1_000).await.unwrap();
        let seqs: Vec<_> = log.iter().map(|logged| logged.seq.0).collect();
        assert_eq!(seqs, (1..=100).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_that_do_everything_at_once_wait_for_each_other_and_lose_nothing() {
    let database = new_database().await;
    let gateways = [open(&database).await.unwrap(), open(&database).await.unwrap()];
    let fixtures = [
        Fixture::of(&gateways[0]).await,
        Fixture::called(&gateways[0], "bada", 2).await,
    ];
    let at = |minute: u64| fixtures[0].now + Duration::from_secs(minute * 60);
    let mut desks = Vec::new();
    for (first, fixture) in [210, 220].into_iter().zip(&fixtures) {
        for number in first..first + 10 {
            fixture.record(&gateways[0], number).await;
            let token = fixture.pair(&gateways[0], number).await;
            desks.push((fixture, gateways[0].desk_by_token(&token).await.unwrap().desk));
        }
    }
    let everything = (0..200_u8).map(async |n| {
        let store = &gateways[usize::from(n) % 2];
        let (fixture, desk) = &desks[usize::from(n) % desks.len()];
        let hospital = fixture.hospital.id;
        let number = n % 10
            + if hospital == fixtures[0].hospital.id {
                210
            } else {
                220
            };
        let by = By {
            desk: desk.clone(),
            staff: None,
        };
        match n % 7 {
            0 => drop(fixture.record(store, n).await),
            1 => store
                .mark_shown(desk.id, &fixture.position(u64::from(n) % 10))
                .await
                .unwrap(),
            2 => drop(store.expire_claims(at(10)).await.unwrap()),
            3 if n % 3 == 0 => store.revoke_desk(hospital, desk.id, at(0)).await.unwrap(),
            4 if n % 3 == 0 => store.prune(at(5)).await.unwrap(),
            kind => {
                let wish = if kind == 5 { Wish::Cancel } else { Wish::Claim(by) };
                let changed = store.change(hospital, fixture.id(number), &wish, at(1)).await;
                // The rules may refuse it; the database may not.
                if let Err(ChangeError::Store(StoreError::Unavailable(error))) = changed {
                    panic!("{error}");
                }
            }
        }
    });
    futures_util::future::join_all(everything).await;
    for fixture in &fixtures {
        let hospital = fixture.hospital.id;
        let head = gateways[1].log_state(hospital).await.unwrap();
        let log = gateways[1]
            .changes_after(hospital, head.pruned, 1_000)
            .await
            .unwrap();
        assert!(
            log.iter()
                .map(|logged| logged.seq.0)
                .eq(head.pruned.0 + 1..=head.position.seq.0)
        );
        let since = Filter::ReceivedSince(Timestamp::MIN);
        for reservation in gateways[1]
            .reservations(hospital, since)
            .await
            .unwrap()
            .reservations
        {
            let last: Option<Change> = log
                .iter()
                .find(|logged| logged.seq == reservation.seq)
                .map(|logged| serde_json::from_str(logged.change.get()).unwrap());
            assert!(last.is_none_or(|last| last.reservation == reservation));
        }
    }
}

#[tokio::test]
async fn a_gateway_hears_whose_log_another_one_has_written_to() {
    let database = new_database().await;
    let (one, two) = (open(&database).await.unwrap(), open(&database).await.unwrap());
    let fixture = Fixture::of(&one).await;
    let mut number = 0;
    let mut wake = std::pin::pin!(two.next_wake());
    // Who begins to listen hears nothing of what was before: it is told again until it does.
    let heard = loop {
        number += 1;
        fixture.record(&one, number).await;
        if let Ok(heard) = tokio::time::timeout(Duration::from_millis(200), &mut wake).await {
            break heard;
        }
        assert!(number < 50, "nothing is heard");
    };
    assert_eq!(heard, fixture.hospital.id);
}

#[tokio::test]
async fn what_is_announced_last_is_said_before_the_end() {
    let database = new_database().await;
    let store = open(&database).await.unwrap();
    let fixture = Fixture::of(&store).await;
    let elsewhere = PgPool::connect_with(database).await.unwrap();
    let mut listener = sqlx::postgres::PgListener::connect_with(&elsewhere)
        .await
        .unwrap();
    listener.listen("deskbell_wakes").await.unwrap();
    let waiting = [fixture.hospital.id];
    store.connections().announce(&waiting);
    store.close().await;
    let heard = listener.recv().await.unwrap();
    assert_eq!(heard.payload(), fixture.hospital.id.to_string());
}

#[tokio::test]
async fn the_access_record_is_never_changed() {
    let database = new_database().await;
    let store = open(&database).await.unwrap();
    let fixture = Fixture::of(&store).await;
    store
        .note_access(crate::conformance::keeping::line(&fixture))
        .await
        .unwrap();
    for change in [
        "UPDATE access_record SET detail = ''",
        "DELETE FROM access_record",
        "TRUNCATE access_record",
    ] {
        let refused = sqlx::query(change)
            .execute(&mut beside(&database).await)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("only added to"), "{refused}");
    }
}

#[tokio::test]
async fn what_was_answered_is_on_the_disk_also_where_the_server_would_not_wait() {
    let database = new_database().await;
    sqlx::query("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$")
        .execute(&mut beside(&database).await)
        .await
        .unwrap();
    let store = open(&database).await.unwrap();
    let waits: String = sqlx::query_scalar("SHOW synchronous_commit")
        .fetch_one(store.connections().readers())
        .await
        .unwrap();
    assert_eq!(waits, "on");
}

#[tokio::test]
async fn a_log_that_cannot_be_written_leaves_no_half_of_a_reservation_and_is_written_again() {
    let database = new_database().await;
    let store = open(&database).await.unwrap();
    let fixture = Fixture::of(&store).await;
    let mut admin = beside(&database).await;
    for statement in [
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$",
        "CREATE TRIGGER no_room BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION no_room()",
    ] {
        sqlx::query(statement).execute(&mut admin).await.unwrap();
    }
    let refused = store
        .record(
            fixture.hospital.id,
            None,
            fixture.id(1),
            &form(),
            None,
            fixture.now,
        )
        .await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    assert_eq!(
        store.log_state(fixture.hospital.id).await.unwrap().position.seq,
        Seq(0)
    );
    sqlx::query("DROP TRIGGER no_room ON log")
        .execute(&mut admin)
        .await
        .unwrap();
    let Recorded::New(recorded) = fixture.record(&store, 1).await else {
        panic!("it is new");
    };
    assert_eq!(recorded.seq, Seq(1));
}

#[tokio::test]
async fn a_backup_of_either_is_restored_into_either() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = async || open(&new_database().await).await.unwrap();
    let file = async |name: &str| sqlite::open(&folder.path().join(name)).await.unwrap();
    let backups = tempfile::tempdir().unwrap();
    crate::conformance::keeping::a_backup_brings_everything_back(
        &postgres().await,
        &file("one").await,
        backups.path(),
    )
    .await;
    let backups = tempfile::tempdir().unwrap();
    crate::conformance::keeping::a_backup_brings_everything_back(
        &file("two").await,
        &postgres().await,
        backups.path(),
    )
    .await;
}

/// A way to `server` on which the answer to the first COMMIT is lost, and the connection with it.
async fn losing_a_commit(server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let lost = Arc::new(AtomicBool::new(false));
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(server).await.unwrap();
            tokio::spawn(relay(client, server, Arc::clone(&lost)));
        }
    });
    address
}

async fn relay(mut client: TcpStream, mut server: TcpStream, lost: Arc<AtomicBool>) {
    let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(count @ 1..) => server.write_all(&asked[..count]).await.unwrap(),
                _ => return,
            },
            read = server.read(&mut answered) => match read {
                Ok(count @ 1..) => {
                    let committed = answered[..count].windows(7).any(|part| part == b"COMMIT\0");
                    if committed && !lost.swap(true, Ordering::Relaxed) {
                        return;
                    }
                    client.write_all(&answered[..count]).await.unwrap();
                }
                _ => return,
            },
        }
    }
}

#[tokio::test]
async fn what_a_lost_commit_wrote_is_written_once_and_each_is_told_so() {
    for count in [1, 3] {
        let database = new_database().await;
        // Makes the tables: their commits are none of those to be lost.
        open(&database).await.unwrap().close().await;
        let fixture = Fixture::of(&open(&database).await.unwrap()).await;
        let host: IpAddr = database.get_host().parse().unwrap();
        let server = SocketAddr::new(host, database.get_port());
        let way = losing_a_commit(server).await;
        let store = open(&database.clone().port(way.port())).await.unwrap();

        let records = (1..=count).map(|number| fixture.record(&store, number));
        let recorded = futures_util::future::join_all(records).await;
        let log = store
            .changes_after(fixture.hospital.id, Seq(0), 10)
            .await
            .unwrap();
        let seqs: Vec<_> = log.iter().map(|logged| logged.seq).collect();
        let told: Vec<_> = recorded
            .into_iter()
            .map(|recorded| match recorded {
                Recorded::New(reservation) => reservation.seq,
                Recorded::Repeated(_) => panic!("nobody asked twice"),
            })
            .collect();
        assert_eq!((seqs.len(), &seqs), (count.into(), &told));
    }
}

/// Waits until somebody in the database waits for another's lock.
async fn somebody_waits(admin: &mut PgConnection) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting)
        .fetch_one(&mut *admin)
        .await
        .unwrap()
        == 0
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn shown_does_not_go_backwards_when_a_desk_says_it_to_two_gateways() {
    let database = new_database().await;
    let store = open(&database).await.unwrap();
    let fixture = Fixture::of(&store).await;
    let token = fixture.pair(&store, 1).await;
    for number in 1..=3 {
        fixture.record(&store, number).await;
    }
    // Another gateway is about to write the later one.
    let (mut other, mut admin) = (beside(&database).await, beside(&database).await);
    let mut tx = other.begin().await.unwrap();
    sqlx::query("UPDATE desks SET shown_epoch = $1, shown_seq = 3")
        .bind(fixture.position(3).epoch.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    let earlier = fixture.position(1);
    let (marked, ()) = tokio::join!(store.mark_shown(token.owner(), &earlier), async {
        somebody_waits(&mut admin).await;
        tx.commit().await.unwrap();
    });
    marked.unwrap();
    let shown = store.desk_by_token(&token).await.unwrap().shown;
    assert_eq!(shown, Some(fixture.position(3)));
}
