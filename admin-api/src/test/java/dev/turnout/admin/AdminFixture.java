package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.proxy.control.ChangeRequest;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The admin API without sockets, over a fake control plane and a clock that stands until it is moved. */
final class AdminFixture {

    final FakeControl control = new FakeControl();
    final WaitingRoom readers = new WaitingRoom(2);
    final WaitingRoom commanders = new WaitingRoom(2);
    final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final AdminRouter router;
    final AdminDispatch dispatch;
    boolean shuttingDown;
    long nanos;
    AdminRequest last;

    AdminFixture() {
        this(Optional.empty());
    }

    AdminFixture(Optional<Path> tokenFile) {
        WarmUpCommands warmUps = new WarmUpCommands(control, commanders);
        CanaryCommands canary = new CanaryCommands(control, warmUps, Clock.systemUTC());
        HoldCommands hold = new HoldCommands(control, warmUps, commanders, Clock.systemUTC(), Runnable::run);
        MirrorCommands mirror = new MirrorCommands(control, Clock.systemUTC());
        router = new AdminRouter(
                new Views(control, readers),
                new Commands(control, warmUps, hold, canary, mirror, commanders, Duration.ofMinutes(5)),
                canary,
                hold,
                mirror,
                new BackendCommands(control, commanders),
                warmUps,
                new ReloadCommands(control),
                new ServicePages(control, registry, () -> shuttingDown));
        try {
            dispatch = new AdminDispatch(
                    new CrossSiteGuard(List.of("admin.example")),
                    router,
                    new AdminAuth(tokenFile, () -> nanos),
                    new IdempotencyKeys(() -> nanos));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request from loopback; {@code fields} are names and values in turn. */
    static AdminRequest request(String method, String target, String body, String... fields) throws Problem {
        FullHttpRequest message = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(method),
                target,
                Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        message.headers().set("Host", "localhost:8081");
        if (!body.isEmpty()) {
            message.headers().set("Content-Type", "application/json");
        }
        for (int i = 0; i < fields.length; i += 2) {
            message.headers().set(fields[i], fields[i + 1]);
        }
        AdminRequest request = AdminRequest.of(message, "127.0.0.1");
        message.release();
        return request;
    }

    CompletableFuture<Reply> start(String method, String target, String body, String... fields) {
        try {
            last = request(method, target, body, fields);
        } catch (Problem e) {
            throw new IllegalArgumentException(e);
        }
        return dispatch.answer(last);
    }

    /** A request whose answer is of no interest. */
    void begin(String method, String target, String body) {
        assertThat(start(method, target, body)).isNotNull();
    }

    /** An answer that is expected at once. */
    Reply get(String target, String... fields) {
        return start("GET", target, "", fields).getNow(null);
    }

    Reply post(String target, String body, String... fields) {
        return start("POST", target, body, fields).getNow(null);
    }

    ChangeRequest onlyChange() {
        if (control.submitted.size() != 1) {
            throw new AssertionError(control.submitted);
        }
        return control.submitted.get(0);
    }

    static JsonNode json(Reply reply) {
        try {
            return Json.parse(reply.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last part of the type, once it was seen that it stands in all three places. */
    static String problem(Reply reply) {
        String word = reply.headers().get("X-Turnout-Error");
        JsonNode body = json(reply);
        boolean consistent = reply.contentType().equals("application/problem+json")
                && body.get("type").textValue().equals("https://turnout.dev/problems/" + word)
                && body.get("status").intValue() == reply.status();
        return consistent ? word : "not a problem: " + reply;
    }
}
