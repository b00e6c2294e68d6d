//! The sockets: bounded in number, each with a deadline for its head and a lowest rate for its body, and when places run
//! out the slowest goes first. Addresses go nowhere.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Request, Response, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::limits::{CONNECTION_BUFFER, FILES_BESIDE, FORM_BODY_MAX, HEAD_S, LINGER_BYTES, LINGER_S};
use crate::places::{Entry, PLACE, Place, Places};

/// How often a connection is asked whether it keeps to the lowest rate.
const LOOK: Duration = Duration::from_secs(1);
/// How long nobody is let in after the system had no file left for a socket.
const NO_FILES: Duration = Duration::from_millis(100);

/// Serves HTTP/1 until `stopped` is true, then lets nobody in and ends when the requests under way are answered.
pub(crate) async fn serve(listener: TcpListener, places: Arc<Places>, router: Router, stopped: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_S))
        .max_buf_size(CONNECTION_BUFFER);
    let mut stopping = stopped.clone();
    let mut stop = pin!(stopping.wait_for(|stopped| *stopped));
    let mut conversations = JoinSet::new();
    loop {
        let (stream, entry) = tokio::select! {
            entered = enter(&listener, &places) => entered,
            _ = &mut stop => break,
        };
        // The ended ones are let go of.
        while conversations.try_join_next().is_some() {}
        let visitor = Visitor {
            router: TowerToHyperService::new(router.clone()),
            place: Arc::clone(&entry.place),
            is_cut: Arc::default(),
        };
        conversations.spawn(converse(http.clone(), stream, entry, visitor, stopped.clone()));
    }
    drop(listener);
    while conversations.join_next().await.is_some() {}
}

/// The next socket, with a place for it.
async fn enter(listener: &TcpListener, places: &Arc<Places>) -> (TcpStream, Entry) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let entry = places.enter().await;
                if stream.set_nodelay(true).is_ok() {
                    return (stream, entry);
                }
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(_) => {
                tracing::warn!("the system gives no more sockets; the slowest connection is dropped");
                places.drop_slowest(|_| true);
                tokio::time::sleep(NO_FILES).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// How many connections there may be: as many as configured, and no more than the system has files for. Raises this
/// process's own limit of open files as far as it may.
pub(crate) fn affordable(wanted: usize) -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1_024);
    let affordable = usize::try_from(files)
        .unwrap_or(usize::MAX)
        .saturating_sub(FILES_BESIDE);
    if affordable < wanted {
        tracing::warn!(
            affordable,
            wanted,
            "fewer connections than configured: raise the limit of open files"
        );
    }
    wanted.min(affordable.max(8))
}

