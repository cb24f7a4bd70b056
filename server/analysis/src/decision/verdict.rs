//! The verdict on a project: the rule of the needs, held against what the code and its host make of it.

use super::answer::Verdict;
use super::rule::Lean;

/// What there is on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sides {
    /// Routes of Next.js that are right there, with changes or without; pages count as one.
    pub(crate) stays: usize,
    /// Routes and parts of Next.js that belong in a persistent process.
    pub(crate) goes: usize,
    /// There is a process beside Next.js, or instead of it.
    pub(crate) service: bool,
    /// Somebody declared a need that takes a persistent process.
    pub(crate) declared: bool,
    /// What speaks for a persistent process, in points.
    pub(crate) persistent: u32,
    /// What speaks for routes of Next.js, in points.
    pub(crate) serverless: u32,
}

/// Each side has that many points where a project that needs neither is told to have both.
const ENOUGH: u32 = 4;

/// The verdict, and whether the other side would do as well.
pub(crate) fn settle(lean: Lean, sides: Sides) -> (Verdict, bool) {
    let nothing_of_next = sides.stays == 0;
    // Something has to run in a process that lasts, or does already.
    if sides.goes > 0 || sides.declared || sides.service {
        let forced = sides.goes > 0 || sides.declared;
        let verdict = if nothing_of_next { Verdict::Express } else { Verdict::Both };
        return (verdict, !forced && matches!(lean, Lean::Next | Lean::Either));
    }
    // Preferences alone move nobody, unless there is enough behind them.
    if matches!(lean, Lean::Both | Lean::Express) && sides.persistent >= ENOUGH {
        let both = lean == Lean::Both || sides.serverless >= ENOUGH;
        return (if both { Verdict::Both } else { Verdict::Express }, true);
    }
    let close = sides.persistent + 1 >= sides.serverless;
    (Verdict::Next, lean == Lean::Either || lean != Lean::Next && close)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Sides =
        Sides { stays: 5, goes: 0, service: false, declared: false, persistent: 0, serverless: 0 };

    #[test]
    fn what_cannot_run_in_next_js_moves_and_the_rest_stays() {
        assert_eq!(settle(Lean::Both, Sides { goes: 2, ..QUIET }), (Verdict::Both, false));
        assert_eq!(settle(Lean::Express, Sides { goes: 2, ..QUIET }), (Verdict::Both, false));
        assert_eq!(settle(Lean::Express, Sides { stays: 0, goes: 2, ..QUIET }), (Verdict::Express, false));
        assert_eq!(settle(Lean::Both, Sides { declared: true, ..QUIET }), (Verdict::Both, false));
    }

    #[test]
    fn a_service_that_is_there_stays_and_is_said_to_be_a_choice_where_nothing_needs_it() {
        let service = Sides { service: true, ..QUIET };
        assert_eq!(settle(Lean::Next, service), (Verdict::Both, true));
        assert_eq!(settle(Lean::Both, service), (Verdict::Both, false));
        assert_eq!(settle(Lean::Either, Sides { stays: 0, ..service }), (Verdict::Express, true));
    }

    #[test]
    fn a_need_that_the_host_meets_moves_nothing() {
        assert_eq!(settle(Lean::Both, Sides { persistent: 3, ..QUIET }), (Verdict::Next, true));
        let outweighed = Sides { persistent: 2, serverless: 5, ..QUIET };
        assert_eq!(settle(Lean::Both, outweighed), (Verdict::Next, false));
    }

    #[test]
    fn preferences_with_enough_behind_them_make_it_both_and_either_will_do() {
        let weighed = Sides { persistent: 4, serverless: 4, ..QUIET };
        assert_eq!(settle(Lean::Both, weighed), (Verdict::Both, true));
        assert_eq!(settle(Lean::Express, Sides { serverless: 1, ..weighed }), (Verdict::Express, true));
        assert_eq!(settle(Lean::Both, Sides { persistent: 2, ..weighed }), (Verdict::Next, false));
    }

    #[test]
    fn where_nothing_speaks_it_stays_and_either_will_do() {
        assert_eq!(settle(Lean::Next, QUIET), (Verdict::Next, false));
        assert_eq!(settle(Lean::Either, QUIET), (Verdict::Next, true));
    }
}
