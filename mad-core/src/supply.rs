//! Where the values come from that checks borrow: the application, or providers.

use std::fmt;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::check::Check;
use crate::context::{Context, Need, SharedValue, TypeKey};
use crate::descriptor::{LocalFuture, Location, ProviderDescriptor, ProviderFunction};
use crate::isolation;
use crate::journal;
use crate::outcome::{BoxError, Cause, Failure};
use crate::registry::Registry;

/// The values of the application, and the providers that make what is missing.
///
/// A provider runs when a check first needs its value, on that check's thread and within its
/// deadline. Its value is kept; its failure is not, so that the next run tries again.
#[derive(Debug)]
pub(crate) struct Supply {
    supplied: Context,
    providers: Vec<Provider>,
}

#[derive(Debug)]
struct Provider {
    descriptor: &'static ProviderDescriptor,
    key: TypeKey,
    made: OnceCell<SharedValue>,
}

impl Supply {
    /// Takes the application's values and every linked provider.
    pub(crate) fn linked(supplied: Context) -> Self {
        let linked = inventory::iter::<ProviderDescriptor>().map(|descriptor| Provider {
            descriptor,
            key: (descriptor.provides)(),
            made: OnceCell::new(),
        });
        let mut providers: Vec<_> = linked.collect();
        providers.sort_by_key(|provider| {
            // Those for tests come first, and so win.
            let Location { file, line, .. } = provider.descriptor.location;
            (!provider.descriptor.is_for_tests, file, line)
        });
        Self {
            supplied,
            providers,
        }
    }

    /// Returns everything that would go wrong for these checks, before any of them runs.
    pub(crate) fn problems(&self, registry: &Registry) -> Vec<SupplyProblem> {
        let missing = registry.iter().flat_map(|check| self.missing(check));
        self.ambiguous().into_iter().chain(missing).collect()
    }

    /// Returns what a check needs and nobody supplies.
    pub(crate) fn missing(&self, check: &Check) -> Vec<SupplyProblem> {
        if check.needs().is_empty() {
            return Vec::new();
        }
        let supplied = self.supplied_to(check);
        let missing = check.needs().iter().filter_map(|need| {
            let chain = self.trace((need.key)(), &supplied, &mut Vec::new());
            chain.err().map(|chain| SupplyProblem::Missing {
                check: check.name().to_owned(),
                location: check.location(),
                argument: need.argument,
                type_name: (need.key)().name(),
                chain,
                supplied: supplied.type_names(),
                is_isolated: isolation::is_asked_for(check),
            })
        });
        missing.collect()
    }

    /// Returns what the application supplies to a check: nothing, where it has a process of its own.
    fn supplied_to(&self, check: &Check) -> Context {
        if isolation::is_asked_for(check) {
            Context::new()
        } else {
            self.supplied.clone()
        }
    }

    /// Two providers of one type, of which neither is for tests or both are.
    fn ambiguous(&self) -> Vec<SupplyProblem> {
        let mut problems = Vec::new();
        for (index, first) in self.providers.iter().enumerate() {
            let is_same = |second: &&Provider| {
                second.key == first.key
                    && second.descriptor.is_for_tests == first.descriptor.is_for_tests
            };
            if let Some(second) = self.providers[index + 1..].iter().find(is_same) {
                problems.push(SupplyProblem::Ambiguous {
                    type_name: first.key.name(),
                    first: first.descriptor.location,
                    second: second.descriptor.location,
                });
            }
        }
        problems
    }

