package dev.turnout.app.demo;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Immutable. What a backend of the demo answers. */
record DemoReply(int status, String contentType, String body) {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String PAGE = readPage();

    static DemoReply text(int status, String body) {
        return new DemoReply(status, "text/plain; charset=utf-8", body);
    }

    static DemoReply json(ObjectNode body) {
        return new DemoReply(200, "application/json", body.toPrettyString() + "\n");
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** The request as it arrived: a page for browsers, one line for who wants plain text, else JSON. */
    static DemoReply echo(DemoIdentity identity, HttpRequest request, long bodyBytes) {
        String accept = request.headers().get(HttpHeaderNames.ACCEPT, "*/*");
        if (accept.contains("text/html")) {
            return new DemoReply(200, "text/html; charset=utf-8", PAGE);
        }
        if (accept.startsWith("text/plain")) {
            return text(200, identity.colour().label() + " " + identity.version() + " " + identity.backend() + "\n");
        }
        ObjectNode json = object().put("colour", identity.colour().label())
                .put("version", identity.version())
                .put("backend", identity.backend());
        ObjectNode echo = json.putObject("request")
                .put("method", request.method().name())
                .put("path", request.uri())
                .put("bodyBytes", bodyBytes);
        ObjectNode fields = echo.putObject("headers");
        HttpHeaders headers = request.headers();
        for (String name : headers.names()) {
            if (name.equalsIgnoreCase("X-Turnout-Mirror")) {
                // An echo of it would differ from what users get, whatever the versions.
                continue;
            }
            fields.put(name, String.join(", ", headers.getAll(name)));
        }
        return json(json);
    }

    private static String readPage() {
        try (InputStream page = Objects.requireNonNull(DemoReply.class.getResourceAsStream("page.html"))) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
