//! The streams to the client.
//!
//! The runtime's own hand each read and each write to another thread, because a terminal or a file cannot be waited for.
//! Editors give pipes and sockets, which can: what is typed and what is shown are spared a change of threads each.

use tokio::io::{AsyncRead, AsyncWrite};

/// What the client writes.
type Input = Box<dyn AsyncRead + Unpin>;

/// What the client reads.
type Output = Box<dyn AsyncWrite + Unpin>;

/// Standard input and output. Must run inside a tokio runtime.
pub(crate) fn streams() -> (Input, Output) {
    #[cfg(unix)]
    let (input, output) = (unix::input(), unix::output());
    #[cfg(not(unix))]
    let (input, output) = (None, None);
    (
        input.unwrap_or_else(|| Box::new(tokio::io::stdin())),
        output.unwrap_or_else(|| Box::new(tokio::io::stdout())),
    )
}

#[cfg(unix)]
pub(crate) use unix::Modes;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::fs::FileTypeExt as _;

    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use tokio::net::UnixStream;
    use tokio::net::unix::pipe;

    use super::{Input, Output};

    /// Standard input, where it can be waited for.
    pub(super) fn input() -> Option<Input> {
        let file = File::from(own(io::stdin())?);
        let kind = file.metadata().ok()?.file_type();
        if kind.is_fifo() {
            return Some(Box::new(pipe::Receiver::from_file(file).ok()?));
        }
        kind.is_socket().then(|| socket(file)).flatten().map(|it| Box::new(it) as Input)
    }

    /// Standard output, where it can be waited for.
    pub(super) fn output() -> Option<Output> {
        let file = File::from(own(io::stdout())?);
        let kind = file.metadata().ok()?.file_type();
        if kind.is_fifo() {
            return Some(Box::new(pipe::Sender::from_file(file).ok()?));
        }
        kind.is_socket().then(|| socket(file)).flatten().map(|it| Box::new(it) as Output)
    }

    fn socket(file: File) -> Option<UnixStream> {
        let stream = std::os::unix::net::UnixStream::from(OwnedFd::from(file));
        stream.set_nonblocking(true).ok()?;
        UnixStream::from_std(stream).ok()
    }

    fn own(stream: impl AsFd) -> Option<OwnedFd> {
        stream.as_fd().try_clone_to_owned().ok()
    }

    /// How the standard streams are waited for. Whoever started the program may share them, and finds them in the end
    /// as they were.
    pub(crate) struct Modes(Vec<(OwnedFd, OFlags)>);

    impl Modes {
        pub(crate) fn note() -> Self {
            let streams = [own(io::stdin()), own(io::stdout())].into_iter().flatten();
            Self(streams.filter_map(|it| fcntl_getfl(&it).ok().map(|flags| (it, flags))).collect())
        }
    }

    impl Drop for Modes {
        fn drop(&mut self) {
            for (stream, flags) in &self.0 {
                let _ = fcntl_setfl(stream, *flags);
            }
        }
    }
}
