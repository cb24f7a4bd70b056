//! Streams to the editor of every kind.

use std::fs::File;
use std::io::{PipeReader, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;

use routewise_tests::workspace::TestProject;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use serde_json::json;

use crate::protocol::{BAD, ROUTE, ended, frame, session, spawn_on};

/// All that an editor says: the first message, and the others with `exit`.
fn said(project: &TestProject) -> [Vec<u8>; 2] {
    let messages = session(project);
    let exit = json!({ "jsonrpc": "2.0", "method": "exit" });
    [frame(&messages[0]), messages[1..].iter().chain([&exit]).flat_map(frame).collect()]
}

/// Whether a request is answered in what was heard.
fn answers(heard: &[u8], id: u32) -> bool {
    String::from_utf8_lossy(heard).contains(&format!("\"id\":{id}}}"))
}

/// Hears more until a request is answered.
fn hear(output: &mut PipeReader, heard: &mut Vec<u8>, id: u32) {
    let mut piece = [0; 4096];
    while !answers(heard, id) {
        let count = output.read(&mut piece).expect("it is open");
        assert!(count > 0, "the server has ended: {}", String::from_utf8_lossy(heard));
        heard.extend_from_slice(&piece[..count]);
    }
}

#[test]
fn pipes_that_do_not_wait_serve_as_others_do_and_both_are_left_as_they_were() {
    let project = TestProject::next(&[(ROUTE, BAD)]);
    let mode = |stream: &OwnedFd| fcntl_getfl(stream).expect("it is open");
    for waiting in [OFlags::empty(), OFlags::NONBLOCK] {
        let (input, mut ours_in) = std::io::pipe().expect("a pipe");
        let (mut ours_out, output) = std::io::pipe().expect("a pipe");
        let theirs = [input.as_fd(), output.as_fd()].map(|it| it.try_clone_to_owned().expect("it is open"));
        for stream in &theirs {
            fcntl_setfl(stream, mode(stream) | waiting).expect("it is open");
        }
        let before = theirs.each_ref().map(mode);
        let child = spawn_on(&project, input, output);
        let [first, others] = said(&project);
        let mut heard = Vec::new();
        ours_in.write_all(&first).expect("it reads");
        hear(&mut ours_out, &mut heard, 1);
        // By now it has looked for more and found nothing.
        ours_in.write_all(&others).expect("it reads on");
        hear(&mut ours_out, &mut heard, 3);
        assert!(answers(&heard, 2));
        assert!(!ended(child, "exit").contains("cannot read"));
        assert_eq!(theirs.each_ref().map(mode), before);
    }
}

#[test]
fn an_editor_at_the_other_end_of_a_socket_is_served() {
    let project = TestProject::next(&[(ROUTE, BAD)]);
    let (mut ours, theirs) = UnixStream::pair().expect("sockets");
    let input = OwnedFd::from(theirs.try_clone().expect("it is open"));
    let child = spawn_on(&project, input, OwnedFd::from(theirs));
    ours.write_all(&said(&project).concat()).expect("it reads");
    let mut heard = Vec::new();
    ours.read_to_end(&mut heard).expect("it ends");
    assert!([1, 2, 3].iter().all(|&id| answers(&heard, id)), "{}", String::from_utf8_lossy(&heard));
    assert!(!ended(child, "exit").contains("cannot read"));
}

#[test]
fn a_session_that_stands_in_a_file_is_answered_into_a_file() {
    let project = TestProject::next(&[(ROUTE, BAD)]);
    let [input, output] = ["said", "heard"].map(|name| project.path(name));
    std::fs::write(&input, said(&project).concat()).expect("it is written");
    let streams = (File::open(&input).expect("it is there"), File::create(&output).expect("it is made"));
    let child = spawn_on(&project, streams.0, streams.1);
    assert!(!ended(child, "exit").contains("cannot read"));
    let heard = std::fs::read(&output).expect("it is there");
    assert!([1, 2, 3].iter().all(|&id| answers(&heard, id)), "{}", String::from_utf8_lossy(&heard));
}
