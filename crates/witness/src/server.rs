// SPDX-License-Identifier: Apache-2.0
//! The witness over HTTP, as C2SP tlog-witness wants it.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /add-checkpoint` | 200 with cosignature lines; 400, 403, 404, 409 with the size, 422 |
//! | `GET /HEX(SHA-256(origin))/checkpoint` | what was cosigned last of a log |
//! | `GET /health` | 200 as long as the database answers |
//! | `GET /` | the keys of the witness |
//!
//! It speaks HTTP/1.1 without TLS: it stands behind a web server that has it.

use crate::Witness;
use comity_evidence::witness::LONGEST_REQUEST;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

const TEXT: &str = "text/plain; charset=utf-8";

/// What a stranger may ask of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// How long the head of a request may take to arrive. A connection that is kept open for the next one has as long.
    pub head: Duration,
    /// How long its body may take.
    pub request: Duration,
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// How long requests that have begun may take to end when the server stops.
    pub stopping: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: LONGEST_REQUEST,
            head: Duration::from_secs(20),
            request: Duration::from_secs(20),
            connections: 512,
            stopping: Duration::from_secs(5),
        }
    }
}

/// What all connections share. `clock` gives the seconds since 1970.
struct Shared<C> {
    witness: Mutex<Witness>,
    clock: C,
    limits: Limits,
}

/// Serves until `stop` comes; then what has begun is brought to its end.
///
/// # Errors
///
/// The error of a listener or runtime that cannot be used. Trouble with one connection ends that connection.
pub fn serve<C>(listener: TcpListener, witness: Witness, clock: C, limits: Limits, stop: impl Future<Output = ()>) -> io::Result<()>
where
    C: Fn() -> u64 + Send + Sync + 'static,
{
    listener.set_nonblocking(true)?;
    let shared = Arc::new(Shared { witness: Mutex::new(witness), clock, limits });
    // One thread for the sockets; each request is answered in one of its own, where it may wait for the disk.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(accept(listener, shared, stop))
}

async fn accept<C>(listener: TcpListener, shared: Arc<Shared<C>>, stop: impl Future<Output = ()>) -> io::Result<()>
where
    C: Fn() -> u64 + Send + Sync + 'static,
{
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let limits = shared.limits;
    let places = Arc::new(Semaphore::new(limits.connections));
    let ending = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((listener.accept().await?.0, place))
        };
        let (stream, place) = tokio::select! {
            () = &mut stop => break,
            next = next => match next {
                Ok(next) => next,
                // Too many open files, a peer that is gone already: it passes.
                Err(_) => {
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let of_connection = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let shared = Arc::clone(&of_connection);
            async move { Ok::<_, Infallible>(respond(request, &shared).await) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(limits.head);
        let connection = ending.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks off has nobody to be told.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    // What is not answered by then was at least stored whole, or not at all.
    let _ = timeout(limits.stopping, ending.shutdown()).await;
    Ok(())
}

fn answer(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn respond<C>(request: Request<Incoming>, shared: &Arc<Shared<C>>) -> Response<Full<Bytes>>
where
    C: Fn() -> u64 + Send + Sync + 'static,
{
    let path = request.uri().path().strip_prefix('/').unwrap_or_default().to_owned();
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    if path == "add-checkpoint" {
        if request.method() != Method::POST {
            return answer(405, TEXT, "expected POST\n");
        }
        let limits = shared.limits;
        // Who says that it is too long need not send it.
        if request.body().size_hint().lower() > u64::try_from(limits.body).unwrap_or(u64::MAX) {
            return answer(413, TEXT, "the request is too long\n");
        }
        let body = Limited::new(request.into_body(), limits.body).collect();
        return match timeout(limits.request, body).await {
            Err(_) => answer(408, TEXT, "the request took too long to arrive\n"),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => answer(413, TEXT, "the request is too long\n"),
            Ok(Err(_)) => answer(400, TEXT, "the request broke off\n"),
            Ok(Ok(body)) => {
                let body = body.to_bytes();
                with_witness(shared, move |witness, seconds| match witness.add_checkpoint(&body, seconds)? {
                    Ok(cosignatures) => Ok(answer(200, TEXT, cosignatures)),
                    Err(refused) => {
                        let (kind, body) = refused.body();
                        Ok(answer(refused.status(), kind, body))
                    }
                })
                .await
            }
        };
    }
    if !reads {
        return answer(405, TEXT, "expected GET\n");
    }
    with_witness(shared, move |witness, _| {
        Ok(match path.as_str() {
            "" => {
                let keys: String = witness.verifying_keys().iter().map(|key| format!("{key}\n")).collect();
                answer(200, TEXT, format!("a witness of transparency logs (C2SP tlog-witness)\n{keys}"))
            }
            "health" => witness.at_place("").map(|_| answer(200, TEXT, "fine\n"))?,
            place => match witness.at_place(place)? {
                Some(note) => answer(200, TEXT, note),
                None => answer(404, TEXT, "nothing of this log was cosigned here\n"),
            },
        })
    })
    .await
}

/// Does something with the witness, away from the thread of the sockets.
async fn with_witness<C, F>(shared: &Arc<Shared<C>>, does: F) -> Response<Full<Bytes>>
where
    C: Fn() -> u64 + Send + Sync + 'static,
    F: FnOnce(&mut Witness, u64) -> Result<Response<Full<Bytes>>, crate::WitnessError> + Send + 'static,
{
    let shared = Arc::clone(shared);
    let done = tokio::task::spawn_blocking(move || {
        let mut witness = shared.witness.lock().unwrap_or_else(PoisonError::into_inner);
        // The clock is read when the witness is free: what is stated later is stated with a later time.
        let seconds = (shared.clock)();
        does(&mut witness, seconds)
    });
    match done.await {
        Ok(Ok(response)) => response,
        // What failed is for whoever runs the witness, not for strangers.
        Ok(Err(error)) => {
            eprintln!("error: {error}");
            answer(500, TEXT, "the witness cannot answer now\n")
        }
        Err(_) => answer(500, TEXT, "the witness cannot answer now\n"),
    }
}
