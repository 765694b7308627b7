//! Locks between instances, on a real Redis, with holders that are halted.

use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use redis::AsyncCommands;
use stoa_kit::lock::{Error, Fences, Lock, Native};
use tokio::time::sleep;
use uuid::Uuid;

use crate::support::app::{cli, shared};
use crate::support::{root, until};

/// One client: a connection of its own.
async fn client() -> Native {
    Native::new(shared().redis().await)
}

async fn delete(key: &str) {
    let mut redis = shared().redis().await;
    let () = redis.del(key).await.expect("an answer");
}

fn name() -> String {
    format!("test-{}", Uuid::new_v4().simple())
}

const MS: fn(u64) -> Duration = Duration::from_millis;

/// What the lock is for: it takes nothing from whoever comes with a lower fence than it has seen.
#[derive(Default)]
struct Guarded {
    fence: AtomicI64,
    writes: Mutex<Vec<&'static str>>,
}

impl Guarded {
    fn write(&self, fence: i64, who: &'static str) -> bool {
        let fresh = self.fence.fetch_max(fence, Ordering::SeqCst) <= fence;
        if fresh {
            self.writes.lock().expect("writes").push(who);
        }
        fresh
    }
}

#[tokio::test]
async fn one_writer_at_a_time_and_all_of_them_in_turn() {
    let key = name();
    let inside = AtomicU32::new(0);
    let clients = join_all((0..6).map(|_| client())).await;
    let all = join_all(clients.iter().map(|client| {
        let lock = Lock::write(&key).lease(MS(2_000)).wait(MS(15_000));
        let inside = &inside;
        async move {
            lock.run_on(client, async |fences: Fences| {
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside");
                sleep(MS(20)).await;
                inside.fetch_sub(1, Ordering::SeqCst);
                fences.of("of another lock")
            })
            .await
        }
    }))
    .await;
    assert_eq!(all, [const { Ok(0) }; 6]);
}

#[tokio::test]
async fn fences_rise_from_holder_to_holder_also_when_redis_forgets() {
    let (held_by, key) = (client().await, name());
    let mut before = 0;
    for turn in 0..6 {
        let lock = Lock::write(&key);
        let fence = lock
            .run_on(&held_by, async |fences: Fences| fences.of(&key))
            .await
            .expect("held");
        assert!(fence > before, "{fence} after {before}");
        before = fence;
        if turn % 2 == 0 {
            delete(&format!("stoa:lock:{key}:fence")).await;
        }
    }
}

#[tokio::test]
async fn readers_share_and_a_writer_waits_for_them_and_goes_before_later_ones() {
    let key = name();
    let (a, b, c) = (client().await, client().await, client().await);
    let order = Mutex::new(Vec::new());
    let early = async |client: &Native| {
        let lock = Lock::read(&key);
        lock.run_on(client, async |_: Fences| {
            sleep(MS(600)).await;
            order.lock().expect("order").push("early");
        })
        .await
    };
    let writer = async {
        sleep(MS(100)).await;
        let lock = Lock::write(&key).wait(MS(10_000));
        lock.run_on(&c, async |_: Fences| {
            order.lock().expect("order").push("writer");
            sleep(MS(50)).await;
        })
        .await
    };
    let late = async {
        sleep(MS(300)).await;
        let at_once = Lock::read(&key).run_on(&a, async |_: Fences| ()).await;
        assert_eq!(at_once, Err(Error::Busy), "it went before the writer");
        let lock = Lock::read(&key).wait(MS(10_000));
        lock.run_on(&b, async |_: Fences| {
            order.lock().expect("order").push("late")
        })
        .await
    };
    let (readers, (writer, late)) = join(join(early(&a), early(&b)), join(writer, late)).await;
    assert_eq!(readers, (Ok(()), Ok(())));
    assert_eq!((writer, late), (Ok(()), Ok(())));
    assert_eq!(
        *order.lock().expect("order"),
        ["early", "early", "writer", "late"]
    );
}

