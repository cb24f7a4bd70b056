//! The end of the process that started the server is the server's end.

use std::sync::Arc;
use std::time::Duration;

use crate::session::Lifetime;

/// How often the parent is looked for.
const PERIOD: Duration = Duration::from_secs(3);

/// Ends the server when the client's process is gone. A process that is not there from the start is not
/// watched: it runs in another container, and its number means nothing here.
pub(crate) async fn watch(lifetime: Arc<Lifetime>) {
    let Some(id) = lifetime.client().process_id.filter(|&id| is_alive(id)) else { return };
    while is_alive(id) {
        tokio::time::sleep(PERIOD).await;
    }
    tracing::info!(id, "the client's process has ended");
    lifetime.end();
}

#[cfg(target_os = "linux")]
fn is_alive(id: u32) -> bool {
    // A process that has ended and waits for its own parent is as good as gone.
    std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_none_or(|(_, rest)| !rest.starts_with(['Z', 'X'])))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_alive(id: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return false };
    // Any other error says that there is a process one may not signal.
    test_kill_process(id) != Err(rustix::io::Errno::SRCH)
}

/// Elsewhere the end of the input says the same: the pipe of a process that is gone is closed.
#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_lives_and_one_that_has_ended_does_not() {
        assert!(super::is_alive(std::process::id()));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let id = child.id();
        child.wait().unwrap();
        assert!(!super::is_alive(id));
    }
}
