//! The plain values of a YAML file, by the way to each: as much of the format as files that describe
//! deployments are written in. What it does not understand (an anchor, a flow mapping) it leaves out, or
//! gives as it is written.

/// A plain value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Number of the document in the file, from 0.
    pub(crate) document: usize,
    /// The keys on the way; an element of a list has the number of its line in brackets.
    pub(crate) path: Vec<String>,
    /// Without quotes and comment.
    pub(crate) value: String,
}

impl Leaf {
    /// Whether the way is `keys`, elements of lists left out.
    pub(crate) fn is_at(&self, keys: &[&str]) -> bool {
        self.path.iter().filter(|key| !is_element(key)).map(String::as_str).eq(keys.iter().copied())
    }

    /// The way up to and with the first element of a list, or the first `count` keys: what belongs together.
    pub(crate) fn group(&self, count: usize) -> &[String] {
        &self.path[..count.min(self.path.len())]
    }

    /// The value as a whole number.
    pub(crate) fn number(&self) -> Option<u64> {
        self.value.parse().ok()
    }
}

fn is_element(key: &str) -> bool {
    key.starts_with('[')
}

/// Every plain value of a file.
pub(crate) fn leaves(text: &str) -> Vec<Leaf> {
    let mut out = Vec::new();
    let mut document = 0;
    // The keys around the current line with their columns.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut block: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        let mut rest = line.trim_start();
        let mut column = line.len() - rest.len();
        if rest.is_empty() || block.is_some_and(|at| column > at) {
            continue;
        }
        block = None;
        if rest.starts_with('#') {
            continue;
        }
        if rest == "---" || rest.starts_with("--- ") {
            document += 1;
            open.clear();
            continue;
        }
        while rest == "-" || rest.starts_with("- ") {
            open.retain(|(at, key)| *at < column || *at == column && !is_element(key));
            open.push((column, format!("[{number}]")));
            let after = rest[1..].trim_start();
            column += rest.len() - after.len();
            rest = after;
        }
        let Some((key, value)) = split(rest) else {
            // A list of plain values.
            let value = plain(rest);
            if !value.is_empty() && open.last().is_some_and(|(_, key)| is_element(key)) {
                out.push(Leaf { document, path: path(&open), value });
            }
            continue;
        };
        open.retain(|(at, _)| *at < column);
        open.push((column, key));
        if value.starts_with(['|', '>']) {
            block = Some(column);
        } else if !value.is_empty() {
            out.push(Leaf { document, path: path(&open), value: plain(value) });
        }
    }
    out
}

fn path(open: &[(usize, String)]) -> Vec<String> {
    open.iter().map(|(_, key)| key.clone()).collect()
}

/// `key: value`.
fn split(line: &str) -> Option<(String, &str)> {
    let (key, value) = match line.strip_prefix(['"', '\'']) {
        Some(quoted) => {
            let (key, rest) = quoted.split_once(['"', '\''])?;
            (key, rest.trim_start().strip_prefix(':')?)
        }
        None => match line.split_once(": ") {
            Some(pair) => pair,
            None => (line.trim_end().strip_suffix(':')?, ""),
        },
    };
    let value = value.trim();
    Some((key.trim().to_owned(), if value.starts_with('#') { "" } else { value }))
}

fn plain(value: &str) -> String {
    if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        return value[1..].split(quote).next().unwrap_or_default().to_owned();
    }
    value.split(" #").next().unwrap_or(value).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_way_in_maps_and_lists() {
        let text = "# head\nservices:\n  web:\n    build: .\n    deploy:\n      replicas: 3 # three\n    \
                    command: |\n      replicas: 9\nlist:\n- name: \"a: b\"\n  'n': '2'\n- name: c\n---\n\
                    kind: Deployment\n";
        let shown: Vec<String> = leaves(text)
            .into_iter()
            .map(|leaf| format!("{} {} = {}", leaf.document, leaf.path.join("."), leaf.value))
            .collect();
        assert_eq!(
            shown,
            [
                "0 services.web.build = .",
                "0 services.web.deploy.replicas = 3",
                "0 list.[9].name = a: b",
                "0 list.[9].n = 2",
                "0 list.[11].name = c",
                "1 kind = Deployment",
            ]
        );
        let leaf = &leaves("a:\n  - b: 7\n")[0];
        assert!(leaf.is_at(&["a", "b"]) && leaf.number() == Some(7));
        assert_eq!(leaf.group(2), ["a", "[1]"]);
    }
}
