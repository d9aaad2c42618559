//! A panel, and where it stands.

use serde_json::{Value, json};

/// How many columns a dashboard has.
const COLUMNS: u32 = 24;

/// A panel.
#[derive(Debug)]
pub(super) struct Panel {
    kind: &'static str,
    title: String,
    description: String,
    width: u32,
    height: u32,
    targets: Vec<(String, &'static str)>,
    defaults: Value,
    overrides: Vec<Value>,
    options: Value,
}

/// Which colour a number has, and what is written for it.
pub(super) type Words = &'static [(&'static str, &'static str, &'static str)];

/// The states of a health check, and of the last run of a self-test.
pub(super) const STATES: Words = &[
    ("1", "Up", "green"),
    ("0.5", "Degraded", "yellow"),
    ("0", "Down", "red"),
];

impl Panel {
    fn new(kind: &'static str, title: &str, (width, height): (u32, u32)) -> Self {
        Self {
            kind,
            title: title.to_owned(),
            description: String::new(),
            width,
            height,
            targets: Vec::new(),
            defaults: json!({}),
            overrides: Vec::new(),
            options: json!({}),
        }
    }

    /// A heading.
    pub(super) fn row(title: &str) -> Self {
        Self::new("row", title, (COLUMNS, 1))
    }

    /// One number, which is red from one on if it counts what is wrong.
    pub(super) fn number(title: &str, expression: String, is_trouble: bool) -> Self {
        let mut panel = Self::new("stat", title, (4, 4)).asking(expression, "");
        let mut steps = vec![json!({"color": "green", "value": null})];
        if is_trouble {
            steps.push(json!({"color": "red", "value": 1}));
        }
        panel.defaults = json!({"thresholds": {"mode": "absolute", "steps": steps}});
        panel.options =
            json!({"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background"});
        panel
    }

    /// States over time, a line for each of so many series.
    pub(super) fn states(title: &str, lines: usize, words: Words) -> Self {
        let height = u32::try_from(lines.min(20)).unwrap_or(20) + 3;
        let mut panel = Self::new("state-timeline", title, (COLUMNS, height));
        let shown = words
            .iter()
            .enumerate()
            .map(|(index, (number, text, color))| {
                let shown = json!({"text": text, "color": color, "index": index});
                ((*number).to_owned(), shown)
            });
        let shown: serde_json::Map<_, _> = shown.collect();
        panel.defaults = json!({"mappings": [{"type": "value", "options": shown}]});
        panel.options =
            json!({"mergeValues": true, "showValue": "never", "legend": {"showLegend": false}});
        panel
    }

    /// Curves in a unit, such as `s`.
    pub(super) fn curves(title: &str, unit: &str) -> Self {
        let mut panel = Self::new("timeseries", title, (12, 8));
        panel.defaults = json!({"unit": unit, "min": 0});
        panel.options =
            json!({"legend": {"displayMode": "table", "placement": "right", "calcs": ["max"]}});
        panel
    }

    /// Asks for series, which are called by a template such as `{{check}}`.
    pub(super) fn asking(mut self, expression: String, called: &'static str) -> Self {
        self.targets.push((expression, called));
        self
    }

    /// Says in Markdown what it shows.
    pub(super) fn saying(self, description: String) -> Self {
        Self {
            description,
            ..self
        }
    }

    /// Leads from the series whose name begins with a word to an address.
    pub(super) fn linking(mut self, word: &str, title: &str, url: &str) -> Self {
        let name = word.replace('.', "\\.");
        self.overrides.push(json!({
            "matcher": {"id": "byRegexp", "options": format!("/^{}( |$)/", name.replace('/', "\\/"))},
            "properties": [{"id": "links", "value": [{"title": title, "url": url, "targetBlank": true}]}],
        }));
        self
    }

    /// Puts panels beside each other while there is room, and below each other after that.
    pub(super) fn laid_out(panels: Vec<Self>) -> Vec<Value> {
        let (mut x, mut y, mut height) = (0, 0, 0);
        let mut placed = Vec::new();
        for (index, panel) in panels.into_iter().enumerate() {
            if x + panel.width > COLUMNS {
                (x, y, height) = (0, y + height, 0);
            }
            let place = json!({"x": x, "y": y, "w": panel.width, "h": panel.height});
            x += panel.width;
            height = height.max(panel.height);
            placed.push(panel.model(index + 1, &place));
        }
        placed
    }

    fn model(self, id: usize, place: &Value) -> Value {
        if self.kind == "row" {
            return json!({
                "id": id, "type": "row", "title": self.title, "gridPos": place, "collapsed": false, "panels": [],
            });
        }
        let targets: Vec<_> = (b'A'..)
            .zip(self.targets)
            .map(|(letter, (expression, called))| {
                json!({
                    "refId": char::from(letter).to_string(),
                    "datasource": data_source(),
                    "expr": expression,
                    "legendFormat": called,
                })
            })
            .collect();
        json!({
            "id": id,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "gridPos": place,
            "datasource": data_source(),
            "targets": targets,
            "fieldConfig": {"defaults": self.defaults, "overrides": self.overrides},
            "options": self.options,
        })
    }
}

/// The one that is chosen on the dashboard.
pub(super) fn data_source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}
