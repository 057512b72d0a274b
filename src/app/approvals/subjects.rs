//! What approvals are about: how each kind of thing is locked, and what becomes of it after a decision.
