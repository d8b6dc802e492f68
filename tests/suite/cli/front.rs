//! What stands between a client and WeChat: a TLS front with an authority of its own, and an HTTP
//! proxy.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A name that no resolver knows: only the proxy of a story leads there.
pub const NAME: &str = "api.wechat.test";

/// A TLS server before a plain one, with a certificate of an authority nobody knows.
pub struct TlsFront {
    /// Where it listens.
    pub address: SocketAddr,
    /// The PEM file of its authority.
    pub authority: PathBuf,
    _runtime: Runtime,
    _folder: tempfile::TempDir,
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// An authority that signs for nobody who is not a story.
fn authority() -> (Issuer<'static, KeyPair>, String) {
    let mut parameters = CertificateParams::new(Vec::new()).expect("parameters");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().expect("a key");
    let pem = parameters.self_signed(&key).expect("an authority").pem();
    (Issuer::new(parameters, key), pem)
}

/// The PEM of an authority that has signed nothing.
pub fn strange_authority() -> String {
    authority().1
}

impl TlsFront {
    /// A front before the plain server at `url`; it answers to `localhost` and to [`NAME`].
    pub fn before(url: &str) -> Self {
        let behind = url.trim_start_matches("http://").to_owned();
        let (issuer, pem) = authority();
        let names = [NAME, "localhost", "127.0.0.1"].map(str::to_owned);
        let key = KeyPair::generate().expect("a key");
        let parameters = CertificateParams::new(names).expect("parameters");
        let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(certificate)],
                PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
            )
            .expect("a configuration");
        let folder = tempfile::tempdir().expect("a folder");
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, pem).expect("a file");

        let runtime = runtime();
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    // A client that does not know the authority leaves here.
                    let mut outside = acceptor.accept(stream).await?;
                    let mut inside = TcpStream::connect(behind).await?;
                    copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        Self {
            address,
            authority,
            _runtime: runtime,
            _folder: folder,
        }
    }

    /// Its base URL on this machine.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// The authority's file, as a flag or variable takes it.
    pub fn authority(&self) -> &str {
        self.authority.to_str().expect("a path")
    }
}

/// An HTTP proxy that tunnels to one place, whatever name it is asked for.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Proxy {
    /// A proxy to `target`.
    pub fn to(target: SocketAddr) -> Self {
        let runtime = runtime();
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let told = Arc::clone(&asked);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = Arc::clone(&told);
                tokio::spawn(tunnel(stream, target, told));
            }
        });
        Self {
            address,
            asked,
            _runtime: runtime,
        }
    }

    /// Its address as the variables take it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first line of everything it was asked.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a list").clone()
    }
}

async fn tunnel(
    mut stream: TcpStream,
    target: SocketAddr,
    told: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = head.lines().next().unwrap_or_default().to_owned();
    let connects = line.starts_with("CONNECT ");
    told.lock().expect("a list").push(line);
    if !connects {
        return stream
            .write_all(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
            .await;
    }
    let mut inside = TcpStream::connect(target).await?;
    stream
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await?;
    copy_bidirectional(&mut stream, &mut inside).await?;
    Ok(())
}
