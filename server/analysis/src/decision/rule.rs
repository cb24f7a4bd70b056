//! The seven needs of a project, and what follows from them alone: a checklist that a person could fill in.

use serde::Serialize;

/// Something a project may need, which decides where its routes belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Connections that stay open, in both directions or one.
    Websockets,
    /// Work that outlives a request, or takes longer than one should.
    LongRunningJobs,
    /// Other frontends, or strangers, that ask for the same routes.
    MultipleClients,
    /// Frontend and backend are the work of different people.
    SeparateTeams,
    /// One application holds the pages and the routes that they ask for.
    SimpleFullStack,
    /// One deployment, without a server to look after.
    DeploySimplicity,
    /// One person writes all of it.
    SingleDeveloper,
}

/// How a need counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It takes a persistent process.
    Required,
    /// It speaks for a service of its own.
    Preferred,
    /// It speaks for Next.js, where nothing speaks for the other side.
    Neutral,
}

/// Whether a need is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// It is.
    Yes,
    /// It is not, as far as code can say so.
    No,
    /// Code does not tell.
    Unknown,
}

/// Where the needs alone would put a project's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// Routes of Next.js.
    Next,
    /// A persistent process with Express.
    Express,
    /// Some here, some there.
    Both,
    /// Nothing speaks for one or the other.
    Either,
}

impl Need {
    /// Every need, in the order of the checklist.
    pub const ALL: [Need; 7] = [
        Need::Websockets,
        Need::LongRunningJobs,
        Need::MultipleClients,
        Need::SeparateTeams,
        Need::SimpleFullStack,
        Need::DeploySimplicity,
        Need::SingleDeveloper,
    ];

    /// Its name in configurations and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Need::Websockets => "websockets",
            Need::LongRunningJobs => "longRunningJobs",
            Need::MultipleClients => "multipleClients",
            Need::SeparateTeams => "separateTeams",
            Need::SimpleFullStack => "simpleFullStack",
            Need::DeploySimplicity => "deploySimplicity",
            Need::SingleDeveloper => "singleDeveloper",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Need::Websockets => "WebSockets or streams without an end",
            Need::LongRunningJobs => "Long-running jobs",
            Need::MultipleClients => "Several clients",
            Need::SeparateTeams => "Separate teams",
            Need::SimpleFullStack => "Simple full-stack app",
            Need::DeploySimplicity => "Simple deployment",
            Need::SingleDeveloper => "A single developer",
        }
    }

    /// The need of this name.
    pub fn named(name: &str) -> Option<Need> {
        Need::ALL.into_iter().find(|need| need.name() == name)
    }

    /// How it counts.
    pub fn weight(self) -> Weight {
        match self {
            Need::Websockets | Need::LongRunningJobs => Weight::Required,
            Need::MultipleClients | Need::SeparateTeams => Weight::Preferred,
            Need::SimpleFullStack | Need::DeploySimplicity | Need::SingleDeveloper => Weight::Neutral,
        }
    }
}

/// What follows from the needs that are there.
///
/// One that is required takes a persistent process, one that is preferred speaks for it. Where neither is there and
/// simplicity counts, it is Next.js. Where both sides have something to say, it is both.
pub fn lean(there: impl Fn(Need) -> bool) -> Lean {
    let any = |weight: Weight| Need::ALL.into_iter().any(|need| need.weight() == weight && there(need));
    let persistent = any(Weight::Required) || any(Weight::Preferred);
    match (persistent, any(Weight::Neutral)) {
        (true, true) => Lean::Both,
        (true, false) => Lean::Express,
        (false, true) => Lean::Next,
        (false, false) => Lean::Either,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of the seven needs, to be read by a person. Rows: what asks for Express (`w`ebsockets and
    /// `l`ong-running jobs are required; several `c`lients and separate `t`eams are preferred). Columns: what asks for
    /// simplicity (simple full `s`tack, simple `d`eployment, a single developer `1`).
    const TABLE: &str = "
             ...      s..      .d.      ..1      sd.      s.1      .d1      sd1
      ....   either   next     next     next     next     next     next     next
      ...t   express  both     both     both     both     both     both     both
      ..c.   express  both     both     both     both     both     both     both
      ..ct   express  both     both     both     both     both     both     both
      .l..   express  both     both     both     both     both     both     both
      .l.t   express  both     both     both     both     both     both     both
      .lc.   express  both     both     both     both     both     both     both
      .lct   express  both     both     both     both     both     both     both
      w...   express  both     both     both     both     both     both     both
      w..t   express  both     both     both     both     both     both     both
      w.c.   express  both     both     both     both     both     both     both
      w.ct   express  both     both     both     both     both     both     both
      wl..   express  both     both     both     both     both     both     both
      wl.t   express  both     both     both     both     both     both     both
      wlc.   express  both     both     both     both     both     both     both
      wlct   express  both     both     both     both     both     both     both
    ";

    #[test]
    fn all_128_combinations_of_the_needs_lead_where_the_table_says() {
        let letters = ["w", "l", "c", "t", "s", "d", "1"];
        let mut lines = TABLE.trim().lines().map(str::split_whitespace);
        let columns: Vec<&str> = lines.next().unwrap().collect();
        let mut seen = std::collections::BTreeSet::new();
        for mut row in lines {
            let asks = row.next().unwrap();
            for (simple, expected) in columns.iter().zip(row) {
                let set: String = format!("{asks}{simple}").replace('.', "");
                let there = |need: Need| {
                    let at = Need::ALL.iter().position(|it| *it == need).unwrap();
                    set.contains(letters[at])
                };
                let lean = match lean(there) {
                    Lean::Next => "next",
                    Lean::Express => "express",
                    Lean::Both => "both",
                    Lean::Either => "either",
                };
                assert_eq!(lean, expected, "{set}");
                seen.insert(set);
            }
        }
        assert_eq!(seen.len(), 128);
    }

    #[test]
    fn a_need_is_found_by_the_name_it_has_in_a_configuration() {
        for need in Need::ALL {
            assert_eq!(Need::named(need.name()), Some(need));
        }
        assert_eq!(Need::named("websocket"), None);
    }
}
