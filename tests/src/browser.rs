//! A real Chromium without a window, driven through its own driver: the `WebDriver` protocol is JSON over HTTP.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{Request, request};
use crate::judge::python;
use crate::process::{Process, free_address};
use crate::wait::eventually;

/// What keeps Chromium on this machine: by itself it asks its maker for updates.
const QUIET: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// The name under which the protocol has an element's identity.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How a page is shown.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// The width of the window, in pixels.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Whether somebody prefers light text on a dark ground.
    pub is_dark: bool,
}

impl Screen {
    /// A window on a desk.
    pub const DESK: Self = Self {
        width: 1280,
        height: 820,
        is_dark: false,
    };

    /// The same for somebody who prefers light text on a dark ground.
    pub const DARK_DESK: Self = Self {
        is_dark: true,
        ..Self::DESK
    };

    /// A telephone.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
        is_dark: true,
    };
}

/// A browser with one page.
#[derive(Debug)]
pub struct Browser {
    /// Where its session is.
    session: String,
    downloads: TempDir,
    _profile: TempDir,
    _driver: Process,
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// If there is no Chromium, or it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let (profile, downloads) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let address = free_address();
        let port = address.rsplit(':').next().unwrap_or_default();
        let mut driver = Command::new("chromedriver");
        let driver = driver.arg(format!("--port={port}"));
        let driver = driver.stdin(Stdio::null()).stdout(Stdio::null());
        let driver = Process::start(driver.stderr(Stdio::null()));
        eventually("the driver listens", || {
            std::net::TcpStream::connect(&address).is_ok()
        });
        let mut arguments: Vec<_> = QUIET.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"download.default_directory": downloads.path()},
            },
        }}});
        let session = format!("http://{address}/session");
        let started = send("POST", &session, Some(&capabilities)).expect("Chromium starts");
        let id = started["sessionId"].as_str().unwrap();
        let browser = Self {
            session: format!("{session}/{id}"),
            downloads,
            _profile: profile,
            _driver: driver,
        };
        browser.show_on(Screen::DESK);
        browser
    }

    /// Shows pages from here on as on this screen.
    ///
    /// # Panics
    ///
    /// If the driver cannot.
    #[track_caller]
    pub fn show_on(&self, screen: Screen) {
        let Screen {
            width,
            height,
            is_dark,
        } = screen;
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        let colours = if is_dark { "dark" } else { "light" };
        let colours = json!({"features": [{"name": "prefers-color-scheme", "value": colours}]});
        self.devtools("Emulation.setEmulatedMedia", &colours);
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value, Value> {
        send("POST", &format!("{}/{command}", self.session), Some(body))
    }

    fn get(&self, command: &str) -> Result<Value, Value> {
        send("GET", &format!("{}/{command}", self.session), None)
    }

    /// Finds an element, and returns where it is commanded.
    fn element(&self, selector: &str) -> Result<String, Value> {
        let by = json!({"using": "css selector", "value": selector});
        let found = self.post("element", &by)?;
        Ok(command(&found))
    }

    /// Finds the elements that an `XPath` expression is about.
    fn elements(&self, path: &str) -> Result<Vec<String>, Value> {
        let by = json!({"using": "xpath", "value": path});
        let found = self.post("elements", &by)?;
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .map(command)
            .collect())
    }

    /// Opens an address and waits until it is loaded.
    ///
    /// # Panics
    ///
    /// If it cannot be opened.
    #[track_caller]
    pub fn open(&self, address: &str) {
        self.post("url", &json!({ "url": address })).unwrap();
    }

    /// Waits until an element is there, and can be seen, and clicks on it.
    ///
    /// # Panics
    ///
    /// If it does not come.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        eventually(&format!("{selector} can be clicked on"), || {
            let element = self.element(selector);
            element.is_ok_and(|element| self.post(&format!("{element}/click"), &json!({})).is_ok())
        });
    }

    /// Waits until there is a button to press that is called so, and presses it; of several, the first that can be.
    ///
    /// # Panics
    ///
    /// If it does not come.
    #[track_caller]
    pub fn press(&self, button: &str) {
        let path = format!("//button[normalize-space()='{button}']");
        eventually(&format!("there is a button {button:?}"), || {
            let buttons = self.elements(&path).unwrap_or_default();
            let mut buttons = buttons.iter();
            buttons.any(|button| self.post(&format!("{button}/click"), &json!({})).is_ok())
        });
    }

    /// Types into a field, or presses keys on it.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn type_into(&self, selector: &str, text: &str) {
        let field = self.element(selector).unwrap();
        self.post(&format!("{field}/value"), &json!({ "text": text }))
            .unwrap();
    }

    /// Returns the text of an element as it is shown; `None` if there is no such element.
    pub fn text(&self, selector: &str) -> Option<String> {
        let element = self.element(selector).ok()?;
        let text = self.get(&format!("{element}/text")).ok()?;
        text.as_str().map(str::to_owned)
    }

    /// Waits until an element shows a text.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[track_caller]
    pub fn shows(&self, selector: &str, text: &str) {
        eventually(&format!("{selector} shows {text:?}"), || {
            self.text(selector)
                .is_some_and(|shown| shown.contains(text))
        });
    }

    /// Runs a script, the body of a function, in the page and returns what it returns.
    ///
    /// # Panics
    ///
    /// If it throws.
    #[track_caller]
    pub fn run(&self, script: &str) -> Value {
        let call = json!({"script": script, "args": []});
        self.post("execute/sync", &call).unwrap()
    }

    /// Waits until the page was painted, and returns how many milliseconds after it was asked for, with those to its
    /// first byte, its last, to all of it read, and to the script having begun.
    ///
    /// # Panics
    ///
    /// If it is not.
    #[track_caller]
    pub fn first_paint(&self) -> (f64, Vec<f64>) {
        let mut painted = None;
        eventually("the page was painted", || {
            let entry = "performance.getEntriesByName('first-contentful-paint')[0]";
            let at = format!("return window.isOld ? null : {entry}?.startTime");
            painted = self.run(&at).as_f64();
            painted.is_some()
        });
        let moments = "const [page] = performance.getEntriesByType('navigation');
            return [page.responseStart, page.responseEnd, page.domInteractive, page.domContentLoadedEventEnd]
                .map((moment) => Math.round(moment))";
        let moments = serde_json::from_value(self.run(moments)).unwrap();
        (painted.unwrap(), moments)
    }

    /// Asks for the page once more.
    ///
    /// # Panics
    ///
    /// If the driver cannot.
    #[track_caller]
    pub fn reload(&self) {
        self.run("window.isOld = true; location.reload()");
    }

    /// Returns what breaks a rule of axe-core, for WCAG 2.2 AA and below, each with the elements that do.
    ///
    /// # Panics
    ///
    /// If axe-core is not installed.
    #[track_caller]
    pub fn accessibility_violations(&self) -> Vec<String> {
        self.run(&axe_core());
        let script = "const done = arguments[0];
            axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(
                found => done(found.violations.map(
                    rule => rule.id + ': ' + rule.nodes.map(node => node.html).join(' '))),
                error => done([String(error)]));";
        let call = json!({"script": script, "args": []});
        let found = self.post("execute/async", &call).unwrap();
        serde_json::from_value(found).unwrap()
    }

    /// Returns what the browser has logged as an error since it was last asked, such as a script that the page's
    /// policy has refused. An answer that says no is none: the page tells people so itself.
    ///
    /// # Panics
    ///
    /// If the driver does not say.
    #[track_caller]
    pub fn errors(&self) -> Vec<String> {
        let log = self.post("se/log", &json!({"type": "browser"})).unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        let errors = entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE" && entry["source"] != "network");
        errors.map(|entry| entry["message"].to_string()).collect()
    }

    /// Switches scripts off for the pages that are opened from here on.
    ///
    /// # Panics
    ///
    /// If the driver cannot.
    #[track_caller]
    pub fn without_scripts(&self) {
        let off = json!({ "value": true });
        self.devtools("Emulation.setScriptExecutionDisabled", &off);
    }

    /// Takes a picture of the page as it is seen, as PNG.
    ///
    /// # Panics
    ///
    /// If the driver takes none.
    #[track_caller]
    pub fn picture(&self) -> Vec<u8> {
        let taken = self.devtools("Page.captureScreenshot", &json!({}));
        decoded(taken["data"].as_str().unwrap())
    }

    /// Commands what the protocol does not know, and Chromium does.
    #[track_caller]
    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let call = json!({"cmd": command, "params": parameters});
        self.post("goog/cdp/execute", &call).unwrap()
    }

    /// Waits until a file was downloaded whose name has this ending, and returns what is in it.
    ///
    /// # Panics
    ///
    /// If none comes.
    #[track_caller]
    pub fn downloaded(&self, ending: &str) -> String {
        let mut contents = String::new();
        eventually(&format!("a file .{ending} was downloaded"), || {
            let files = std::fs::read_dir(self.downloads.path()).unwrap();
            let mut paths = files.flatten().map(|file| file.path());
            let path = paths.find(|path| path.extension().is_some_and(|found| found == ending));
            contents = path
                .and_then(|path| std::fs::read_to_string(path).ok())
                .unwrap_or_default();
            !contents.is_empty()
        });
        contents
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // With its session the browser ends; the driver is killed after that.
        _ = send("DELETE", &self.session, None);
    }
}

