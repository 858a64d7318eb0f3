package dev.turnout.admin;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Immutable. The table of what can be asked for; openapi.json describes the same. */
final class AdminRouter {

    /** Immutable. The route a request takes. */
    record Match(Route route, Map<String, String> variables) {
        Match {
            Objects.requireNonNull(route);
            variables = Map.copyOf(variables);
        }
    }

    private static final String BACKEND = "/admin/pools/{colour}/backends/{address}";

    private final List<Route> routes;

    AdminRouter(
            Views views,
            Commands commands,
            CanaryCommands canary,
            HoldCommands hold,
            MirrorCommands mirror,
            BackendCommands backends,
            WarmUpCommands warmUps,
            ReloadCommands config,
            ServicePages pages) {
        this.routes = List.of(
                get("/", Role.VIEWER, "this page", this::index),
                get("/admin/status", Role.VIEWER, "the state; ?wait=60s&revision=42 waits for a change", views::status),
                get("/admin/pools", Role.VIEWER, "both pools", views::pools),
                get("/admin/pools/{colour}", Role.VIEWER, "one pool with its backends", views::pool),
                get(
                        "/admin/pools/{colour}/drain",
                        Role.VIEWER,
                        "how far a drain is, and what is in flight for longest",
                        views::drain),
                get(
                        "/admin/pools/{colour}/role",
                        Role.VIEWER,
                        "active, canary, draining or idle; ?wait=60s&not=idle waits",
                        views::role),
                route(
                        "PUT",
                        "/admin/pools/{colour}",
                        "the pool has these \"backends\" and this \"version\"",
                        backends::put),
                post("/admin/pools/{colour}/backends", "one backend more, \"address\" and \"weight\"", backends::add),
                route("PATCH", BACKEND, "gives a backend another \"weight\"", backends::weight),
                route("DELETE", BACKEND, "drains a backend and removes it; ?wait=30s&cut=true", backends::remove),
                post(BACKEND + "/drain", "no new requests to that backend", backends::drain),
                post(BACKEND + "/undrain", "it takes requests again", backends::undrain),
                post("/admin/config/reload", "reads the configuration file again", config::reload),
                get("/admin/history", Role.VIEWER, "who did what, when and why; ?limit=50&before=42", views::history),
                post("/admin/switch", "traffic to the idle colour, or the one named by \"to\"", commands::switchTo),
                post("/admin/rollback", "traffic back to the colour that had it before", commands::rollback),
                post("/admin/pools/{colour}/drain", "no new requests to that pool", commands::drain),
                post("/admin/pools/{colour}/undrain", "takes the order to drain back", commands::undrain),
                post(
                        "/admin/pools/{colour}/warm-up",
                        "requests and connections of Turnout's own to it",
                        warmUps::warmUp),
                post("/admin/maintenance", "\"enabled\":true answers all requests with 503", commands::maintenance),
                get("/admin/canary", Role.VIEWER, "the release under way, or how the last one ended", canary::show),
                post("/admin/canary", "begins a canary on the idle colour", canary::start),
                route("PATCH", "/admin/canary", "gives the canary another weight", canary::weight),
                post("/admin/canary/step", "to the next step now", canary::step),
                post("/admin/canary/pause", "lets the canary stand still", canary::pause),
                post("/admin/canary/resume", "lets it go on", canary::resume),
                post(
                        "/admin/canary/promote",
                        "the next step, or behind the last the traffic; \"full\":true at once",
                        canary::promote),
                post("/admin/canary/abort", "all requests back to the old colour", canary::abort),
                get("/admin/canary/judge", Role.VIEWER, "what the judge says, and by what", canary::judge),
                post("/admin/confirm", "the new colour is good: it does not go back by itself", canary::confirm),
                get("/admin/freeze", Role.VIEWER, "whether releases are frozen", canary::showFreeze),
                route("PUT", "/admin/freeze", "no release begins or goes on \"until\"", canary::freeze),
                route("DELETE", "/admin/freeze", "releases may go on", canary::unfreeze),
                post("/admin/hold", "new requests wait, \"for\":\"10s\"", hold::hold),
                post("/admin/release", "those who wait go on", hold::release),
                get("/admin/mirror", Role.VIEWER, "how the answers of both colours compare", mirror::show),
                post("/admin/mirror", "copies of requests to the idle colour, \"share\":10", mirror::start),
                route("DELETE", "/admin/mirror", "no more copies", mirror::end),
                get("/admin/openapi.json", Role.VIEWER, "this API in OpenAPI 3.1", pages::openApi),
                get("/metrics", Role.VIEWER, "for Prometheus", pages::metrics),
                get("/health/live", Role.NOBODY, "200 while the process answers", pages::live),
                get("/health/ready", Role.NOBODY, "200 while requests would be served", pages::ready));
    }

    private static Route get(String pattern, Role role, String summary, Route.Handler handler) {
        return new Route("GET", pattern, role, summary, handler);
    }

    private static Route post(String pattern, String summary, Route.Handler handler) {
        return route("POST", pattern, summary, handler);
    }

    private static Route route(String method, String pattern, String summary, Route.Handler handler) {
        return new Route(method, pattern, Role.OPERATOR, summary, handler);
    }

    List<Route> routes() {
        return routes;
    }

    /** The route of a request; a problem tells an unknown path from a method the path does not know. */
    Match find(String method, String path) throws Problem {
        Set<String> allowed = new TreeSet<>();
        for (Route route : routes) {
            Map<String, String> variables = route.variables(path).orElse(null);
            if (variables != null && route.method().equals(method)) {
                return new Match(route, variables);
            }
            if (variables != null) {
                allowed.add(route.method());
            }
        }
        if (allowed.isEmpty()) {
            throw new Problem(ProblemType.NOT_FOUND, "GET / lists what there is");
        }
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        String methods = String.join(", ", allowed);
        throw new Problem(ProblemType.METHOD_NOT_ALLOWED, "expected: " + methods).with("Allow", methods);
    }

    private CompletableFuture<Reply> index(Call call) {
        StringBuilder text = new StringBuilder("Turnout admin API\n\n");
        for (Route route : routes) {
            text.append(String.format("%-7s%-56s%s\n", route.method(), route.pattern(), route.summary()));
        }
        return CompletableFuture.completedFuture(Reply.text("text/plain; charset=utf-8", text.toString()));
    }
}
