//! What is said on standard error: everything that is no finding.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// What was said since [`listen`], with its colours.
static HEARD: Mutex<Option<String>> = Mutex::new(None);

/// Says why something was not done.
pub(crate) fn complain(message: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    say(&format!("{style}error{style:#}: {message}\n"));
}

/// Says what was left out.
pub(crate) fn warn(message: &str) {
    let style = anstyle::AnsiColor::Yellow.on_default().bold();
    say(&format!("{style}warning{style:#}: {message}\n"));
}

/// Says something.
pub(crate) fn tell(message: &str) {
    say(&format!("{message}\n"));
}

/// Remembers what is said from now on.
pub(crate) fn listen() {
    *HEARD.lock().unwrap_or_else(PoisonError::into_inner) = Some(String::new());
}

/// What was said since [`listen`].
pub(crate) fn heard() -> String {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
}

/// Says again what was heard in another run.
pub(crate) fn again(heard: &str) {
    say(heard);
}

/// Colours are taken out again by the stream where they are not wanted.
fn say(text: &str) {
    if let Some(heard) = &mut *HEARD.lock().unwrap_or_else(PoisonError::into_inner) {
        heard.push_str(text);
    }
    // With nowhere left to say it, there is nothing else to do.
    let _ = anstream::stderr().write_all(text.as_bytes());
}
