//! The server: listens, and hands each connection on.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::Options;
use super::app::App;
use super::connection;
use crate::model::io_words;

/// A running sandbox. It stops when it is dropped; [`Server::shutdown`] also waits until it has.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    listening: JoinHandle<()>,
}

impl Server {
    /// Reads the store, binds the address and begins to answer. Needs a tokio runtime; one thread is enough.
    ///
    /// The error's text says what could not be done and is meant for people.
    pub async fn start(options: Options) -> io::Result<Self> {
        let wanted = options.listen;
        // Whoever reaches the server can read and change what it holds, by the control endpoint without a key.
        if !wanted.ip().is_loopback() {
            let why =
                format!("the sandbox listens on this machine only, and {wanted} is not 127.0.0.1 or [::1]");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let app = App::open(options)?;
        let listener = TcpListener::bind(wanted).await.map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("the sandbox cannot listen on {wanted}: {}", io_words(&error)),
            )
        })?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let listening = tokio::spawn(listen(listener, Arc::new(Mutex::new(app)), stopped));
        Ok(Self { address, stop, listening })
    }

    /// Where it listens, with the port that was free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as an instance's URL: `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes every connection and the store. What was answered, was stored before.
    pub async fn shutdown(self) {
        // Where the task has ended already, there is nothing to stop.
        let _ = self.stop.send(());
        let _ = self.listening.await;
    }
}

/// Ends when `stopped` brings a message, and when its sender is gone.
async fn listen(listener: TcpListener, app: Arc<Mutex<App>>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection::serve(stream, Arc::clone(&app)));
                }
                // Out of file descriptors, most likely: trying again at once would only burn the processor.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            // Lets go of connections that have ended.
            Some(_) = connections.join_next() => {}
        }
    }
    connections.shutdown().await;
}
