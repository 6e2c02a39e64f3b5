//! `elanus explain`: asks a running server how a read goes, and prints the plan.

use elanus_types::{Error, Result};
use serde_json::{Map, Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Answers take as long as the read.
const PATIENCE: Duration = Duration::from_secs(120);

/// What to explain.
#[derive(clap::Args)]
pub struct Arguments {
    /// The collection, or an alias.
    collection: String,
    /// The filter.
    #[arg(long, default_value = "")]
    filter: String,
    /// Search for the vectors of rows with these primary keys, separated by commas.
    #[arg(long, value_delimiter = ',')]
    ids: Vec<String>,
    /// Search for this vector, a JSON list of numbers.
    #[arg(long, conflicts_with = "ids")]
    vector: Option<String>,
    /// The vector field, where there are several.
    #[arg(long)]
    field: Option<String>,
    /// Hits or rows.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Search parameters as JSON, for example {"ef": 64}.
    #[arg(long)]
    params: Option<String>,
    /// The database.
    #[arg(long, default_value = "default")]
    database: String,
    /// The admin port of the server.
    #[arg(long, default_value = "127.0.0.1:9091")]
    admin: String,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Asks and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let answer = post(&arguments.admin, "/explain", &body(arguments)?.to_string())?;
    let plan: Value = serde_json::from_str(&answer)
        .map_err(|_| Error::invalid(format!("{} did not answer with a plan: {answer}", arguments.admin)))?;
    if let Some(error) = plan.get("error").and_then(Value::as_str) {
        return Err(Error::invalid(error));
    }
    let text = match arguments.json {
        true => serde_json::to_string_pretty(&plan).unwrap_or_default() + "\n",
        false => show(&plan),
    };
    match write!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::io("printing", &error)),
        _ => Ok(()),
    }
}

fn body(arguments: &Arguments) -> Result<Value> {
    let mut body = json!({
        "database": arguments.database,
        "collection": arguments.collection,
        "filter": arguments.filter,
        "limit": arguments.limit,
    });
    let read = |name: &str, text: &str| {
        serde_json::from_str::<Value>(text)
            .map_err(|error| Error::invalid(format!("--{name} {text} is not JSON: {error}")))
    };
    let mut more = Map::new();
    if let Some(field) = &arguments.field {
        more.insert("field".into(), json!(field));
    }
    if let Some(vector) = &arguments.vector {
        more.insert("vector".into(), read("vector", vector)?);
    }
    if let Some(params) = &arguments.params {
        more.insert("params".into(), read("params", params)?);
    }
    if !arguments.ids.is_empty() {
        let numbers: Option<Vec<i64>> = arguments.ids.iter().map(|id| id.trim().parse().ok()).collect();
        more.insert("ids".into(), numbers.map_or_else(|| json!(arguments.ids), |numbers| json!(numbers)));
    }
    if let Some(body) = body.as_object_mut() {
        body.extend(more);
    }
    Ok(body)
}

/// One request over plain HTTP/1.1; the admin endpoint has nothing else.
fn post(address: &str, path: &str, body: &str) -> Result<String> {
    let failed = |error: std::io::Error| {
        Error::io(format!("no answer from {address}, name the server's admin port with --admin"), &error)
    };
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(failed)?;
    Ok(answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}

/// The plan for people.
fn show(plan: &Value) -> String {
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    let mut out = format!(
        "{}: {} of {} visible rows pass ({} expected), {} answered\n",
        plan["collection"].as_str().unwrap_or(""),
        plan["passed"],
        plan["visible"],
        plan["estimated"],
        plan["answered"],
    );
    out += &format!(
        "partitions read: {} of {}; segments: {}, {} of them ruled out\n",
        plan["partitions"][0],
        plan["partitions"][1],
        plan["segments"].as_array().map_or(0, Vec::len),
        plan["segments_pruned"],
    );
    for segment in plan["segments"].as_array().into_iter().flatten() {
        let kind = if segment["sealed"] == true { "sealed" } else { "growing" };
        out += &format!(
            "segment {} ({kind}, {} rows): {} pass, {:.0} µs\n",
            segment["id"],
            segment["rows"],
            segment["filter"]["passed"],
            number(&segment["micros"]),
        );
        if let Some(reason) = segment["filter"]["pruned"].as_str().filter(|reason| !reason.is_empty()) {
            out += &format!("    ruled out: {reason}\n");
        }
        for step in segment["filter"]["steps"].as_array().into_iter().flatten() {
            out += &format!(
                "    {} by {}: asked of {}, {} true ({} expected), {:.0} µs\n",
                step["condition"].as_str().unwrap_or(""),
                step["method"].as_str().unwrap_or(""),
                step["asked"],
                step["rows"],
                step["estimated"],
                number(&step["micros"]),
            );
        }
        if let Some(vector) = segment["vector"].as_object() {
            out += &format!(
                "    {}: {} rows allowed, {} distances, {:.0} µs\n",
                vector["method"].as_str().unwrap_or(""),
                vector["allowed"],
                vector["distances"],
                number(&vector["micros"]),
            );
        }
    }
    for stage in plan["stages"].as_array().into_iter().flatten() {
        let name = stage["name"].as_str().unwrap_or("");
        out += &format!("{name}: {:.0} µs\n", number(&stage["micros"]));
    }
    out
}
