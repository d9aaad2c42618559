//! The two complexities and the nesting of a function, as `source` defines them.

use syn::visit::Visit as _;
use syn::{BinOp, Expr, ExprBinary, ExprIf, Ident};

use super::Visitor;

/// What a function has come to so far.
#[derive(Debug, Default)]
pub(super) struct Complexity {
    function: String,
    pub(super) cyclomatic: u64,
    pub(super) cognitive: u64,
    /// How deep in other structures the visitor is.
    depth: u64,
    pub(super) deepest: u64,
}

impl Complexity {
    pub(super) fn of(function: &str) -> Self {
        Self {
            function: function.to_owned(),
            cyclomatic: 1,
            ..Self::default()
        }
    }
}

/// Outside of functions, in the value of a constant, nothing is counted.
impl Visitor {
    /// There are so many more ways to go on.
    pub(super) fn decide(&mut self, ways: usize) {
        if let Some(function) = self.open.last_mut() {
            function.cyclomatic += ways as u64;
        }
    }

    /// Something begins that is harder to follow the deeper it stands.
    pub(super) fn structure(&mut self) {
        if let Some(function) = self.open.last_mut() {
            function.cognitive += 1 + function.depth;
        }
    }

    /// Something that costs the same everywhere.
    fn obstacle(&mut self, times: usize) {
        if let Some(function) = self.open.last_mut() {
            function.cognitive += times as u64;
        }
    }

    pub(super) fn nested(&mut self, visit: impl FnOnce(&mut Self)) {
        if let Some(function) = self.open.last_mut() {
            function.depth += 1;
            function.deepest = function.deepest.max(function.depth);
        }
        visit(self);
        if let Some(function) = self.open.last_mut() {
            function.depth -= 1;
        }
    }

    /// An `if` with all that hangs on it: an `else if` does not stand deeper than its `if`.
    pub(super) fn branch(&mut self, expression: &ExprIf, is_else: bool) {
        self.decide(1);
        if is_else {
            self.obstacle(1);
        } else {
            self.structure();
        }
        self.visit_expr(&expression.cond);
        self.nested(|visitor| visitor.visit_block(&expression.then_branch));
        match expression.else_branch.as_ref().map(|(_, other)| &**other) {
            None => {}
            Some(Expr::If(other)) => self.branch(other, true),
            Some(other) => {
                self.obstacle(1);
                self.nested(|visitor| visitor.visit_expr(other));
            }
        }
    }

    /// A jump that goes to a label is one that the eye has to search.
    pub(super) fn jump(&mut self, has_label: bool) {
        self.obstacle(usize::from(has_label));
    }

    /// An operator with its sides. `&&` and `||` decide; like ones in a row are read as one.
    pub(super) fn condition(&mut self, expression: &ExprBinary) {
        if !is_logical(&expression.op) {
            return syn::visit::visit_expr_binary(self, expression);
        }
        let mut chain = Chain::default();
        chain.add(expression);
        self.decide(chain.are_and.len());
        let changes = chain.are_and.windows(2).filter(|two| two[0] != two[1]);
        self.obstacle(1 + changes.count());
        for operand in chain.operands {
            self.visit_expr(operand);
        }
    }

    /// A function that calls itself.
    pub(super) fn call(&mut self, called: &Expr) {
        if let Expr::Path(path) = called {
            let mut segments = path.path.segments.iter();
            match (segments.next(), segments.next(), segments.next()) {
                (Some(name), None, None) => self.call_of(&name.ident),
                (Some(of), Some(name), None) if of.ident == "Self" => self.call_of(&name.ident),
                _ => {}
            }
        }
    }

    pub(super) fn call_of(&mut self, name: &Ident) {
        if let Some(function) = self.open.last_mut() {
            function.cognitive += u64::from(*name == function.function);
        }
    }
}

/// The operators of a condition in the order in which they are read, and what stands between them.
#[derive(Default)]
struct Chain<'ast> {
    are_and: Vec<bool>,
    operands: Vec<&'ast Expr>,
}

impl<'ast> Chain<'ast> {
    fn add(&mut self, expression: &'ast ExprBinary) {
        self.add_side(&expression.left);
        self.are_and.push(matches!(expression.op, BinOp::And(_)));
        self.add_side(&expression.right);
    }

    fn add_side(&mut self, side: &'ast Expr) {
        match side {
            Expr::Binary(inner) if is_logical(&inner.op) => self.add(inner),
            Expr::Paren(paren) => self.add_side(&paren.expr),
            other => self.operands.push(other),
        }
    }
}

fn is_logical(operator: &BinOp) -> bool {
    matches!(operator, BinOp::And(_) | BinOp::Or(_))
}
