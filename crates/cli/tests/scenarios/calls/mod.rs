//! The calls that scenarios make, one function each, grouped by what they are about.

mod alias;
mod collection;
mod database;
mod field;
mod hybrid;
mod index;
mod load;
mod partition;
mod query;
mod search;
mod segment;
mod write;

use crate::compare::Answer;
use crate::schema::pair;
use crate::script::Call;
use crate::session::{Arguments, Failure, Outcome, Session, accepted, plain};
use elanus_proto::common::{KeyValuePair, Status};
use serde_json::{Map, Value};

/// What a call works with.
pub struct Input {
    /// Names that follow the verb.
    pub words: Vec<String>,
    /// Named arguments.
    pub arguments: Arguments,
    /// Lines below.
    pub body: String,
}

impl Input {
    /// The name at a place after the verb.
    pub fn word(&self, place: usize) -> Result<String, Failure> {
        self.words.get(place).cloned().ok_or_else(|| format!("name {} is missing", place + 1).into())
    }

    /// The rows below, objects one after the other; with `repeat: [from, to]` all of them for each number.
    pub fn rows(&mut self) -> Result<Vec<Map<String, Value>>, Failure> {
        let body = match self.arguments.take("repeat") {
            None => self.body.clone(),
            Some(range) => repeated(&self.body, &range)?,
        };
        let rows = crate::value::values(&body)?.into_iter().map(|row| match row {
            Value::Object(row) => Ok(row),
            other => Err(format!("{other} is not a row").into()),
        });
        rows.collect()
    }

    /// Pairs of the object under a name.
    pub fn pairs(&mut self, name: &str) -> Vec<KeyValuePair> {
        self.arguments.map(name).iter().map(|(key, value)| pair(key, plain(value))).collect()
    }
}

/// The text for each number of a range, which stands in for `$i` and, divided by N, for `$i%N`.
fn repeated(text: &str, range: &Value) -> Result<String, Failure> {
    let bounds: Vec<i64> = range.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    let [from, to] = bounds.as_slice() else { return Err(format!("{range} is not [from, to]").into()) };
    let with = |number: i64| {
        let mut parts = text.split("$i");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let after = part.strip_prefix('%').unwrap_or_default();
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            match after.get(..digits).and_then(|digits| digits.parse::<i64>().ok()) {
                Some(divisor) if divisor > 0 => {
                    out += &(number % divisor).to_string();
                    out += after.get(digits..).unwrap_or_default();
                }
                _ => out.extend([number.to_string().as_str(), part]),
            }
        }
        out + "\n"
    };
    Ok((*from..=*to).map(with).collect())
}

#[test]
fn rows_are_repeated() {
    let text = repeated("{id: $i, n: $i%3, t: \"t$i%\"}", &serde_json::json!([3, 4])).expect("a range");
    assert_eq!(text, "{id: 3, n: 0, t: \"t3%\"}\n{id: 4, n: 1, t: \"t4%\"}\n");
    assert!(repeated("", &serde_json::json!([3])).is_err());
}

/// Makes a call. The error says what is wrong with the step, or with the server's manners.
pub async fn make(session: &mut Session, call: Call) -> Result<Answer, String> {
    let mut input = Input { words: call.words, arguments: Arguments::new(call.arguments), body: call.body };
    let outcome = dispatch(session, &call.verb, &mut input).await;
    match outcome {
        Ok(lines) => {
            let finished = input.arguments.finish();
            finished.map_err(|failure| format!("{failure:?}"))?;
            Ok(Answer::Lines(lines))
        }
        Err(Failure::Refused(code, text)) => Ok(Answer::Error(code, text)),
        Err(Failure::Broken(text)) => Err(text),
    }
}

async fn dispatch(session: &mut Session, verb: &str, input: &mut Input) -> Outcome {
    match verb {
        "create_database" => database::create(session, input).await,
        "drop_database" => database::drop(session, input).await,
        "list_databases" => database::list(session).await,
        "describe_database" => database::describe(session, input).await,
        "alter_database" => database::alter(session, input).await,
        "use_database" => database::choose(session, input).await,
        "create_collection" => collection::create(session, input).await,
        "drop_collection" => collection::drop(session, input).await,
        "has_collection" => collection::has(session, input).await,
        "describe_collection" => collection::describe(session, input).await,
        "list_collections" => collection::list(session).await,
        "rename_collection" => collection::rename(session, input).await,
        "alter_collection" => collection::alter(session, input).await,
        "truncate" => collection::truncate(session, input).await,
        "add_field" => field::add(session, input).await,
        "collection_rows" => collection::statistics(session, input).await,
        "create_partition" => partition::create(session, input).await,
        "drop_partition" => partition::drop(session, input).await,
        "has_partition" => partition::has(session, input).await,
        "list_partitions" => partition::list(session, input).await,
        "partition_rows" => partition::statistics(session, input).await,
        "create_alias" => alias::create(session, input).await,
        "alter_alias" => alias::alter(session, input).await,
        "drop_alias" => alias::drop(session, input).await,
        "describe_alias" => alias::describe(session, input).await,
        "list_aliases" => alias::list(session, input).await,
        "create_index" => index::create(session, input).await,
        "describe_index" => index::describe(session, input).await,
        "drop_index" => index::drop(session, input).await,
        "alter_index" => index::alter(session, input).await,
        "pause" => pause(input).await,
        "load" => load::load(session, input).await,
        "release" => load::release(session, input).await,
        "load_state" => load::state(session, input).await,
        "load_progress" => load::progress(session, input).await,
        "insert" => write::insert(session, input).await,
        "upsert" => write::upsert(session, input).await,
        "delete" => write::delete(session, input).await,
        "flush" => segment::flush(session, input).await,
        "flush_all" => segment::flush_all(session).await,
        "compact" => segment::compact(session, input).await,
        "segments" => segment::persistent(session, input).await,
        "query" => query::query(session, input).await,
        "search" => search::search(session, input).await,
        "hybrid_search" => hybrid::search(session, input).await,
        _ => Err(format!("no call is named {verb}").into()),
    }
}

/// `pause MILLISECONDS`, for what happens by itself as time goes by.
async fn pause(input: &Input) -> Outcome {
    let time = input.word(0)?.parse().map_err(|_| "expected a number of milliseconds")?;
    tokio::time::sleep(std::time::Duration::from_millis(time)).await;
    Ok(vec![vec!["ok".into()]])
}

/// The answer of calls that say no more than that they were done.
fn done(status: &Status) -> Outcome {
    accepted(Some(status))?;
    Ok(vec![vec!["ok".into()]])
}

/// A flag as an answer.
fn yes_or_no(flag: bool) -> Outcome {
    Ok(vec![vec![flag.into()]])
}

/// Pairs as lines, sorted.
fn listed(pairs: &[KeyValuePair], but: &[&str]) -> Vec<Vec<Value>> {
    let mut pairs: Vec<_> = pairs.iter().filter(|pair| !but.contains(&pair.key.as_str())).collect();
    pairs.sort_by(|a, b| a.key.cmp(&b.key));
    pairs.iter().map(|pair| vec![pair.key.as_str().into(), crate::value::plain(&pair.value)]).collect()
}
