//! The sockets of a server.

use elanus_runtime::Settings;
use elanus_runtime::settings::{Setting, table};
use elanus_types::{Error, ErrorKind, Result};
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpListener;

/// Both sockets, listening.
pub struct Ports {
    /// For the Milvus protocol.
    pub milvus: TcpListener,
    /// For health, metrics and status.
    pub admin: TcpListener,
}

/// Listens on both ports.
pub async fn open(settings: &Settings) -> Result<Ports> {
    let milvus = listen(settings, &table::PORT, "--port").await?;
    let admin = listen(settings, &table::ADMIN_PORT, "--admin-port").await?;
    if let Ok(address) = admin.local_addr() {
        tracing::info!("health, metrics and status on http://{address}/{{healthz,livez,metrics,status}}");
    }
    Ok(Ports { milvus, admin })
}

/// Listens on the port that a setting names; the error of a used one names the flag that changes it.
pub async fn listen(settings: &Settings, port: &Setting, flag: &str) -> Result<TcpListener> {
    let number = u16::try_from(settings.count(port)).unwrap_or_default();
    let address = SocketAddr::new(address(settings)?, number);
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            let text = format!(
                "port {number} of {} is in use; stop what uses it or choose another with {flag}",
                address.ip()
            );
            Error::new(ErrorKind::Unavailable, text)
        }
        _ => Error::io(format_args!("listening on {address}"), &error),
    })
}

/// The address to listen on: a loopback one unless the user insists.
fn address(settings: &Settings) -> Result<IpAddr> {
    let text = settings.text(&table::BIND);
    let text = if text == "localhost" { "127.0.0.1" } else { text.trim_matches(['[', ']']) };
    let address: IpAddr = text
        .parse()
        .map_err(|_| Error::invalid(format!("bind: {text} is not an IP address, for example 127.0.0.1")))?;
    if address.is_loopback() || settings.flag(&table::INSECURE_BIND) {
        return Ok(address);
    }
    Err(Error::invalid(format!(
        "{address} can be reached from other machines and there is no authentication yet: anybody who reaches it \
         may read, change and delete everything. Bind 127.0.0.1, or allow this with --insecure-bind"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_runtime::settings::Source;

    fn with(bind: &str, insecure: bool) -> Result<IpAddr> {
        let mut settings = Settings::default();
        let source = Source::Flag("test".into());
        settings.set("bind", bind, source.clone())?;
        settings.set("insecure_bind", &insecure.to_string(), source)?;
        address(&settings)
    }

    #[test]
    fn only_loopback_unless_the_user_insists() {
        for bind in ["127.0.0.1", "::1", "[::1]", "localhost", "127.1.2.3"] {
            assert!(with(bind, false).is_ok(), "{bind}");
        }
        for bind in ["0.0.0.0", "::", "192.168.1.5"] {
            assert!(
                with(bind, false).is_err_and(|error| error.message().contains("--insecure-bind")),
                "{bind}"
            );
            assert!(with(bind, true).is_ok(), "{bind}");
        }
        assert!(with("example.com", true).is_err());
    }

    #[tokio::test]
    async fn a_used_port_is_named_with_its_flag() {
        let used = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let number = used.local_addr().expect("bound").port();
        let mut settings = Settings::default();
        settings.set("port", &number.to_string(), Source::Default).expect("legal");
        let error = listen(&settings, &table::PORT, "--port").await.expect_err("it is used");
        assert!(
            error.message().contains(&number.to_string()) && error.message().contains("--port"),
            "{error}"
        );
    }
}
