use std::fmt;

use serde::Serialize;

use crate::doctor::Step;
use crate::{Language, Transport};

/// What a look at this PC has found. `Display` is for people, [`Self::json`] for programs; neither holds a secret or
/// anything of a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctorReport {
    version: String,
    language: Language,
    findings: Vec<Finding>,
}

/// What was found at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub step: Step,
    /// How it went.
    pub outcome: Outcome,
    /// What is wrong, for programs; `None` where nothing is.
    pub code: Option<&'static str>,
    /// What was found; of a step that failed, what is wrong and what to do.
    pub message: String,
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Something is wrong.
    Failed,
    /// There was nothing to look at, or an earlier step is in the way.
    Skipped,
}

/// The report as programs read it.
#[derive(Serialize)]
struct Json<'a> {
    version: &'a str,
    ok: bool,
    steps: Vec<JsonStep<'a>>,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    step: &'static str,
    outcome: Outcome,
    code: Option<&'static str>,
    message: &'a str,
}

impl<'a> JsonStep<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            step: finding.step.as_str(),
            outcome: finding.outcome,
            code: finding.code,
            message: &finding.message,
        }
    }
}

impl DoctorReport {
    /// A report that has found nothing yet.
    pub(super) fn new(version: &str, language: Language) -> Self {
        Self {
            version: version.to_owned(),
            language,
            findings: Vec::new(),
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.outcome != Outcome::Failed)
    }

    /// What was found, in the order of the steps.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The report as one JSON object; its shape is in docs/WIRE.md.
    #[must_use]
    pub fn json(&self) -> String {
        let json = Json {
            version: &self.version,
            ok: self.is_ok(),
            steps: self.findings.iter().map(JsonStep::of).collect(),
        };
        serde_json::to_string_pretty(&json).unwrap_or_default()
    }

    /// What people call a step, in the report's language.
    #[must_use]
    pub const fn name_of(&self, step: Step) -> &'static str {
        self.language.step(step)
    }

    pub(super) const fn language(&self) -> Language {
        self.language
    }

    pub(super) fn pass(&mut self, step: Step, message: &str) {
        self.find(step, Outcome::Ok, None, message);
    }

    pub(super) fn fail(&mut self, step: Step, code: &'static str, message: &str) {
        self.findings.retain(|finding| finding.step != step);
        self.find(step, Outcome::Failed, Some(code), message);
        if let Some(at) = Step::WAY.iter().position(|way| *way == step) {
            for later in &Step::WAY[at + 1..] {
                self.find(*later, Outcome::Skipped, None, self.language.not_reached());
            }
        }
    }

    /// There was nothing to look at, as `message` says.
    pub(super) fn skip(&mut self, step: Step, message: &str) {
        self.find(step, Outcome::Skipped, None, message);
    }

    /// Everything on the way to the server is well up to `step`.
    pub(super) fn reached(&mut self, step: Step, is_encrypted: bool) {
        for way in Step::WAY.into_iter().take_while(|way| *way < step) {
            if way == Step::Tls && !is_encrypted {
                self.find(way, Outcome::Skipped, None, self.language.not_encrypted());
            } else {
                self.find(way, Outcome::Ok, None, "");
            }
        }
    }

    /// Everything is well.
    pub(super) fn arrived(&mut self, is_encrypted: bool, transport: Transport) {
        self.reached(Step::Transport, is_encrypted);
        self.pass(Step::Transport, self.language.transport(transport));
    }

    fn find(&mut self, step: Step, outcome: Outcome, code: Option<&'static str>, message: &str) {
        self.findings.push(Finding {
            step,
            outcome,
            code,
            message: message.to_owned(),
        });
    }
}

impl fmt::Display for DoctorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Deskbell {}", self.version)?;
        for finding in &self.findings {
            let (outcome, step) = (
                self.language.outcome(finding.outcome),
                self.language.step(finding.step),
            );
            if finding.message.is_empty() {
                writeln!(f, "[{outcome}] {step}")?;
            } else {
                writeln!(f, "[{outcome}] {step}: {}", finding.message)?;
            }
        }
        writeln!(f, "{}", self.language.conclusion(self.is_ok()))
    }
}
