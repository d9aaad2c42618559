//! The functions of a file, and what is in them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Signature};

mod complexity;
mod macros;
mod names;

use super::calls::{Call, Scope};
use complexity::Complexity;

/// Attributes that make a function a test by another name than `test`.
const TEST_ATTRIBUTES: &[&str] = &[
    "bench",
    "proptest",
    "quickcheck",
    "rstest",
    "self_test",
    "test",
    "test_case",
    "wasm_bindgen_test",
];

/// What is in a file.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) functions: Vec<Function>,
    pub(super) n_unsafe: u64,
    pub(super) tests: u64,
}

/// A function or method that has a body.
#[derive(Debug)]
pub(super) struct Function {
    /// With the modules and types of the file that it is in.
    pub(super) name: String,
    /// From `fn` to the closing brace; the first line is 1.
    pub(super) lines: RangeInclusive<usize>,
    pub(super) parameters: u64,
    pub(super) cyclomatic: u64,
    pub(super) cognitive: u64,
    pub(super) nesting: u64,
    pub(super) scope: Scope,
    pub(super) calls: BTreeSet<Call>,
}

impl Contents {
    pub(super) fn of(file: &syn::File) -> Self {
        let mut visitor = Visitor::default();
        visitor.visit_file(file);
        visitor.contents
    }
}

/// Goes through a file once.
#[derive(Default)]
struct Visitor {
    contents: Contents,
    /// The modules, types and functions around.
    path: Vec<String>,
    /// What a function would have around it.
    scope: Scope,
    /// The functions around, the innermost last.
    open: Vec<Complexity>,
    /// Their places.
    callers: Vec<usize>,
}

impl Visitor {
    fn within(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.path.push(name);
        visit(self);
        self.path.pop();
    }

    /// The modules, or the type, that is around what is visited.
    fn scoped(&mut self, scope: Scope, name: String, visit: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.scope, scope);
        self.within(name, visit);
        self.scope = around;
    }

    fn of_owner(&self, owner: String) -> Scope {
        Scope {
            owner: Some(owner),
            ..self.scope.clone()
        }
    }

    fn calls(&mut self, call: Call) {
        if let Some(caller) = self.callers.last() {
            self.contents.functions[*caller].calls.insert(call);
        }
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, body: &Block) {
        self.contents.tests += u64::from(attributes.iter().any(is_test));
        self.contents.n_unsafe += u64::from(matches!(signature.safety, syn::Safety::Unsafe(_)));
        let name = signature.ident.to_string();
        self.open.push(Complexity::of(&name));
        let index = self.contents.functions.len();
        self.callers.push(index);
        let within = Scope {
            owner: None,
            ..self.scope.clone()
        };
        let scope = Scope {
            is_method: signature.receiver().is_some(),
            ..self.scope.clone()
        };
        self.scoped(within, name, |visitor| {
            visitor.contents.functions.push(Function {
                name: visitor.path.join("::"),
                lines: lines_of(signature, body),
                parameters: signature.inputs.len() as u64,
                cyclomatic: 0,
                cognitive: 0,
                nesting: 0,
                scope,
                calls: BTreeSet::new(),
            });
            visitor.visit_block(body);
        });
        self.callers.pop();
        let complexity = self.open.pop().unwrap_or_default();
        let function = &mut self.contents.functions[index];
        function.cyclomatic = complexity.cyclomatic;
        function.cognitive = complexity.cognitive;
        function.nesting = complexity.deepest;
    }

    fn saw_unsafe(&mut self, is_unsafe: bool) {
        self.contents.n_unsafe += u64::from(is_unsafe);
    }
}

fn is_test(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|last| TEST_ATTRIBUTES.iter().any(|name| last.ident == name))
}

fn lines_of(signature: &Signature, body: &Block) -> RangeInclusive<usize> {
    let begin = signature.fn_token.span.start().line;
    let end = body.brace_token.span.close().end().line;
    begin..=end
}

