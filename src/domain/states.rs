//! State machines as tables: which moves there are, which of them are legal in a state, and a picture of them.

/// One legal move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move<S, A> {
    /// The state before.
    pub from: S,
    /// What is done.
    pub action: A,
    /// The state after; `None`: the thing is gone.
    pub to: Option<S>,
}

/// Something that is always in one of a few states.
pub trait Machine: Copy + PartialEq + 'static {
    /// What can be done with it, by callers or by the service itself.
    type Action: Copy + PartialEq + 'static;

    /// Every legal move, in the order that callers are told of them.
    const MOVES: &'static [Move<Self, Self::Action>];

    /// The state that a new thing begins in.
    const STARTS: &'static [Self];

    /// The state's name in the contract.
    fn state_name(self) -> &'static str;

    /// The action's name: of callers' actions the REST verb.
    fn action_name(action: Self::Action) -> &'static str;

    /// The actions that are legal in this state, each once.
    #[must_use]
    fn legal(self) -> Vec<Self::Action> {
        let mut actions = Vec::new();
        for step in Self::MOVES.iter().filter(|step| step.from == self) {
            if !actions.contains(&step.action) {
                actions.push(step.action);
            }
        }
        actions
    }

    /// Whether the action is still to be done: `Some(false)` when it has been done already, so that doing it again changes
    /// nothing; `None` when it is not legal.
    #[must_use]
    fn asks(self, action: Self::Action) -> Option<bool> {
        if Self::MOVES.iter().any(|step| step.from == self && step.action == action) {
            return Some(true);
        }
        let is_done = Self::MOVES.iter().any(|step| step.to == Some(self) && step.action == action);
        is_done.then_some(false)
    }
}

/// The picture of a machine (Mermaid, `stateDiagram-v2`). All that leads from one state to another is on one line.
#[must_use]
pub fn diagram<M: Machine>() -> String {
    let name = |state: Option<M>| state.map_or("[*]", Machine::state_name);
    let mut arrows: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for step in M::MOVES {
        let (from, to, action) = (step.from.state_name(), name(step.to), M::action_name(step.action));
        match arrows.iter_mut().find(|arrow| (arrow.0, arrow.1) == (from, to)) {
            Some((_, _, actions)) => actions.push(action),
            None => arrows.push((from, to, vec![action])),
        }
    }
    let starts = M::STARTS.iter().map(|start| format!("    [*] --> {}\n", start.state_name()));
    let moves = arrows.iter().map(|(from, to, actions)| format!("    {from} --> {to}: {}\n", actions.join(", ")));
    std::iter::once("stateDiagram-v2\n".to_owned()).chain(starts).chain(moves).collect()
}
