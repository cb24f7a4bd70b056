//! Reading cases.

use std::collections::BTreeMap;
use std::sync::Arc;

use routewise_analysis::finding::Fix;
use routewise_analysis::fix::{ClientNames, ClientSite, Exported, SharedClient};
use routewise_analysis::package::{NextProject, Package, Target};
use routewise_analysis::path::FilePath;
use routewise_analysis::text::Span;

use crate::Files;

/// A file of a case.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) mark: Option<Span>,
}

/// One case.
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) files: Vec<File>,
    pub(crate) fixed: BTreeMap<String, String>,
    pub(crate) refused: bool,
    pub(crate) titled: Option<String>,
    options: Vec<String>,
}

/// What a fix is asked.
pub(crate) struct Ask<'a> {
    pub(crate) site: ClientSite<'a>,
    pub(crate) shared: Option<SharedClient>,
}

/// Every case of a Markdown file.
pub(crate) fn read(markdown: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case {
                title: title.to_owned(),
                files: Vec::new(),
                fixed: BTreeMap::new(),
                refused: false,
                titled: None,
                options: Vec::new(),
            });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(info) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            case.add(info, &text);
        } else if line.starts_with("Refused") {
            case.refused = true;
        } else if let Some(title) = line.strip_prefix("title ") {
            case.titled = Some(title.to_owned());
        } else if !line.is_empty() {
            case.options.push(line.to_owned());
        }
    }
    cases
}

impl Case {
    fn add(&mut self, info: &str, lines: &[&str]) {
        let newline = if self.has("crlf") { "\r\n" } else { "\n" };
        let mut text: String = lines.iter().flat_map(|line| [*line, newline]).collect();
        let mut words = info.split_whitespace().skip(1);
        let path = words.next().expect("a fence names its file").to_owned();
        if words.next() == Some("fixed") {
            self.fixed.insert(path, text);
            return;
        }
        let mark = text.find('⟦').map(|start| {
            text = text.replacen('⟦', "", 1);
            let end = text.find('⟧').expect("a mark ends");
            text = text.replacen('⟧', "", 1);
            Span::new(start as u32, end as u32)
        });
        self.files.push(File { path, text, mark });
    }

    fn has(&self, option: &str) -> bool {
        self.options.iter().any(|line| line == option)
    }

    fn words(&self, option: &str) -> Option<Vec<&str>> {
        self.options.iter().find_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some(option)).then(|| words.collect())
        })
    }

    /// What every file shall be afterwards.
    pub(crate) fn wanted(&self) -> BTreeMap<String, String> {
        let mut wanted: BTreeMap<String, String> =
            self.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
        wanted.extend(self.fixed.clone());
        wanted
    }

    /// The first marked place.
    pub(crate) fn site(&self) -> (String, Span) {
        let marked = self.files.iter().find_map(|file| Some((file.path.clone(), file.mark?)));
        marked.expect("a case has a mark")
    }

    /// Asks about a place with the project of this case.
    pub(crate) fn ask(
        &self,
        files: &Files,
        path: &str,
        at: Span,
        apply: impl FnOnce(&Ask<'_>) -> Option<Fix>,
    ) -> Option<Fix> {
        let document = |path: &str| Arc::clone(&files.0[&FilePath::new(&format!("/p/{path}"))]);
        let main = document(path);
        let others = self.files.iter().filter(|file| file.path != path);
        let names = self.words("client").unwrap_or_else(|| vec!["prisma", "prisma"]);
        let target = Target {
            id: self.words("target").map_or("vercel", |words| words[0]).into(),
            ..Target::default()
        };
        let package = Package {
            root: Some(FilePath::new("/p")),
            typescript: main.path().extension().starts_with("ts"),
            es_modules: self.has("modules"),
            next: self.has("next").then(NextProject::default),
            aliases: self
                .words("alias")
                .map(|words| {
                    let folder = words.get(1).map_or("/p".to_owned(), |folder| format!("/p/{folder}"));
                    (words[0].to_owned(), FilePath::new(&folder))
                })
                .into_iter()
                .collect(),
            ..Package::default()
        };
        let shared = self.words("shared").map(|words| SharedClient {
            path: FilePath::new(&format!("/p/{}", words[0])),
            export: match words[1] {
                "default" => Exported::Default,
                name => Exported::Named(name.into()),
            },
            same_arguments: true,
        });
        let site = ClientSite {
            document: &main,
            at,
            client: ClientNames {
                variable: names[0].into(),
                module: names[1].into(),
                spoken: "Prisma client".into(),
                closes: ["$disconnect", "end", "close", "quit", "disconnect"].map(Arc::from).to_vec(),
            },
            package: &package,
            others: others.filter_map(|file| Some((document(&file.path), file.mark?))).collect(),
            elsewhere: self.words("elsewhere").unwrap_or_default().into_iter().map(Arc::from).collect(),
            sources: files,
            target: &target,
        };
        apply(&Ask { site, shared })
    }
}