impl<'ast> Visit<'ast> for Visitor {
    // What is in attributes is no code of the function.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = module.ident.to_string();
        let mut scope = self.scope.clone();
        scope.modules.push(name.clone());
        self.scoped(scope, name, |visitor| {
            visit::visit_item_mod(visitor, module);
        });
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.saw_unsafe(item.unsafety.is_some());
        let name = item.ident.to_string();
        self.scoped(self.of_owner(name.clone()), name, |visitor| {
            visit::visit_item_trait(visitor, item);
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.saw_unsafe(item.unsafety.is_some());
        self.scoped(
            self.of_owner(names::owner(item)),
            names::of_impl(item),
            |visitor| {
                visit::visit_item_impl(visitor, item);
            },
        );
    }

    fn visit_item_foreign_mod(&mut self, item: &'ast syn::ItemForeignMod) {
        self.saw_unsafe(item.unsafety.is_some());
        visit::visit_item_foreign_mod(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.attrs, &item.sig, body);
        }
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if item.ident.is_none() {
            self.macro_items(&item.mac);
        }
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.macro_arguments(called);
    }

    fn visit_expr_unsafe(&mut self, expression: &'ast syn::ExprUnsafe) {
        self.saw_unsafe(true);
        visit::visit_expr_unsafe(self, expression);
    }

    fn visit_expr_if(&mut self, expression: &'ast syn::ExprIf) {
        self.branch(expression, false);
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        self.decide(expression.arms.len().saturating_sub(1));
        self.structure();
        self.visit_expr(&expression.expr);
        self.nested(|visitor| {
            for arm in &expression.arms {
                visitor.visit_arm(arm);
            }
        });
    }

    fn visit_pat_guard(&mut self, pattern: &'ast syn::PatGuard) {
        self.decide(1);
        visit::visit_pat_guard(self, pattern);
    }

    fn visit_expr_while(&mut self, expression: &'ast syn::ExprWhile) {
        self.decide(1);
        self.structure();
        self.visit_expr(&expression.cond);
        self.nested(|visitor| visitor.visit_block(&expression.body));
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast syn::ExprForLoop) {
        self.decide(1);
        self.structure();
        self.visit_expr(&expression.expr);
        self.nested(|visitor| visitor.visit_block(&expression.body));
    }

    fn visit_expr_loop(&mut self, expression: &'ast syn::ExprLoop) {
        self.structure();
        self.nested(|visitor| visitor.visit_block(&expression.body));
    }

    fn visit_local_init(&mut self, init: &'ast syn::LocalInit) {
        self.visit_expr(&init.expr);
        if let Some((_, diverge)) = &init.diverge {
            self.decide(1);
            self.structure();
            self.nested(|visitor| visitor.visit_expr(diverge));
        }
    }

    fn visit_expr_closure(&mut self, expression: &'ast syn::ExprClosure) {
        self.nested(|visitor| visit::visit_expr_closure(visitor, expression));
    }

    fn visit_expr_try(&mut self, expression: &'ast syn::ExprTry) {
        self.decide(1);
        visit::visit_expr_try(self, expression);
    }

    fn visit_expr_binary(&mut self, expression: &'ast syn::ExprBinary) {
        self.condition(expression);
    }

    fn visit_expr_break(&mut self, expression: &'ast syn::ExprBreak) {
        self.jump(expression.label.is_some());
        visit::visit_expr_break(self, expression);
    }

    fn visit_expr_continue(&mut self, expression: &'ast syn::ExprContinue) {
        self.jump(expression.label.is_some());
    }

    fn visit_expr_call(&mut self, expression: &'ast syn::ExprCall) {
        self.call(&expression.func);
        if let syn::Expr::Path(path) = &*expression.func {
            self.calls(Call::Path(names::of_path(&path.path)));
        }
        visit::visit_expr_call(self, expression);
    }

    fn visit_expr_path(&mut self, expression: &'ast syn::ExprPath) {
        // What is handed over is called by whoever gets it. One word alone is more often a variable.
        if expression.path.segments.len() > 1 {
            self.calls(Call::Path(names::of_path(&expression.path)));
        }
        visit::visit_expr_path(self, expression);
    }

    fn visit_expr_method_call(&mut self, expression: &'ast syn::ExprMethodCall) {
        let is_on_self = expression.receiver.to_token_stream().to_string() == "self";
        if is_on_self {
            self.call_of(&expression.method);
        }
        self.calls(Call::Method {
            name: expression.method.to_string(),
            arguments: 1 + expression.args.len() as u64,
            is_on_self,
        });
        visit::visit_expr_method_call(self, expression);
    }
}