#[tokio::test]
async fn a_lease_is_renewed_while_the_work_runs() {
    let (a, b, key) = (client().await, client().await, name());
    let held = async {
        let lock = Lock::write(&key).lease(MS(600));
        lock.run_on(&a, async |_: Fences| sleep(MS(2_500)).await)
            .await
    };
    let other = async {
        sleep(MS(200)).await;
        let lock = Lock::write(&key).wait(MS(1_500));
        lock.run_on(&b, async |_: Fences| ()).await
    };
    assert_eq!(join(held, other).await, (Ok(()), Err(Error::Busy)));
}

#[tokio::test]
async fn who_dies_is_followed_after_the_lease() {
    let (a, b, key) = (client().await, client().await, name());
    let lock = Lock::write(&key).lease(MS(800));
    // Dropped in the middle, as an instance that traps: nothing is given back.
    let died = tokio::time::timeout(
        MS(200),
        lock.run_on(&a, async |_: Fences| sleep(MS(60_000)).await),
    );
    assert!(died.await.is_err());
    let begun = Instant::now();
    let next = Lock::write(&key).wait(MS(5_000));
    assert_eq!(next.run_on(&b, async |_: Fences| ()).await, Ok(()));
    assert!(begun.elapsed() < MS(2_500), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_was_halted_does_nothing_more() {
    let key = name();
    let guarded = Arc::new(Guarded::default());
    let (started, is_held) = tokio::sync::oneshot::channel();
    let halted = {
        let (key, guarded) = (key.clone(), Arc::clone(&guarded));
        // A process of its own, as far as that goes: while its thread sleeps nothing in it runs, and
        // nothing is renewed.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let client = client().await;
                let lock = Lock::write(&key).lease(MS(500));
                lock.run_on(&client, async |fences: Fences| {
                    assert!(guarded.write(fences.of(&key), "first"));
                    started.send(()).expect("somebody waits");
                    std::thread::sleep(MS(2_000));
                    // It does not know yet. What it writes to does.
                    assert!(!guarded.write(fences.of(&key), "too late"));
                    sleep(MS(60_000)).await;
                })
                .await
            })
        })
    };
    is_held.await.expect("it is held");
    let client = client().await;
    let lock = Lock::write(&key).wait(MS(5_000));
    let outcome = lock
        .run_on(&client, async |fences: Fences| {
            assert!(guarded.write(fences.of(&key), "second"));
            // Held on to until the other has come back and found out.
            sleep(MS(2_500)).await;
        })
        .await;
    assert_eq!(outcome, Ok(()));
    let halted = tokio::task::spawn_blocking(|| halted.join()).await;
    assert_eq!(
        halted.expect("a task").expect("it ends by itself"),
        Err(Error::Lost)
    );
    assert_eq!(*guarded.writes.lock().expect("writes"), ["first", "second"]);
}

#[tokio::test]
async fn what_is_anothers_is_not_given_back() {
    let (a, b, key) = (client().await, client().await, name());
    let (held, taken) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
    let first = async {
        let lock = Lock::write(&key);
        let outcome = lock
            .run_on(&a, async |_: Fences| {
                // Redis forgets, and another takes it.
                delete(&format!("stoa:lock:{key}:writer")).await;
                held.notify_one();
                taken.notified().await;
            })
            .await;
        assert_eq!(outcome, Err(Error::Lost));
        let third = Lock::write(&key).run_on(&a, async |_: Fences| ()).await;
        assert_eq!(third, Err(Error::Busy));
    };
    let second = async {
        held.notified().await;
        let lock = Lock::write(&key).wait(MS(5_000));
        let outcome = lock
            .run_on(&b, async |_: Fences| {
                taken.notify_one();
                sleep(MS(800)).await;
            })
            .await;
        assert_eq!(outcome, Ok(()));
    };
    join(first, second).await;
}

