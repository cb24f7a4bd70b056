//! What an editor's settings say, which may differ from one root to the other.

use routewise_analysis::path::FilePath;

use crate::config::Config;
use crate::paths::{file_path, within};
use crate::problem::Problem;
use crate::{Options, target};

/// The settings of an editor.
#[derive(Debug, Default)]
pub(crate) struct Editor {
    general: Option<Config>,
    /// Roots with settings of their own.
    of_roots: Vec<(FilePath, Config)>,
}

impl Editor {
    /// Takes the settings. A name that is unknown is reported and not used.
    pub(crate) fn new(options: &Options, roots: &[FilePath], problems: &mut Vec<Problem>) -> Self {
        let mut checked = |mut config: Config, root: Option<&FilePath>| {
            if let Some(Err(message)) = config.target.as_deref().map(target::check_name) {
                let place = root.cloned().unwrap_or_else(|| FilePath::new("/"));
                problems.push(Problem::whole(place, message));
                config.target = None;
            }
            config
        };
        let general = options.settings.clone().map(|config| checked(config, roots.first()));
        let of_roots = options
            .folder_settings
            .iter()
            .filter_map(|(folder, config)| {
                let root = file_path(folder).filter(|folder| roots.contains(folder))?;
                Some((root.clone(), checked(config.clone(), Some(&root))))
            })
            .collect();
        Self { general, of_roots }
    }

    /// What holds for a file or folder.
    pub(crate) fn of(&self, path: &FilePath) -> Option<&Config> {
        let own = self.of_roots.iter().find(|(root, _)| within(path, root));
        own.map(|(_, config)| config).or(self.general.as_ref())
    }

    /// Whether a folder has settings that the one above it may not have.
    pub(crate) fn begins_at(&self, folder: &FilePath) -> bool {
        self.of_roots.iter().any(|(root, _)| root == folder)
    }
}
