//! A stand-in for an edge, in this process: it answers at once, so what it is told shows how fast the callers are.

use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::{Context, Result};

/// Has every connection served, each in a thread of its own, as long as this process lives. Gives the address.
///
/// # Errors
/// When there is no free port.
pub fn listen<T: Send + 'static>(serve: fn(TcpStream) -> T) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    Ok(format!("http://127.0.0.1:{port}"))
}