/// Returns where an element that was found is commanded.
fn command(found: &Value) -> String {
    format!("element/{}", found[ELEMENT].as_str().unwrap_or_default())
}

/// Sends a command to the driver; the error is what it complains of.
fn send(method: &str, url: &str, body: Option<&Value>) -> Result<Value, Value> {
    let body = body.map(Value::to_string);
    let answer = request(Request {
        method,
        url,
        token: None,
        body: body.as_deref(),
    });
    let value = answer.json()["value"].take();
    if answer.status == 200 {
        Ok(value)
    } else {
        Err(value)
    }
}

/// Returns the script of axe-core, which a package for Python brings.
#[track_caller]
fn axe_core() -> String {
    let find = "import importlib.util as util\n\
        print(util.find_spec('axe_playwright_python').submodule_search_locations[0])";
    let found = Command::new(python()).args(["-c", find]).output().unwrap();
    let folder = String::from_utf8(found.stdout).unwrap();
    let script = PathBuf::from(folder.trim()).join("axe.min.js");
    std::fs::read_to_string(&script).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask test` installs it",
            script.display()
        )
    })
}

/// Decodes base 64.
#[track_caller]
fn decoded(text: &str) -> Vec<u8> {
    let mut decoder = Command::new("base64");
    let decoder = decoder
        .arg("--decode")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut decoder = decoder.spawn().unwrap();
    let mut input = decoder.stdin.take().unwrap();
    let text = text.to_owned();
    // From a thread of its own: the decoder answers while it is written to.
    let writer = std::thread::Builder::new().spawn(move || input.write_all(text.as_bytes()));
    let output = decoder.wait_with_output().unwrap();
    writer.unwrap().join().unwrap().unwrap();
    output.stdout
}
