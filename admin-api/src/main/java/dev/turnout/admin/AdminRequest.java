package dev.turnout.admin;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Confined to one event loop. A whole request, out of Netty's buffers.
 *
 * @param method a HEAD counts as the GET it stands for; the codec leaves the body out
 * @param path as sent, nothing decoded
 * @param gone completed when the client has left before its answer was ready
 */
record AdminRequest(
        String method,
        String path,
        Map<String, List<String>> query,
        HttpHeaders headers,
        String body,
        String remoteAddress,
        CompletableFuture<Void> gone) {

    AdminRequest {
        Objects.requireNonNull(method);
        Objects.requireNonNull(path);
        query = Map.copyOf(query);
        Objects.requireNonNull(headers);
        Objects.requireNonNull(body);
        Objects.requireNonNull(remoteAddress);
        Objects.requireNonNull(gone);
    }

    /** Copies what is needed; the message stays the caller's to release. */
    static AdminRequest of(FullHttpRequest message, String remoteAddress) throws Problem {
        QueryStringDecoder target = new QueryStringDecoder(message.uri());
        try {
            return new AdminRequest(
                    message.method().name().equals("HEAD")
                            ? "GET"
                            : message.method().name(),
                    target.rawPath(),
                    target.parameters(),
                    message.headers(),
                    message.content().toString(StandardCharsets.UTF_8),
                    remoteAddress,
                    new CompletableFuture<>());
        } catch (IllegalArgumentException e) {
            throw new Problem(ProblemType.MALFORMED_REQUEST, "the query has a percent sign that escapes nothing");
        }
    }

    /** Has something done when the client has left before its answer was ready. */
    void whenGone(Runnable then) {
        gone.thenRun(then);
    }

    /** Whether the client has left before its answer was ready. */
    boolean isGone() {
        return gone.isDone();
    }

    /** Whether it is allowed to change anything. */
    boolean mayChange() {
        return !method.equals("GET");
    }
}
