//! How long a request may take: what the host allows on each plan, and what the project asked for.

use super::{Duration, Limit, Offer, TargetInfo, Targets};
use crate::package::{Package, Seconds, Vercel, VercelFunction};
use crate::path::FilePath;

/// The limits that hold for one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaxDuration<'p> {
    /// The host.
    pub target: &'static TargetInfo,
    /// The rows that can apply: one where the plan is known, else one for each plan. Empty where the table
    /// knows no limit of the host.
    pub rows: Vec<&'static Duration>,
    /// What the project asked for.
    pub set: Option<Set<'p>>,
    /// Whether the host heeds what was asked for.
    pub heeded: bool,
}

/// A limit that the project asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<'p> {
    /// How long.
    pub seconds: Seconds,
    /// Where it stands.
    pub from: SetIn<'p>,
}

/// Where a limit is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetIn<'p> {
    /// `export const maxDuration` of the route file.
    Export,
    /// `functions` of a configuration of Vercel.
    Vercel(&'p Vercel, &'p VercelFunction),
}

/// The limits for the file at `path`, which itself exports `own` as `maxDuration`. `None` where nothing is
/// known of the host.
pub fn max_duration<'p>(package: &'p Package, path: &FilePath, own: Option<u64>) -> Option<MaxDuration<'p>> {
    let target = Targets::builtin().get(&package.target.id).filter(|target| &*target.id != "unknown")?;
    let on_vercel = target.capabilities.max_duration_export.as_ref();
    let heeded = on_vercel.is_some_and(|figure| figure.value != Offer::No);
    // What the file itself says wins over the project's configuration.
    let set = own.map(|seconds| Set { seconds: Seconds::At(seconds), from: SetIn::Export });
    let set = set.or_else(|| by_glob(package.vercel.as_ref().filter(|_| heeded)?, path));
    Some(MaxDuration { target, rows: rows(package, target), set, heeded })
}

/// The rows of a host's table that can apply to a package, by what is known of its plan and of Fluid compute.
pub(super) fn rows(package: &Package, target: &'static TargetInfo) -> Vec<&'static Duration> {
    let fluid = package.vercel.as_ref().and_then(|vercel| vercel.fluid);
    let all: Vec<&Duration> = target
        .capabilities
        .duration
        .iter()
        .filter(|row| fluid.is_none() || row.fluid.is_none() || row.fluid == fluid)
        .collect();
    let Some(plan) = &package.plan else { return all };
    let of_plan: Vec<&Duration> =
        all.iter().copied().filter(|row| row.plans().any(|name| name == **plan)).collect();
    // A plan that this host does not have says nothing.
    if of_plan.is_empty() { all } else { of_plan }
}

/// What `functions` says of a file; nothing where several entries say different things.
fn by_glob<'p>(vercel: &'p Vercel, path: &FilePath) -> Option<Set<'p>> {
    let inside = path.strip(&vercel.path.parent()?)?;
    let mut found: Option<Set<'p>> = None;
    for function in vercel.functions.iter().filter(|function| function.glob.is_match(inside)) {
        let Some(seconds) = function.max_duration else { continue };
        if found.as_ref().is_some_and(|found| found.seconds != seconds) {
            return None;
        }
        found = found.or(Some(Set { seconds, from: SetIn::Vercel(vercel, function) }));
    }
    found
}

impl MaxDuration<'_> {
    /// The seconds in force under one of the rows.
    pub fn in_force(&self, row: &Duration) -> Limit {
        let Some(set) = self.set.as_ref().filter(|_| self.heeded) else { return row.default };
        match (set.seconds, row.max) {
            (Seconds::Max, max) => max,
            (Seconds::At(seconds), Limit::At(max)) => Limit::At(seconds.min(row.extended.unwrap_or(max))),
            (Seconds::At(seconds), Limit::Unlimited) => Limit::At(seconds),
        }
    }

    /// The longest time in force under any of the rows: what goes on beyond it is cut off whatever the plan.
    pub fn longest(&self) -> Option<Limit> {
        self.rows.iter().map(|row| self.in_force(row)).max_by_key(|limit| order(*limit))
    }

    /// The most that can be asked for under any of the rows, betas left out, and with them.
    pub fn most(&self) -> Option<(Limit, Limit)> {
        let usual = self.rows.iter().map(|row| row.max).max_by_key(|limit| order(*limit))?;
        let extended = |row: &&&Duration| row.extended.map_or(row.max, Limit::At);
        let beta = self.rows.iter().map(|row| extended(&row)).max_by_key(|limit| order(*limit))?;
        Some((usual, beta))
    }

    /// The most that can be asked for, where the project asks for more than any plan that it can have allows,
    /// betas included.
    pub fn refused(&self) -> Option<u64> {
        let set = self.set.as_ref().filter(|_| self.heeded)?;
        let (Seconds::At(seconds), Limit::At(most)) = (set.seconds, self.most()?.1) else { return None };
        (seconds > most && self.rows.iter().all(|row| !row.unverified)).then_some(most)
    }

    /// The rows whose plan does not allow what the project asks for.
    pub fn too_small(&self) -> Vec<&'static Duration> {
        let Some(Set { seconds: Seconds::At(seconds), .. }) = self.set.as_ref().filter(|_| self.heeded)
        else {
            return Vec::new();
        };
        let most = |row: &Duration| row.extended.map_or(row.max, Limit::At);
        self.rows.iter().copied().filter(|row| order(most(row)) < order(Limit::At(*seconds))).collect()
    }
}