/// One connection from its first byte to its last.
async fn converse(
    http: http1::Builder,
    stream: TcpStream,
    entry: Entry,
    visitor: Visitor,
    mut stopped: watch::Receiver<bool>,
) {
    let (place, is_cut) = (Arc::clone(&entry.place), Arc::clone(&visitor.is_cut));
    let socket = Socket {
        stream,
        place: Arc::clone(&place),
    };
    let mut connection = http.serve_connection(TokioIo::new(socket), visitor);
    let mut stop = pin!(stopped.wait_for(|stopped| *stopped));
    let mut is_stopping = false;
    let mut look = tokio::time::interval(LOOK);
    let ended = loop {
        tokio::select! {
            ended = poll_fn(|context| connection.poll_without_shutdown(context)) => break ended,
            () = place.told_to_leave() => return,
            _ = look.tick() => if place.is_too_slow() {
                return;
            },
            _ = &mut stop, if !is_stopping => {
                is_stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let is_refused = ended.is_err_and(|error| error.is_parse() || error.is_parse_too_large());
    if !is_refused && !is_cut.load(Ordering::Relaxed) {
        return;
    }
    place.begin(None);
    tokio::select! {
        _ = tokio::time::timeout(Duration::from_secs(LINGER_S), linger(connection.into_parts().io.into_inner())) => {}
        () = place.told_to_leave() => {}
    }
}

/// Says that nothing more comes, then reads and drops what is still being sent. A socket that is closed with bytes unread
/// is reset, and the answer (413) that waits for the client is lost with it.
async fn linger(mut socket: Socket) {
    if socket.shutdown().await.is_err() {
        return;
    }
    let (mut rest, mut bytes) = (vec![0; 8 << 10], 0);
    while bytes < LINGER_BYTES {
        match socket.read(&mut rest).await {
            Ok(count @ 1..) => bytes += count,
            _ => return,
        }
    }
}

/// A socket that tells its place what moves.
struct Socket {
    stream: TcpStream,
    place: Arc<Place>,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(context, into);
        self.place.moved(into.filled().len() - before);
        poll
    }
}

impl Socket {
    fn wrote(&self, poll: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = &poll {
            self.place.moved(*count);
        }
        poll
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.wrote(poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The router as one connection sees it: it notes whose turn it is, so that nobody is slow while the service works.
struct Visitor {
    router: TowerToHyperService<Router>,
    place: Arc<Place>,
    /// Whether an answer went before the request was read to its end.
    is_cut: Arc<AtomicBool>,
}

impl Service<Request<Incoming>> for Visitor {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let place = Arc::clone(&self.place);
        place.begin(expected(request.body()));
        place.our_turn();
        let is_cut = Arc::clone(&self.is_cut);
        is_cut.store(!request.body().is_end_stream(), Ordering::Relaxed);
        let request = request.map(|body| Coming {
            body,
            place: Arc::clone(&place),
            is_cut: Arc::clone(&is_cut),
        });
        let answer = PLACE.scope(Arc::clone(&place), self.router.call(request));
        Box::pin(async move {
            let Ok(mut answer) = answer.await;
            if is_cut.load(Ordering::Relaxed) {
                // The rest of the body is not read: nothing can follow on this connection.
                answer
                    .headers_mut()
                    .insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            place.begin(answer.body().size_hint().exact());
            Ok(answer)
        })
    }
}

fn expected(body: &Incoming) -> Option<u64> {
    body.size_hint()
        .exact()
        .or_else(|| (!body.is_end_stream()).then_some(FORM_BODY_MAX as u64))
}

/// A request's body: while it does not come, it is the client's turn.
struct Coming {
    body: Incoming,
    place: Arc<Place>,
    is_cut: Arc<AtomicBool>,
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let poll = Pin::new(&mut self.body).poll_frame(context);
        match &poll {
            Poll::Pending => self.place.their_turn(),
            Poll::Ready(frame) => {
                self.place.our_turn();
                if frame.is_none() || self.body.is_end_stream() {
                    self.is_cut.store(false, Ordering::Relaxed);
                }
            }
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};
    use std::net::SocketAddr;

    struct Running {
        address: SocketAddr,
        stop: watch::Sender<bool>,
        task: tokio::task::JoinHandle<()>,
    }

    async fn run(limit: usize) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let refuse = async |_: Body| axum::http::StatusCode::PAYLOAD_TOO_LARGE;
        let read = async |body: Bytes| body.len().to_string();
        let router = Router::new()
            .route("/", get(async || "here"))
            .route("/refuse", post(refuse))
            .route("/read", post(read));
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve(listener, Places::new(limit), router, stopped));
        Running { address, stop, task }
    }

    impl Running {
        async fn open(&self, start: &[u8]) -> TcpStream {
            let mut socket = TcpStream::connect(self.address).await.expect("connect");
            socket.write_all(start).await.expect("sent");
            socket
        }
    }

    async fn rest(mut socket: TcpStream) -> String {
        let mut answer = Vec::new();
        // A connection that is cut off may end in a reset.
        let _ = socket.read_to_end(&mut answer).await;
        String::from_utf8(answer).expect("text")
    }

    const WHOLE: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    #[tokio::test(start_paused = true)]
    async fn a_head_has_ten_seconds_drip_as_it_may() {
        let running = run(8).await;
        let silent = running.open(b"").await;
        let mut drip = running.open(b"GET /").await;
        let since = tokio::time::Instant::now();
        while since.elapsed() < Duration::from_secs(2 * HEAD_S) && drip.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let took = since.elapsed();
        assert!(took < Duration::from_secs(HEAD_S + 5), "{took:?}");
        assert_eq!(rest(silent).await, "");
        assert!(rest(running.open(WHOLE).await).await.ends_with("here"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_below_the_lowest_rate_is_cut_off() {
        let running = run(8).await;
        let mut socket = running
            .open(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            .await;
        let since = tokio::time::Instant::now();
        while since.elapsed() < Duration::from_secs(600) && socket.write_all(&[b'x'; 100]).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let took = since.elapsed().as_secs();
        assert!((30..200).contains(&took), "{took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn when_places_run_out_the_silent_go_and_an_honest_request_is_answered() {
        let running = run(4).await;
        let mut silent = Vec::new();
        for _ in 0..20 {
            silent.push(running.open(b"G").await);
        }
        assert!(rest(running.open(WHOLE).await).await.ends_with("here"));
    }

    #[tokio::test]
    async fn a_refusal_is_read_by_a_client_that_sends_all_before_it_reads() {
        let running = run(8).await;
        let length = 8 << 20;
        let head = format!("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        let mut socket = running.open(head.as_bytes()).await;
        socket.write_all(&vec![0; length]).await.expect("all is taken");
        let answer = rest(socket).await.to_lowercase();
        assert!(
            answer.starts_with("http/1.1 413") && answer.contains("connection: close"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn a_stop_closes_idle_connections_and_ends() {
        let running = run(8).await;
        let mut idle = running.open(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let mut first = [0; 8];
        idle.read_exact(&mut first).await.expect("an answer");
        running.stop.send_replace(true);
        let ended = tokio::time::timeout(Duration::from_secs(30), running.task).await;
        assert!(ended.is_ok_and(|ended| ended.is_ok()));
        assert!(TcpStream::connect(running.address).await.is_err());
    }
}
