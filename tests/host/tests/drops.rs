//! Instances that end at one of their calls: a component that counts in Redis, twice for each message,
//! and a Redis that is no more than it takes to see that.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use stoa_host::app::{App, Options};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};

/// On a message: opens a connection to ADDRESS and increments `k` twice.
const COUNTER: &str = r#"(component
    (import "spin:redis/redis@3.0.0" (instance $redis
        (export "connection" (type $connection (sub resource)))
        (type $cases (variant (case "invalid-address") (case "too-many-connections")
            (case "type-error") (case "other" string)))
        (export "error" (type $error (eq $cases)))
        (export "[static]connection.open" (func async (param "address" string)
            (result (result (own $connection) (error $error)))))
        (export "[method]connection.incr" (func async
            (param "self" (borrow $connection)) (param "key" string)
            (result (result s64 (error $error)))))
    ))
    (alias export $redis "error" (type $error))
    (alias export $redis "[static]connection.open" (func $open))
    (alias export $redis "[method]connection.incr" (func $incr))
    (core module $memory
        (memory (export "memory") 1)
        (data (i32.const 0) "ADDRESS")
        (data (i32.const 100) "k")
        (global $free (mut i32) (i32.const 1024))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
            (global.set $free (i32.add (local.get $at) (local.get 3)))
            (local.get $at)))
    (core instance $m (instantiate $memory))
    (core func $open (canon lower (func $open) (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
    (core func $incr (canon lower (func $incr) (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
    (core module $main
        (import "m" "memory" (memory 1))
        (import "redis" "open" (func $open (param i32 i32 i32)))
        (import "redis" "incr" (func $incr (param i32 i32 i32 i32)))
        (func (export "handle") (param i32 i32) (result i32)
            (call $open (i32.const 0) (i32.const LENGTH) (i32.const 200))
            (if (i32.load8_u (i32.const 200)) (then unreachable))
            (call $incr (i32.load (i32.const 204)) (i32.const 100) (i32.const 1) (i32.const 232))
            (call $incr (i32.load (i32.const 204)) (i32.const 100) (i32.const 1) (i32.const 232))
            (i32.store (i32.const 300) (i32.load8_u (i32.const 232)))
            (i32.const 300)))
    (core instance $i (instantiate $main
        (with "m" (instance $m))
        (with "redis" (instance
            (export "open" (func $open))
            (export "incr" (func $incr))))))
    (func $handle async (param "message" (list u8)) (result (result (error $error)))
        (canon lift (core func $i "handle") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
    (component $shape
        (type $cases (variant (case "invalid-address") (case "too-many-connections")
            (case "type-error") (case "other" string)))
        (import "error" (type $in (eq $cases)))
        (import "handle" (func $handle async (param "message" (list u8))
            (result (result (error $in)))))
        (export $out "error" (type $cases))
        (export "handle-message" (func $handle)
            (func async (param "message" (list u8)) (result (result (error $out))))))
    (instance $handler (instantiate $shape
        (with "error" (type $error))
        (with "handle" (func $handle))))
    (export "spin:redis/inbound-redis@3.0.0" (instance $handler))
)"#;

/// As much of Redis as the component and the trigger need.
#[derive(Default)]
struct Redis {
    count: AtomicI64,
    subscriber: Mutex<Option<OwnedWriteHalf>>,
}

impl Redis {
    async fn serve(self: Arc<Self>, stream: TcpStream) -> io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        loop {
            let words = command(&mut read).await?;
            match words[0].to_ascii_uppercase().as_str() {
                "INCRBY" => {
                    let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
                    write.write_all(format!(":{count}\r\n").as_bytes()).await?;
                }
                "SUBSCRIBE" => {
                    let channel = &words[1];
                    let answer = format!(
                        "*3\r\n$9\r\nsubscribe\r\n${}\r\n{channel}\r\n:1\r\n",
                        channel.len()
                    );
                    write.write_all(answer.as_bytes()).await?;
                    *self.subscriber.lock().unwrap() = Some(write);
                    // The trigger sends nothing more.
                    return read.read_to_end(&mut Vec::new()).await.map(drop);
                }
                _ => write.write_all(b"+OK\r\n").await?,
            }
        }
    }

    /// Sends the trigger a message.
    async fn publish(&self) {
        let subscriber = || self.subscriber.lock().unwrap().take();
        let mut write = until(|| subscriber().ok_or(())).await;
        write
            .write_all(b"*3\r\n$7\r\nmessage\r\n$4\r\nbell\r\n$1\r\n1\r\n")
            .await
            .unwrap();
        *self.subscriber.lock().unwrap() = Some(write);
    }

    async fn counts(&self, to: i64) {
        until(|| match self.count.load(Ordering::SeqCst) {
            count if count == to => Ok(()),
            count => Err(count),
        })
        .await;
    }
}

async fn command(read: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Vec<String>> {
    let mut words = Vec::new();
    for _ in 0..number(read).await? {
        let mut word = vec![0; number(read).await? + 2];
        read.read_exact(&mut word).await?;
        word.truncate(word.len() - 2);
        words.push(String::from_utf8(word).unwrap());
    }
    Ok(words)
}

/// The number of a line such as `*3` or `$5`.
async fn number(read: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<usize> {
    let mut line = String::new();
    if read.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line[1..].trim().parse().unwrap())
}

async fn until<T, E: std::fmt::Debug>(mut probe: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match probe() {
            Ok(value) => return value,
            Err(state) => assert!(Instant::now() < deadline, "still {state:?}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn options(directory: &Path, port: u16) -> Options {
    let address = format!("redis://127.0.0.1:{port}");
    let guest = COUNTER
        .replace("ADDRESS", &address)
        .replace("LENGTH", &address.len().to_string());
    let write = |name: &str, bytes: &[u8]| std::fs::write(directory.join(name), bytes).unwrap();
    write("counter.wasm", &wat::parse_str(guest).unwrap());
    let manifest = format!(
        r#"
        spin_manifest_version = 2
        [application]
        name = "t"
        [[trigger.redis]]
        component = "counter"
        address = "{address}"
        channel = "bell"
        [component.counter]
        source = "counter.wasm"
        allowed_outbound_hosts = ["{address}"]
        "#
    );
    write("spin.toml", manifest.as_bytes());
    Options {
        manifest: directory.join("spin.toml"),
        runtime_config: None,
        listen: "127.0.0.1:0".parse().unwrap(),
        components: Vec::new(),
        state_dir: None,
        cache_dir: None,
        drops: Some(directory.to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_is_dropped_before_or_after_the_call_that_was_named() {
    let directory = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let redis = Arc::new(Redis::default());
    let serving = redis.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serving.clone().serve(stream));
        }
    });
    let options = options(directory.path(), port);
    let app = tokio::task::spawn_blocking(move || App::load(&options))
        .await
        .unwrap()
        .unwrap();
    tokio::spawn(app.run());

    redis.publish().await;
    redis.counts(2).await;

    // How many more calls have their effect, after each arming, of the two that a message makes.
    let mut count = 2;
    for (armed, effects) in [
        ("before 1", 0),
        ("after 1", 1),
        ("before 2", 1),
        ("after 2", 2),
    ] {
        std::fs::write(
            directory.path().join("armed"),
            format!("counter {armed} redis"),
        )
        .unwrap();
        redis.publish().await;
        until(|| std::fs::remove_file(directory.path().join("dropped"))).await;
        count += effects;
        // The next one is whole again, and nobody went on with the one before.
        redis.publish().await;
        count += 2;
        redis.counts(count).await;
    }
}
