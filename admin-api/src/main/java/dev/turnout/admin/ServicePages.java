package dev.turnout.admin;

import dev.turnout.proxy.control.Status;
import dev.turnout.proxy.control.Status.PoolStatus;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Confined to one event loop. What machines ask for: probes, metrics, and the description of the API. */
final class ServicePages {

    private static final String PLAIN_METRICS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final Control control;
    private final PrometheusMeterRegistry registry;
    private final BooleanSupplier shuttingDown;
    private final String openApi = readOpenApi();

    ServicePages(Control control, PrometheusMeterRegistry registry, BooleanSupplier shuttingDown) {
        this.control = control;
        this.registry = registry;
        this.shuttingDown = shuttingDown;
    }

    /** GET /metrics, in the older text format or in OpenMetrics, as the scraper likes. */
    CompletableFuture<Reply> metrics(Call call) {
        String accept = call.request().headers().get(HttpHeaderNames.ACCEPT, "");
        String format = accept.contains("application/openmetrics-text") ? OPEN_METRICS : PLAIN_METRICS;
        return CompletableFuture.completedFuture(Reply.text(format, registry.scrape(format)));
    }

    /** GET /health/live: this answer is the proof. */
    CompletableFuture<Reply> live(Call call) {
        return CompletableFuture.completedFuture(Reply.json(200, Json.object().put("status", "live")));
    }

    /** GET /health/ready: whether requests sent here now would be served. */
    CompletableFuture<Reply> ready(Call call) throws Problem {
        if (shuttingDown.getAsBoolean()) {
            throw new Problem(ProblemType.NOT_READY, "the process is shutting down");
        }
        Status status = control.status();
        PoolStatus active = status.pool(status.active());
        if (active.drain().isPresent()) {
            throw new Problem(ProblemType.NOT_READY, "the active pool is drained: it takes no requests");
        }
        if (active.usable() == 0 && !active.panic()) {
            throw new Problem(ProblemType.NOT_READY, "the active pool has no usable backend");
        }
        return CompletableFuture.completedFuture(Reply.json(200, Json.object().put("status", "ready")));
    }

    /** GET /admin/openapi.json. */
    CompletableFuture<Reply> openApi(Call call) {
        return CompletableFuture.completedFuture(Reply.text(Reply.JSON, openApi));
    }

    private static String readOpenApi() {
        try (InputStream resource =
                Objects.requireNonNull(ServicePages.class.getResourceAsStream("openapi.json"), "openapi.json")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
