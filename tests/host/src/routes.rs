//! Which component answers a path.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};

use crate::manifest::{HttpTrigger, Route};

/// Spin answers everything below this prefix itself.
pub const WELL_KNOWN: &str = "/.well-known/spin/";

/// The routes of the application. Matching is left to the crate that Spin uses for it, so that
/// precedence is the same.
pub struct Routes(routefinder::Router<Mount>);

/// One route and the component behind it.
struct Mount {
    component: String,
    /// As the manifest has it.
    raw: String,
    /// Absolute and without a trailing slash.
    based: String,
}

/// The component that answers a request, and how the request came to it.
#[derive(Debug, PartialEq)]
pub struct RouteMatch {
    pub component: String,
    /// The route as the manifest has it.
    pub raw_route: String,
    pub based_route: String,
    /// What a trailing `/...` matched, with its leading slash.
    pub path_info: String,
    /// The values of `:name` segments.
    pub named: Vec<(String, String)>,
}

impl Routes {
    /// Of two equal routes the later one counts, as on Spin; the first is reported.
    pub fn build(triggers: &[HttpTrigger]) -> Result<Self> {
        let mut mounts: BTreeMap<&str, &str> = BTreeMap::new();
        for trigger in triggers {
            let Route::Pattern(route) = &trigger.route else {
                continue;
            };
            if let Some(replaced) = mounts.insert(route, &trigger.component) {
                eprintln!(
                    "stoa-host: route {route} of {replaced} is replaced by that of {}",
                    trigger.component
                );
            }
            if route.starts_with(WELL_KNOWN) {
                eprintln!("stoa-host: route {route} is never reached: Spin owns {WELL_KNOWN}");
            }
        }
        let mut router = routefinder::Router::new();
        for (raw, component) in mounts {
            let based = absolute(raw);
            let pattern = match based.strip_suffix("/...") {
                Some(prefix) => format!("{prefix}/*"),
                None => based.clone(),
            };
            let mount = Mount {
                component: component.to_owned(),
                raw: raw.to_owned(),
                based,
            };
            router
                .add(pattern.as_str(), mount)
                .map_err(|e| anyhow!("route {raw:?} of component {component:?}: {e}"))?;
        }
        Ok(Self(router))
    }

    /// The route that matches best: an exact one before a wildcard, a longer before a shorter.
    pub fn find(&self, path: &str) -> Option<RouteMatch> {
        let found = self.0.best_match(path)?;
        let captures = found.captures();
        let mount = found.handler();
        Some(RouteMatch {
            component: mount.component.clone(),
            raw_route: mount.raw.clone(),
            based_route: mount.based.clone(),
            path_info: captures
                .wildcard()
                .map(|rest| path_info(rest, path))
                .unwrap_or_default(),
            named: captures
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }
}

impl RouteMatch {
    /// How a request arrives that another component made by name.
    pub fn chained(component: &str, path: &str) -> Self {
        Self {
            component: component.to_owned(),
            raw_route: "/...".to_owned(),
            based_route: "/...".to_owned(),
            path_info: path.to_owned(),
            named: Vec::new(),
        }
    }

    /// The route without its wildcard.
    pub fn prefix(&self) -> &str {
        self.raw_route
            .strip_suffix("/...")
            .unwrap_or(&self.raw_route)
    }
}

fn absolute(route: &str) -> String {
    let route = route.strip_suffix('/').unwrap_or(route);
    if route.starts_with('/') || route.is_empty() {
        route.to_owned()
    } else {
        format!("/{route}")
    }
}

/// The matcher drops slashes at both ends of what a wildcard matched; Spin gives them back.
fn path_info(rest: &str, path: &str) -> String {
    let leading = if rest.is_empty() { "" } else { "/" };
    let trailing = if path.ends_with('/') { "/" } else { "" };
    format!("{leading}{rest}{trailing}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(patterns: &[(&str, &str)]) -> Routes {
        let triggers: Vec<_> = patterns
            .iter()
            .map(|(route, component)| HttpTrigger {
                id: String::new(),
                component: (*component).to_owned(),
                route: Route::Pattern((*route).to_owned()),
            })
            .collect();
        Routes::build(&triggers).unwrap()
    }

    fn component(routes: &Routes, path: &str) -> Option<String> {
        routes.find(path).map(|found| found.component)
    }

    #[test]
    fn an_exact_route_goes_before_a_wildcard_and_a_longer_before_a_shorter() {
        let routes = routes(&[
            ("/...", "edge"),
            ("/v1/orders/...", "order"),
            ("/v1/...", "v1"),
            ("/v1/orders/health", "health"),
        ]);
        for (path, expected) in [
            ("/", "edge"),
            ("/docs", "edge"),
            ("/v1/orders", "order"),
            ("/v1/orders/", "order"),
            ("/v1/orders/7/lines", "order"),
            ("/v1/orders/health", "health"),
            ("/v1/ordersx", "v1"),
        ] {
            assert_eq!(
                component(&routes, path).as_deref(),
                Some(expected),
                "{path}"
            );
        }
    }

    #[test]
    fn without_a_catch_all_there_may_be_no_match() {
        let routes = routes(&[("/a", "a"), ("/b/...", "b")]);
        assert_eq!(component(&routes, "/a/x"), None);
        assert_eq!(component(&routes, "/"), None);
        assert_eq!(component(&routes, "/a").as_deref(), Some("a"));
    }

    #[test]
    fn one_component_may_have_several_routes_and_the_last_of_equal_ones_counts() {
        let routes = routes(&[("/a", "x"), ("/b", "x"), ("/b", "y")]);
        assert_eq!(component(&routes, "/a").as_deref(), Some("x"));
        assert_eq!(component(&routes, "/b").as_deref(), Some("y"));
    }

    #[test]
    fn the_path_info_keeps_its_slashes() {
        let routes = routes(&[("/foo/...", "a")]);
        for (path, expected) in [
            ("/foo", ""),
            ("/foo/", "/"),
            ("/foo/bar", "/bar"),
            ("/foo/bar/", "/bar/"),
        ] {
            assert_eq!(routes.find(path).unwrap().path_info, expected, "{path}");
        }
        let found = routes.find("/foo/bar").unwrap();
        assert_eq!(
            (found.raw_route.as_str(), found.prefix()),
            ("/foo/...", "/foo")
        );
    }

    #[test]
    fn named_segments_are_captured() {
        let found = routes(&[("/u/:id/...", "a")]).find("/u/42/x").unwrap();
        assert_eq!(found.named, [("id".to_owned(), "42".to_owned())]);
        assert_eq!(found.path_info, "/x");
    }
}
