//! The wire between one browser and the service, which can be cut. The browser's own switch reaches the page but not
//! its workers (tried with Chromium 156), so the bytes themselves are held up.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use deployment::{Call, Calls};

/// What a member or a declarant posts.
const POSTS: [&[u8]; 3] = [b"POST /api/v1/acts ", b"POST /api/v1/office ", b"POST /api/v1/filings "];

/// A relay on a port of its own.
pub struct Wire {
    /// Address for the browser.
    pub url: String,
    state: Arc<State>,
}

struct State {
    service: String,
    is_cut: AtomicBool,
    is_over: AtomicBool,
    /// Bytes that went to the service.
    sent: AtomicU64,
    /// The wire is cut when as many went.
    sent_max: AtomicU64,
    /// The wire is cut when the answer to a post comes.
    is_deaf: AtomicBool,
    /// The wire is cut when a call for a path that ends so comes.
    cut_at: Mutex<Option<&'static str>>,
    open: Mutex<Vec<TcpStream>>,
    /// What went to the service since [`Wire::listen`]; `None` while nobody listens.
    heard: Mutex<Option<Vec<u8>>>,
    /// Every call, with the number of its connection.
    calls: Mutex<Vec<(usize, Call)>>,
    /// Connections so far.
    count: AtomicUsize,
}

impl Wire {
    /// A wire to the service at this address.
    pub fn lay(service_url: &str) -> Result<Self> {
        let service = service_url.strip_prefix("http://").context("the service speaks HTTP")?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(State {
            service: service.to_owned(),
            is_cut: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            sent_max: AtomicU64::new(u64::MAX),
            is_deaf: AtomicBool::new(false),
            cut_at: Mutex::default(),
            open: Mutex::default(),
            heard: Mutex::default(),
            calls: Mutex::default(),
            count: AtomicUsize::new(0),
        });
        let held = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if held.is_over.load(Ordering::SeqCst) {
                    break;
                }
                held.join(stream);
            }
        });
        Ok(Self { url, state })
    }

    /// Ends all connections and takes no others, or takes them again.
    pub fn set_joined(&self, is_joined: bool) {
        if is_joined {
            self.state.sent_max.store(u64::MAX, Ordering::SeqCst);
            self.state.is_deaf.store(false, Ordering::SeqCst);
            self.state.is_cut.store(false, Ordering::SeqCst);
        } else {
            self.state.cut();
        }
    }

    /// Cuts the wire by itself once `bytes` more have gone to the service.
    pub fn cut_after(&self, bytes: u64) {
        let sent = self.state.sent.load(Ordering::SeqCst);
        self.state.sent_max.store(sent + bytes, Ordering::SeqCst);
    }

    /// Cuts the wire by itself when the service answers what is posted next: it was heard, and nobody is told.
    pub fn cut_at_answer(&self) {
        self.state.is_deaf.store(true, Ordering::SeqCst);
    }

    /// Cuts the wire by itself when a file of this name is asked for: the service does not hear of it.
    pub fn cut_at_file(&self, name: &'static str) {
        *self.state.cut_at() = Some(name);
    }

    /// Begins to keep every byte that goes to the service.
    pub fn listen(&self) {
        *self.state.heard() = Some(Vec::new());
    }

    /// Every byte that went to the service since [`Self::listen`], in the order in which it passed.
    pub fn heard(&self) -> Vec<u8> {
        self.state.heard().take().unwrap_or_default()
    }

    /// Every call so far, in the order in which they passed, each with the number of its connection.
    pub fn calls(&self) -> Vec<(usize, Call)> {
        self.state.calls().clone()
    }

    /// True while nothing passes.
    pub fn is_cut(&self) -> bool {
        self.state.is_cut.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        self.state.cut();
        // Wakes the listener, so that it sees that all is over.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

impl State {
    fn heard(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut_at(&self) -> MutexGuard<'_, Option<&'static str>> {
        self.cut_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn calls(&self) -> MutexGuard<'_, Vec<(usize, Call)>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Passes on one connection in both directions.
    fn join(self: &Arc<Self>, browser: TcpStream) {
        let service = TcpStream::connect(&self.service);
        let (Ok(service), false) = (service, self.is_cut.load(Ordering::SeqCst)) else {
            let _ = browser.shutdown(Shutdown::Both);
            return;
        };
        let ends = [&browser, &service].map(TcpStream::try_clone);
        let [Ok(browser_too), Ok(service_too)] = ends else {
            return;
        };
        let kept = [browser.try_clone(), service.try_clone()];
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend(kept.into_iter().flatten());
        drop(open);
        if self.is_cut.load(Ordering::SeqCst) {
            self.cut();
        }
        let has_posted = Arc::new(AtomicBool::new(false));
        let (state, posted) = (Arc::clone(self), Arc::clone(&has_posted));
        std::thread::spawn(move || state.pass(browser, service, true, &posted));
        let state = Arc::clone(self);
        std::thread::spawn(move || state.pass(service_too, browser_too, false, &has_posted));
    }

    fn pass(&self, mut from: TcpStream, mut to: TcpStream, is_up: bool, has_posted: &AtomicBool) {
        let mut buffer = vec![0; 16 * 1024];
        let number = is_up.then(|| self.count.fetch_add(1, Ordering::SeqCst));
        let mut calls = Calls::default();
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if let Some(number) = number {
                let new = calls.push(&buffer[..length]);
                let name = self
                    .cut_at()
                    .take_if(|name| new.iter().any(|call| call.path.ends_with(*name)));
                self.calls().extend(new.into_iter().map(|call| (number, call)));
                if name.is_some() {
                    self.cut();
                    return;
                }
                if POSTS.iter().any(|post| buffer.starts_with(post)) {
                    has_posted.store(true, Ordering::SeqCst);
                } else if buffer.starts_with(b"GET ") {
                    has_posted.store(false, Ordering::SeqCst);
                }
                if let Some(heard) = self.heard().as_mut() {
                    heard.extend_from_slice(&buffer[..length]);
                }
                let sent = self.sent.fetch_add(length as u64, Ordering::SeqCst) + length as u64;
                if sent > self.sent_max.load(Ordering::SeqCst) {
                    self.cut();
                    return;
                }
            }
            if !is_up && self.is_deaf.load(Ordering::SeqCst) && has_posted.load(Ordering::SeqCst) {
                self.cut();
                return;
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }
}