fn order(limit: Limit) -> u64 {
    match limit {
        Limit::At(seconds) => seconds,
        Limit::Unlimited => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Target;

    fn on(target: &str) -> Package {
        Package { target: Target { id: target.into(), ..Target::default() }, ..Package::default() }
    }

    fn vercel(fluid: Option<bool>, functions: &[(&str, Seconds)]) -> Package {
        let functions = functions
            .iter()
            .map(|(glob, seconds)| VercelFunction {
                glob: (*glob).to_owned().into(),
                max_duration: Some(*seconds),
            })
            .collect();
        let path = FilePath::new("/p/vercel.json");
        Package { vercel: Some(Vercel { path, fluid, functions, crons: Vec::new() }), ..on("vercel") }
    }

    fn labels(limits: &MaxDuration<'_>) -> Vec<String> {
        limits.rows.iter().filter_map(|row| row.label()).collect()
    }

    #[test]
    fn the_plan_and_fluid_compute_pick_the_rows() {
        let route = FilePath::new("/p/app/api/x/route.ts");
        let package = vercel(None, &[]);
        assert_eq!(
            labels(&max_duration(&package, &route, None).unwrap()),
            [
                "Hobby",
                "Pro and Enterprise",
                "Hobby without Fluid compute",
                "Pro without Fluid compute",
                "Enterprise without Fluid compute"
            ]
        );
        let off = vercel(Some(false), &[]);
        assert_eq!(labels(&max_duration(&off, &route, None).unwrap()).len(), 3);
        let pro = Package { plan: Some("pro".into()), ..vercel(Some(true), &[]) };
        assert_eq!(labels(&max_duration(&pro, &route, None).unwrap()), ["Pro and Enterprise"]);
        let stranger = Package { plan: Some("free".into()), ..vercel(Some(true), &[]) };
        assert_eq!(labels(&max_duration(&stranger, &route, None).unwrap()), ["Hobby", "Pro and Enterprise"]);
        assert!(max_duration(&on("unknown"), &route, Some(10)).is_none());
    }

    #[test]
    fn the_export_wins_over_the_configuration_and_globs_that_disagree_say_nothing() {
        let route = FilePath::new("/p/app/api/[id]/route.ts");
        let seconds =
            |package: &Package, own| max_duration(package, &route, own).unwrap().set.map(|set| set.seconds);
        let exact = vercel(None, &[("app/api/[id]/route.ts", Seconds::At(60))]);
        assert_eq!(seconds(&exact, None), Some(Seconds::At(60)));
        assert_eq!(seconds(&exact, Some(5)), Some(Seconds::At(5)));
        let max = vercel(None, &[("app/**/*.ts", Seconds::Max), ("pages/**", Seconds::At(9))]);
        assert_eq!(seconds(&max, None), Some(Seconds::Max));
        let both = vercel(None, &[("app/**", Seconds::At(60)), ("app/api/**", Seconds::At(90))]);
        assert_eq!(seconds(&both, None), None);
        let shallow = vercel(None, &[("app/*.ts", Seconds::At(60))]);
        assert_eq!(seconds(&shallow, None), None);
    }

    #[test]
    fn a_limit_is_refused_only_where_no_plan_allows_it() {
        let route = FilePath::new("/p/app/api/x/route.ts");
        let refused = |package: &Package, own| max_duration(package, &route, Some(own)).unwrap().refused();
        assert_eq!(refused(&vercel(None, &[]), 1800), None, "a beta allows it");
        assert_eq!(refused(&vercel(None, &[]), 1801), Some(1800));
        assert_eq!(refused(&vercel(Some(false), &[]), 1000), Some(900));
        let hobby = Package { plan: Some("hobby".into()), ..vercel(None, &[]) };
        assert_eq!(refused(&hobby, 301), Some(300));
        assert_eq!(refused(&on("netlify"), 301), None, "Netlify does not read it");
        assert_eq!(refused(&on("docker"), 301), None);
    }

    #[test]
    fn what_is_in_force_is_the_least_of_what_is_asked_for_and_allowed() {
        let route = FilePath::new("/p/app/api/x/route.ts");
        let package = vercel(Some(true), &[]);
        let limits = max_duration(&package, &route, Some(500)).unwrap();
        let in_force: Vec<Limit> = limits.rows.iter().map(|row| limits.in_force(row)).collect();
        assert_eq!(in_force, [Limit::At(300), Limit::At(500)]);
        assert_eq!(limits.longest(), Some(Limit::At(500)));
        assert_eq!(limits.most(), Some((Limit::At(800), Limit::At(1800))));
        assert_eq!(limits.too_small().iter().map(|row| &*row.plan).collect::<Vec<_>>(), ["Hobby"]);
        let unset = max_duration(&package, &route, None).unwrap();
        assert_eq!(unset.longest(), Some(Limit::At(300)));
        let netlify = on("netlify");
        let limits = max_duration(&netlify, &route, Some(500)).unwrap();
        assert_eq!((limits.heeded, limits.longest()), (false, Some(Limit::At(60))));
    }
}
