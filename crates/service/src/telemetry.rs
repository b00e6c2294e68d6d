//! Counters for the operator, in the text format of Prometheus. Nothing in them belongs to one person or case.

use std::time::Duration;

use metrics::{Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// Bounds of the histogram of answer times.
const SECONDS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0];

/// The counters of one service. Not installed globally, so that several services can live in one process.
pub(crate) struct Telemetry {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Telemetry {
    /// All at zero.
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = recorder.build_recorder();
        let handle = recorder.handle();
        Self { recorder, handle }
    }

    /// A request was answered.
    pub fn answered(&self, route: &str, status: u16, code: &'static str, took: Duration) {
        let labels = vec![
            Label::new("route", route.to_owned()),
            Label::new("status", status.to_string()),
            Label::new("code", code),
        ];
        self.recorder
            .register_counter(&Key::from_parts("resguardo_answers_total", labels), &METADATA)
            .increment(1);
        let labels = vec![Label::new("route", route.to_owned())];
        let seconds = Key::from_parts("resguardo_answer_seconds", labels);
        self.recorder
            .register_histogram(&seconds, &METADATA)
            .record(took.as_secs_f64());
    }

    /// Counts something that happened.
    pub fn count(&self, name: &'static str) {
        self.recorder
            .register_counter(&Key::from_static_name(name), &METADATA)
            .increment(1);
    }

    /// How far a cosigner's clock is ahead of this machine's, in seconds; negative where it is behind.
    pub fn cosigner_clock(&self, cosigner: &str, ahead_s: f64) {
        let labels = vec![Label::new("cosigner", cosigner.to_owned())];
        let key = Key::from_parts("resguardo_cosigner_clock_ahead_seconds", labels);
        self.recorder.register_gauge(&key, &METADATA).set(ahead_s);
    }

    /// Everything, as Prometheus reads it.
    pub fn text(&self) -> String {
        self.upkeep();
        self.handle.render()
    }

    /// Folds the times that were recorded into their histograms; without it they would pile up unread.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// What is so now.
    pub fn gauge(&self, name: &'static str, value: u64) {
        // Exact up to 2^53.
        self.recorder
            .register_gauge(&Key::from_static_name(name), &METADATA)
            .set(value as f64);
    }

    /// What has been counted elsewhere since the start.
    pub fn total(&self, name: &'static str, value: u64) {
        self.recorder
            .register_counter(&Key::from_static_name(name), &METADATA)
            .absolute(value);
    }
}
