//! Runs scenarios side by side, step by step: all first steps, then what the configuration does between steps, then
//! all second steps and so on. So restarts are few though every scenario meets one after each of its steps.

use crate::calls;
use crate::compare::{Answer, Variables, matches, with_variables};
use crate::configuration::Configuration;
use crate::script::{Step, call, steps};
use crate::server::Server;
use crate::session::Session;
use elanus_proto::milvus::CreateDatabaseRequest;
use elanus_proto::milvus::milvus_service_client::MilvusServiceClient;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

/// A file and how far it is.
#[derive(Clone)]
pub struct Scenario {
    path: PathBuf,
    text: String,
    settings: Vec<String>,
    steps: Vec<Step>,
    answers: Vec<Result<Answer, String>>,
    wrong: Vec<usize>,
    variables: Variables,
    database: String,
}

impl Scenario {
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(path, &text)
    }

    pub fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let mut steps = steps(text).map_err(|error| format!("{}: {error}", path.display()))?;
        let settings = settings(&mut steps);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        // No name of a database begins with that of another.
        let home = format!("{}_db", stem.replace('-', "_"));
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            settings,
            steps,
            answers: Vec::new(),
            wrong: Vec::new(),
            variables: Variables::from([("db".to_owned(), home.clone().into())]),
            database: home,
        })
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    fn home(&self) -> String {
        self.variables.get("db").and_then(|name| name.as_str()).unwrap_or_default().to_owned()
    }

    /// Runs one step.
    async fn step(&mut self, place: usize, server: MilvusServiceClient<tonic::transport::Channel>) {
        let Some(step) = self.steps.get(place) else { return };
        let mut session = Session { client: server, database: self.database.clone(), home: self.home() };
        let answer = match call(&with_variables(&step.text, &self.variables)) {
            Ok(call) => calls::make(&mut session, call).await,
            Err(error) => Err(error),
        };
        self.database = session.database;
        let same = answer.as_ref().map_err(Clone::clone);
        let same = same.and_then(|answer| matches(step.expected.as_ref(), answer, &mut self.variables));
        let same = same.unwrap_or_else(|error| {
            // Either the call could not be made, or what is expected cannot be read.
            self.answers.push(Err(error));
            false
        });
        if self.answers.len() == place {
            self.answers.push(answer);
        }
        if !same {
            self.wrong.push(place);
        }
    }

    /// What went wrong, one text for each step.
    pub fn failures(&self) -> Vec<String> {
        let indented =
            |lines: &[String]| lines.iter().map(|line| format!("    {line}\n")).collect::<String>();
        let failures = self.wrong.iter().filter_map(|place| {
            let step = self.steps.get(*place)?;
            let got = match self.answers.get(*place)? {
                Ok(answer) => answer.lines(),
                Err(error) => vec![error.clone()],
            };
            let expected = step.expected.as_ref().map_or(vec!["any success".to_owned()], |e| e.lines.clone());
            let head = format!("{}:{}: {}", self.path.display(), step.line, step.text);
            Some(format!("{head}\n  expected\n{}  got\n{}", indented(&expected), indented(&got)))
        });
        failures.collect()
    }

    /// Writes the file with the answers of failed steps in place of what they expected.
    pub fn rewrite(&self) -> std::io::Result<()> {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        for place in self.wrong.iter().rev() {
            let (Some(step), Some(Ok(answer))) = (self.steps.get(*place), self.answers.get(*place)) else {
                continue;
            };
            match &step.expected {
                Some(expected) => {
                    let begin = expected.line - 1;
                    lines.splice(begin..begin + expected.lines.len(), answer.lines());
                }
                None => {
                    let begin = step.line - 1 + step.text.lines().count();
                    lines.splice(begin..begin, std::iter::once("----".to_owned()).chain(answer.lines()));
                }
            }
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        std::fs::write(&self.path, lines.join("\n") + "\n")
    }
}

/// Settings of the server that a scenario asks for in place of its first step.
fn settings(steps: &mut Vec<Step>) -> Vec<String> {
    let asked = steps.first().and_then(|step| step.text.strip_prefix("settings "));
    let Some(settings) = asked.map(|words| words.split_whitespace().map(str::to_owned).collect()) else {
        return Vec::new();
    };
    steps.remove(0);
    settings
}

/// Runs all, those that ask for the same settings on one server; what went wrong is in the scenarios. The error says
/// that there is no server to run them against.
pub async fn run(scenarios: &mut Vec<Scenario>, configuration: Configuration) -> Result<(), String> {
    let mut groups: BTreeMap<Vec<String>, Vec<Scenario>> = BTreeMap::new();
    for scenario in std::mem::take(scenarios) {
        groups.entry(scenario.settings.clone()).or_default().push(scenario);
    }
    let mut outcome = Ok(());
    for (settings, mut group) in groups {
        if outcome.is_ok() {
            outcome = run_group(&mut group, configuration, &settings).await;
        }
        scenarios.extend(group);
    }
    outcome
}

async fn run_group(
    scenarios: &mut Vec<Scenario>,
    configuration: Configuration,
    settings: &[String],
) -> Result<(), String> {
    let folder = folder(configuration)?;
    let mut server = configuration.start(&folder, settings).await?;
    prepare(&server, scenarios).await?;
    let rounds = scenarios.iter().map(Scenario::steps).max().unwrap_or(0);
    for round in 0..rounds {
        all_step(scenarios, round, &server).await?;
        server = configuration.between(server, &folder, round, settings).await?;
    }
    server.stop(crate::server::Stop::Asked).await?;
    // Where a server failed, its folder and log stay for whoever looks for the reason.
    crate::server::remove(&folder)
}

/// A new folder under the target folder.
fn folder(configuration: Configuration) -> Result<PathBuf, String> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("scenarios-{configuration:?}-{}-{number}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// A database for each.
async fn prepare(server: &Server, scenarios: &[Scenario]) -> Result<(), String> {
    let mut client = MilvusServiceClient::new(server.channel.clone());
    for scenario in scenarios {
        let message = CreateDatabaseRequest { db_name: scenario.home(), ..Default::default() };
        let status = client.create_database(message).await.map_err(|error| error.to_string())?.into_inner();
        crate::session::accepted(Some(&status)).map_err(|failure| format!("{failure:?}"))?;
    }
    Ok(())
}

async fn all_step(scenarios: &mut Vec<Scenario>, round: usize, server: &Server) -> Result<(), String> {
    let mut steps = JoinSet::new();
    for (place, mut scenario) in std::mem::take(scenarios).into_iter().enumerate() {
        let client = MilvusServiceClient::new(server.channel.clone()).max_decoding_message_size(usize::MAX);
        steps.spawn(async move {
            scenario.step(round, client).await;
            (place, scenario)
        });
    }
    let mut done = Vec::new();
    while let Some(step) = steps.join_next().await {
        done.push(step.map_err(|error| format!("round {round}: {error}\n{}", server.log_tail()))?);
    }
    done.sort_by_key(|(place, _)| *place);
    scenarios.extend(done.into_iter().map(|(_, scenario)| scenario));
    Ok(())
}