#[tokio::test]
async fn keys_that_are_taken_in_whatever_order_are_never_waited_for_in_a_circle() {
    let (one, two) = (name(), name());
    let clients = join_all((0..4).map(|_| client())).await;
    let all = join_all(clients.iter().enumerate().map(|(n, client)| {
        let (first, second) = if n % 2 == 0 {
            (&one, &two)
        } else {
            (&two, &one)
        };
        let lock = Lock::write(first).and_write(second).wait(MS(10_000));
        async move {
            for _ in 0..5 {
                lock.run_on(client, async |_: Fences| sleep(MS(5)).await)
                    .await?;
            }
            Ok::<_, Error>(())
        }
    }))
    .await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

/// `inventory reconcile` on a database whose comparison takes as long as a test wants: it waits for an
/// advisory lock.
struct SlowStock {
    url: String,
    gate: tokio_postgres::Client,
}

impl SlowStock {
    async fn new() -> SlowStock {
        let app = shared();
        let database = format!("slow_{}", Uuid::new_v4().simple());
        let admin = app.sql().await;
        let create = format!("CREATE DATABASE {database}");
        admin.batch_execute(&create).await.expect("a database");
        let mut url = url::Url::parse(&app.database).expect("a URL");
        url.set_path(&database);
        let (gate, connection) = tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls)
            .await
            .expect("a connection");
        tokio::spawn(connection);
        gate.batch_execute(
            "CREATE SCHEMA inventory;
             CREATE TABLE inventory.stock (id int);
             CREATE TABLE inventory.movement (id int);
             CREATE FUNCTION inventory.reconcile_v1() RETURNS TABLE (difference int)
                 BEGIN ATOMIC SELECT 1 FROM pg_advisory_xact_lock_shared(1) AS l WHERE l::text = 'never'; END;
             SELECT pg_advisory_lock(1)",
        )
        .await
        .expect("what the command looks at");
        SlowStock {
            url: url.into(),
            gate,
        }
    }

    fn begin(&self) -> Child {
        Command::new(cli())
            .args(["inventory", "reconcile", "--database-url", &self.url])
            .args(["--redis-url", &shared().redis])
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    }

    /// Waits until so many runs wait for the gate.
    async fn waiting(&self, runs: i64) {
        let query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        until("it compares", MS(20_000), || async {
            let row = self.gate.query_one(query, &[]).await.expect("a count");
            (row.get::<_, i64>(0) == runs).then_some(())
        })
        .await;
    }

    async fn open(&self) {
        let open = "SELECT pg_advisory_unlock(1)";
        self.gate.batch_execute(open).await.expect("open");
    }
}

fn signal(process: &Child, signal: i32) {
    let pid = process.id().try_into().expect("a process id");
    // SAFETY: only sends a signal.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

async fn ended(process: Child) -> (Option<i32>, String) {
    let output: Output = tokio::task::spawn_blocking(|| process.wait_with_output())
        .await
        .expect("a task")
        .expect("it ends");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[tokio::test]
async fn of_two_runs_of_a_job_one_is_refused_and_one_that_was_halted_hears_that_another_began() {
    let stock = SlowStock::new().await;
    let first = stock.begin();
    stock.waiting(1).await;
    let (code, said) = ended(stock.begin()).await;
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("another inventory reconcile"), "{said}");

    // Halted for longer than its lease: whoever comes next gets it.
    signal(&first, libc::SIGSTOP);
    let second = until("the lease is over", MS(30_000), || async {
        let mut run = stock.begin();
        for _ in 0..100 {
            if run.try_wait().expect("its state").is_some() {
                return None;
            }
            sleep(MS(20)).await;
        }
        Some(run)
    })
    .await;
    stock.waiting(2).await;
    signal(&first, libc::SIGCONT);
    let (code, said) = ended(first).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another one may have begun"), "{said}");

    stock.open().await;
    let (code, said) = ended(second).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("agree"), "{said}");
}
