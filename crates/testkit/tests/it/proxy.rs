use std::io::ErrorKind;
use std::time::{Duration, Instant};

use covergen_testkit::{Proxy, Redis};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Sends everything back, and says so when its client has ended.
async fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                if tokio::io::copy(&mut read, &mut write).await.is_ok() {
                    let _ = write.write_all(b"end").await;
                }
            });
        }
    });
    address.to_string()
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

/// Sends a word and reads it back.
async fn ask(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut answer = [0; 4];
    stream.write_all(b"word").await?;
    stream.read_exact(&mut answer).await?;
    assert_eq!(&answer, b"word");
    Ok(())
}

/// Whether nothing comes for a while, although the connection is open.
async fn is_silent(stream: &mut TcpStream) -> bool {
    let mut one = [0; 1];
    let read = tokio::time::timeout(Duration::from_millis(300), stream.read(&mut one));
    read.await.is_err()
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn bytes_and_ends_pass_both_ways_and_connections_are_counted() {
    let proxy = Proxy::before(echo().await);
    let mut one = connect(&proxy).await;
    let mut other = connect(&proxy).await;
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let (mut read, mut write) = one.split();
    let send = async {
        write.write_all(&large).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let mut back = Vec::new();
    let (_, received) = tokio::join!(send, read.read_to_end(&mut back));
    received.unwrap();
    assert_eq!(back.split_off(large.len()), b"end");
    assert!(back == large);
    ask(&mut other).await.unwrap();
    eventually("the first has ended", || proxy.open() == 1).await;
    assert_eq!(proxy.opened(), 2);
}

#[tokio::test]
async fn what_is_delayed_comes_later_and_whole() {
    let proxy = Proxy::before(echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.delay(Duration::from_millis(200));
    let asked = Instant::now();
    ask(&mut stream).await.unwrap();
    // A lower bound is what a delay promises; nothing is said of the upper.
    assert!(asked.elapsed() >= Duration::from_millis(400));
    proxy.heal();
    ask(&mut stream).await.unwrap();
}

#[tokio::test]
async fn a_reset_ends_what_is_open_and_nothing_else() {
    let proxy = Proxy::before(echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.reset();
    let error = stream.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    ask(&mut connect(&proxy).await).await.unwrap();
}

#[tokio::test]
async fn a_silent_proxy_keeps_connections_open_and_goes_on_where_it_was() {
    let proxy = Proxy::before(echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.fall_silent();
    let mut late = connect(&proxy).await;
    for stream in [&mut stream, &mut late] {
        stream.write_all(b"word").await.unwrap();
        assert!(is_silent(stream).await);
    }
    eventually("both are open", || proxy.open() == 2).await;
    proxy.heal();
    for mut stream in [stream, late] {
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"word");
    }
}

#[tokio::test]
async fn stranded_connections_never_hear_again_while_new_ones_work() {
    let proxy = Proxy::before(echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.strand();
    ask(&mut connect(&proxy).await).await.unwrap();
    proxy.heal();
    stream.write_all(b"word").await.unwrap();
    assert!(is_silent(&mut stream).await);
    proxy.reset();
    assert!(stream.read_u8().await.is_err());
}

#[tokio::test]
async fn a_refusing_proxy_refuses_and_listens_again_on_its_port() {
    let proxy = Proxy::before(echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.refuse();
    assert!(stream.read_u8().await.is_err());
    let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let before = proxy.address();
    proxy.heal();
    assert_eq!(proxy.address(), before);
    ask(&mut connect(&proxy).await).await.unwrap();
}

#[tokio::test]
async fn without_a_server_a_connection_is_reset_and_with_the_proxy_all_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let proxy = Proxy::before(nobody.to_string());
    // Before it is known to be connected, or after.
    if let Ok(mut stream) = TcpStream::connect(proxy.address()).await {
        assert!(stream.read_u8().await.is_err());
    }
    let proxy = Proxy::before(echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.fall_silent();
    let address = proxy.address();
    drop(proxy);
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_url_keeps_everything_but_the_address() {
    let server = Redis::start().await;
    let proxy = Proxy::before(server.url());
    let at = proxy.address();
    assert_eq!(proxy.url(&server.url()), format!("redis://{at}"));
    let other = "postgres://postgres@127.0.0.1:5432/name_{service}?x=1";
    let expected = format!("postgres://postgres@{at}/name_{{service}}?x=1");
    assert_eq!(proxy.url(other), expected);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"PING\r\n").await.unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"+PONG");
}