    /// Follows a type to its source. The error says how far it got, for people.
    fn trace(
        &self,
        key: TypeKey,
        supplied: &Context,
        path: &mut Vec<&'static ProviderDescriptor>,
    ) -> Result<(), String> {
        if supplied.contains(key) {
            return Ok(());
        }
        let Some(provider) = self.provider(key) else {
            return Err(match path.last() {
                None => String::new(),
                Some(last) => format!("provider `{}` needs a `{}`", last.name, key.name()),
            });
        };
        let provider = provider.descriptor;
        if path.iter().any(|seen| std::ptr::eq(*seen, provider)) {
            let names: Vec<_> = path.iter().map(|seen| seen.name).collect();
            let (name, names) = (provider.name, names.join(" -> "));
            return Err(format!("provider `{name}` needs itself: {names} -> {name}"));
        }
        path.push(provider);
        let mut needs = provider.needs.iter();
        needs.try_for_each(|need| self.trace((need.key)(), supplied, path))?;
        path.pop();
        Ok(())
    }

    fn provider(&self, key: TypeKey) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.key == key)
    }

    /// Gathers the values for these needs, making what has not been made yet.
    pub(crate) async fn prepare(&self, needs: &[Need]) -> Result<Context, Failure> {
        let mut context = self.supplied.clone();
        for key in needs.iter().map(|need| (need.key)()) {
            if !context.contains(key) {
                context.insert(key, self.value(key).await?);
            }
        }
        Ok(context)
    }

    /// Boxed, as a provider may need a value that another one makes.
    fn value(&self, key: TypeKey) -> LocalFuture<'_, Result<SharedValue, Failure>> {
        Box::pin(async move {
            let Some(provider) = self.provider(key) else {
                let message = format!("nobody supplies a `{}`", key.name());
                return Err(Failure::new(Cause::Failed, message));
            };
            if let Some(value) = provider.made.get() {
                return Ok(Arc::clone(value));
            }
            let made = provider
                .made
                .get_or_try_init(|| self.make(provider.descriptor));
            // A step, so that a run which timed out says what it was waiting for.
            let step = format!("provider `{}`", provider.descriptor.name);
            journal::step(step, made).await.map(Arc::clone)
        })
    }

    async fn make(&self, provider: &'static ProviderDescriptor) -> Result<SharedValue, Failure> {
        let context = Box::pin(self.prepare(provider.needs)).await?;
        let made = match provider.function {
            ProviderFunction::Sync(function) => function(&context),
            ProviderFunction::Async(function) => function(&context).await,
        };
        made.map_err(|error| {
            Failure::from_error(&ProviderError {
                provider: provider.name,
                error,
            })
        })
    }
}

/// What went wrong in a provider.
#[derive(Debug)]
struct ProviderError {
    provider: &'static str,
    error: BoxError,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "provider `{}` failed", self.provider)
    }
}

impl std::error::Error for ProviderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.error)
    }
}

/// A value that cannot be had, or could be had twice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum SupplyProblem {
    Missing {
        check: String,
        location: Location,
        argument: &'static str,
        type_name: &'static str,
        chain: String,
        supplied: Vec<&'static str>,
        is_isolated: bool,
    },
    Ambiguous {
        type_name: &'static str,
        first: Location,
        second: Location,
    },
}

impl fmt::Display for SupplyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing {
                check,
                location,
                argument,
                type_name,
                chain,
                supplied,
                is_isolated,
            } => {
                write!(
                    f,
                    "check `{check}` ({location}) needs a `{type_name}` for its argument `{argument}`"
                )?;
                if !chain.is_empty() {
                    write!(f, ", and {chain}")?;
                }
                if *is_isolated {
                    f.write_str(": it runs in a process of its own, where what `.provide(value)` supplies does not exist: write a `#[provider]`")
                } else if supplied.is_empty() {
                    f.write_str(": supply it with `.provide(value)` or a `#[provider]`; nothing is supplied so far")
                } else {
                    let list = supplied.join("`, `");
                    write!(
                        f,
                        ": supply it with `.provide(value)` or a `#[provider]`; supplied are `{list}`"
                    )
                }
            }
            Self::Ambiguous {
                type_name,
                first,
                second,
            } => write!(
                f,
                "two providers make a `{type_name}`: {first} and {second}; keep one"
            ),
        }
    }
}
