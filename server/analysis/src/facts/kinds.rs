//! The words in which the fact patterns say what they capture.

/// What a fact pattern captures: the closed vocabulary of `queries/facts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactKind {
    Import,
    Export,
    Function,
    Class,
    Block,
    Declarator,
    Call,
    New,
    Context,
    Await,
    Return,
    Branch,
    Field,
    Element,
    Comment,
}

impl FactKind {
    /// Every capture name that a fact pattern may use.
    pub(crate) const NAMES: &'static [(&'static str, FactKind)] = &[
        ("import", FactKind::Import),
        ("export", FactKind::Export),
        ("function", FactKind::Function),
        ("class", FactKind::Class),
        ("block", FactKind::Block),
        ("declarator", FactKind::Declarator),
        ("call", FactKind::Call),
        ("new", FactKind::New),
        ("context", FactKind::Context),
        ("await", FactKind::Await),
        ("return", FactKind::Return),
        ("branch", FactKind::Branch),
        ("field", FactKind::Field),
        ("element", FactKind::Element),
        ("comment", FactKind::Comment),
    ];
}
